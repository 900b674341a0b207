"""The styles of words on the screen, by name. Their colors come from the theme."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rich.style import Style
from textual.app import App
from textual.color import Color


class NamedStyle(NamedTuple):
    """How words look. What is left out is as around them."""

    color: str = ""
    """A color of the theme, or one of the terminal's own colors."""
    on: str = ""
    """The background, in the same way."""
    strength: float = 1.0
    """How much the background, or else the color, covers what is below it; from 0 to 1."""
    attributes: str = ""
    """Such as "bold underline"."""


STYLES: Mapping[str, NamedStyle] = {
    "accent": NamedStyle("accent"),
    "accent-1": NamedStyle("accent", strength=0.55),  # shades of graphs: `view.graph.SHADES`
    "accent-2": NamedStyle("accent", strength=0.7),
    "accent-3": NamedStyle("accent", strength=0.85),
    "alarm": NamedStyle("background", on="error", attributes="bold"),
    "bad": NamedStyle("error"),
    "bad-1": NamedStyle("error", strength=0.55),
    "bad-2": NamedStyle("error", strength=0.7),
    "bad-3": NamedStyle("error", strength=0.85),
    "bold": NamedStyle(attributes="bold"),
    "color-red": NamedStyle("ansi_bright_red"),  # colors of servers: `config.settings.COLORS`
    "color-yellow": NamedStyle("ansi_yellow"),
    "color-green": NamedStyle("ansi_green"),
    "color-cyan": NamedStyle("ansi_cyan"),
    "color-blue": NamedStyle("ansi_bright_blue"),
    "color-magenta": NamedStyle("ansi_magenta"),
    "column": NamedStyle(on="panel", attributes="bold"),
    "cursor": NamedStyle("background", on="primary", attributes="bold"),
    "cursor-row": NamedStyle(on="primary", strength=0.3, attributes="bold"),
    "dim": NamedStyle("foreground", strength=0.65),
    "found": NamedStyle("warning", attributes="bold underline"),
    "good": NamedStyle("success"),
    "key": NamedStyle("syntax-key"),
    "literal": NamedStyle("syntax-literal"),
    "marked": NamedStyle("accent", attributes="bold"),
    "number": NamedStyle("syntax-number"),
    "sorted": NamedStyle("accent"),
    "string": NamedStyle("syntax-string"),
    "warn": NamedStyle("warning"),
}

REVERSE = "reverse bold"


class Ink(NamedTuple):
    """A style in the colors of the theme in use."""

    color: Color | None
    background: Color | None
    attributes: Style


def ink_of(name: str, app: App[Any]) -> Ink:
    """Return the style with that name."""
    style = _suited(name, app)
    color, background = _color(style.color, app), _color(style.on, app)
    if background:
        background = background.multiply_alpha(style.strength)
    elif color:
        color = color.multiply_alpha(style.strength)
    return Ink(color, background, Style.parse(style.attributes))


def _suited(name: str, app: App[Any]) -> NamedStyle:
    """Return a style as it suits the terminal and the theme."""
    style = STYLES[name]
    if not (app.no_color or app.native_ansi_color):
        is_too_strong = name == "cursor-row" and not app.current_theme.dark
        return style._replace(strength=0.2) if is_too_strong else style
    # Without colors the cursor is reverse video, and words stand out in bold.
    if name == "cursor-row":
        return NamedStyle(attributes=REVERSE)
    if name in ("cursor", "alarm"):
        return style._replace(attributes=REVERSE)
    if name == "column" and app.no_color:
        return style._replace(attributes="bold underline")
    # Shades need more colors than the terminal's own.
    return style._replace(strength=1.0) if name[-1].isdigit() else style


def _color(name: str, app: App[Any]) -> Color | None:
    return Color.parse(app.theme_variables.get(name, name)) if name else None
