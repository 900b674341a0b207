"""Our colours. No red and green carry a meaning, and colour is never the only sign."""

from textual.theme import Theme

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
)
