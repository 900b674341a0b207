"""The progress of a long action, as lines with a bar."""

from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped

BAR_WIDTH = 48


def progress_lines(tried: int, total: int, rate: float | None) -> list[Line]:
    """Return the progress with its rate per second, the time left, and a bar."""
    share = tried / total if total else 1.0
    filled = int(share * BAR_WIDTH)
    left = duration((total - tried) / rate) if rate else "–"
    speed = f"{grouped(int(rate))}/s" if rate else "–"
    words = f"  {grouped(tried)} of {grouped(total)}    {speed}    {left} left"
    return [
        [],
        [(words, "")],
        [
            ("  ", ""),
            ("█" * filled, "sorted"),
            ("░" * (BAR_WIDTH - filled), "dim"),
            (f" {share:4.0%}", ""),
        ],
    ]
