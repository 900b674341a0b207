"""How far a long piece of work is, as lines with a bar."""

from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped

BAR_WIDTH = 48


def progress_lines(tried: int, total: int, rate: float | None) -> list[Line]:
    """How far it is, how fast, and how long it will take, with a bar."""
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
