"""beantop's colors. Nothing depends on telling red from green, or on color alone."""

from rich.console import Console
from textual.theme import BUILTIN_THEMES, Theme

from beantop.config import ConfigError
from beantop.did_you_mean import nearest

DARK = Theme(
    name="beantop-dark",
    primary="#4c8dd6",
    secondary="#2f4f77",
    accent="#6fb3e8",
    warning="#f0a44a",
    error="#ff7ac6",
    success="#6fb3e8",
    foreground="#d8dce3",
    background="#14171c",
    surface="#14171c",
    panel="#222831",
    dark=True,
    variables={
        "syntax-key": "#6fb3e8",
        "syntax-string": "#a9c98f",
        "syntax-number": "#e3bd79",
        "syntax-literal": "#c8a8f2",
    },
)

LIGHT = Theme(
    name="beantop-light",
    primary="#1f5fa8",
    secondary="#b9d3ef",
    accent="#1a5fa5",
    warning="#8f4a00",
    error="#a3126f",
    success="#1a5fa5",
    foreground="#1d232b",
    background="#fbfbfa",
    surface="#fbfbfa",
    panel="#e6e8ec",
    dark=False,
    variables={
        "syntax-key": "#1a5fa5",
        "syntax-string": "#2b6427",
        "syntax-number": "#8f4a00",
        "syntax-literal": "#6b3fa0",
    },
)

OURS = {theme.name: theme for theme in (DARK, LIGHT)}

_SYNTAX = {
    "syntax-key": "text-primary",
    "syntax-string": "text-success",
    "syntax-number": "text-warning",
    "syntax-literal": "text-accent",
}
"""The colors of tokens in themes that do not define them."""

AUTO = "auto"


def syntax_colors(theme: Theme) -> dict[str, str]:
    """Return the colors of tokens that fit a theme."""
    colors = theme.to_color_system().generate()
    return {name: colors[color] for name, color in _SYNTAX.items()}


def chosen(wanted: str | None, before: str, is_dark: bool | None) -> str:
    """Return the theme to start with: the wanted one, the last one, or one that fits the terminal.

    `is_dark` says whether the terminal's background is dark; None if unknown. Raises `ConfigError`.
    """
    known = dict.fromkeys([AUTO, *OURS, *BUILTIN_THEMES])
    if wanted is not None and wanted not in known:
        raise ConfigError(f"there is no theme {wanted}{nearest(wanted, known)}")
    name = wanted or (before if before in known else AUTO)
    if name != AUTO:
        return name
    if _has_few_colors():
        return "ansi-light" if is_dark is False else "ansi-dark"
    return LIGHT.name if is_dark is False else DARK.name


def _has_few_colors() -> bool:
    """Return whether the terminal has only 16 colors."""
    return Console(force_terminal=True).color_system == "standard"
