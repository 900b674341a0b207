"""The base of the apps that draw our widgets, in the styles and colors of beantop."""

from pathlib import Path

from textual.app import App

import beantop.app
from beantop.app.themes import syntax_colors
from tests.bench.painted import Costs


class OurApp(App[Costs]):
    CSS_PATH = Path(beantop.app.__file__).with_name("beantop.tcss")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return syntax_colors(self.current_theme)
