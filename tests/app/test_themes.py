"""Our themes: which one is chosen, and that every text in them can be read."""

import pytest
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import BUILTIN_THEMES, Theme

from beantop.app.themes import DARK, LIGHT, OURS, chosen, syntax_colors
from beantop.app.widgets.live_table import LiveTable
from beantop.app.widgets.styled import Styled
from beantop.config import ConfigError
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import on_still
from tests.app.screen_text import until

READABLE = 4.5
"""The contrast that text needs, by WCAG 2."""

BOLD = 3.0
"""The contrast that large text needs. In themes that are not ours colors may have less from the start."""


def _contrast(text: Color, ground: Color) -> float:
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, color.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_text_can_be_read(theme: Theme) -> None:
    colors = {name: Color.parse(value) for name, value in theme.to_color_system().generate().items()
              if name in ("foreground", "background", "panel", "accent", "error", "success", "warning", "primary")}  # fmt: skip
    colors |= {name: Color.parse(value) for name, value in theme.variables.items()}
    ground, panel = colors["background"], colors["panel"]
    dim = ground.blend(colors["foreground"], 0.65)
    for name in ("foreground", "accent", "error", "success", "warning", *theme.variables):
        for on in (ground, panel):
            assert _contrast(colors[name], on) >= READABLE, name
    assert _contrast(dim, ground) >= READABLE
    assert _contrast(ground, colors["primary"]) >= READABLE, "the current entry of a dialog"
    assert _contrast(ground, colors["error"]) >= READABLE, "the sign of alerts"


HUES = ("", "accent", "bad", "good", "warn")
"""The styles of cells."""

RGB = [name for name in [*OURS, *BUILTIN_THEMES] if "ansi" not in name]


def _colors(table: Styled, names: str) -> tuple[Color, Color]:
    """Text and ground of a style."""
    style = table.style_of(names)
    assert style.color
    assert style.bgcolor
    return Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)


@pytest.mark.long
def test_cells_keep_their_colors_in_the_row_of_the_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        table = pilot.app.screen.query_one(LiveTable)
        for name in RGB:
            pilot.app.theme = name
            await pilot.pause()
            _, ground = _colors(table, "cursor-row")
            assert ground != _colors(table, "")[1], name
            for hue in HUES:
                text, on = _colors(table, f"cursor-row {hue}")
                usual = _colors(table, hue)
                assert (text, on) == (usual[0], ground), (name, hue)
                contrast, before = _contrast(text, on), _contrast(*usual)
                wanted = READABLE if name in OURS else min(BOLD, before / 2)
                assert contrast >= wanted, (name, hue)

    on_still(stills.app(stills.watched()), story)


def test_a_new_theme_reaches_the_screens_of_all_servers() -> None:
    async def story(pilot: Pilot[None]) -> None:
        def ground() -> Color:
            return pilot.app.screen.styles.background

        for before in ("1", "2"):
            await pilot.press(before)
            await until(pilot, lambda: ground() == Color.parse(DARK.background or ""))
        pilot.app.theme = LIGHT.name
        for before_and_new in ("2", "1", "3"):
            await pilot.press(before_and_new)
            await until(pilot, lambda: ground() == Color.parse(LIGHT.background or ""))

    on_still(fleet(), story)


@pytest.mark.parametrize("look", ["ansi-dark", "no-color"])
def test_with_few_colors_the_cursor_is_reversed_and_graphs_have_one_shade(
    look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if look == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")

    async def story(pilot: Pilot[None]) -> None:
        if look != "no-color":
            pilot.app.theme = look
            await pilot.pause()
        table = pilot.app.screen.query_one(LiveTable)
        assert table.style_of("cursor-row bad").reverse
        for style in ("accent", "bad"):
            shades = {table.style_of(f"{style}-{shade}") for shade in (1, 2, 3)}
            assert shades == {table.style_of(style)}

    on_still(stills.app(stills.watched()), story)


@pytest.mark.parametrize(
    ("wanted", "before", "is_dark", "name"),
    [
        (None, "", None, "beantop-dark"),
        (None, "", False, "beantop-light"),
        ("auto", "nord", True, "beantop-dark"),
        (None, "nord", False, "nord"),
        (None, "gone", False, "beantop-light"),
        ("ansi-light", "nord", True, "ansi-light"),
    ],
)
def test_which_is_chosen(
    wanted: str | None,
    before: str,
    is_dark: bool | None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert chosen(wanted, before, is_dark) == name


def test_a_terminal_of_few_colors_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.delenv("COLORTERM", raising=False)
    assert (chosen(None, "", None), chosen(None, "", False)) == ("ansi-dark", "ansi-light")


def test_a_theme_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match="there is no theme nrod, did you mean nord"):
        chosen("nrod", "", None)


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=BUILTIN_THEMES)
def test_every_theme_has_colors_for_bodies(theme: Theme) -> None:
    colors = syntax_colors(theme)
    assert colors.keys() == DARK.variables.keys() == LIGHT.variables.keys()
    assert len({Color.parse(color) for color in colors.values()}) >= 3
