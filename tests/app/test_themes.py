"""Our themes: which one is chosen, and that every text in them can be read."""

import pytest
from textual.color import Color
from textual.theme import Theme

from beantop.app.themes import DARK, LIGHT, chosen
from beantop.config import ConfigError

READABLE = 4.5
"""The contrast that text needs, by WCAG 2."""


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
    ground, panel = colors["background"], colors["panel"]
    dim = ground.blend(colors["foreground"], 0.65)
    for name in ("foreground", "accent", "error", "success", "warning"):
        for on in (ground, panel):
            assert _contrast(colors[name], on) >= READABLE, name
    assert _contrast(dim, ground) >= READABLE
    assert _contrast(ground, colors["primary"]) >= READABLE, "the cursor row"
    assert _contrast(ground, colors["error"]) >= READABLE, "the sign of alerts"


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
