"""A bar of a tube's jobs by state."""

from beantop.monitor.snapshot import Tube

SIGNS = (("buried", "!"), ("reserved", "▓"), ("ready", "█"), ("delayed", "░"))
"""The character of each state, from the left: states differ in shape, not only in color."""


def state_bar(tube: Tube, largest: int, width: int) -> str:
    """Return a bar of at most `width` cells; a tube with `largest` jobs fills it.

    Each state that has jobs gets at least one cell.

    >>> state_bar(Tube("a", 0.0, ready=60, reserved=20, delayed=20, buried=0), 100, 10)
    '▓▓██████░░'
    >>> state_bar(Tube("a", 0.0, ready=1, reserved=0, delayed=None, buried=1), 1000, 10)
    '!█'
    """
    counts = [(getattr(tube, state) or 0, sign) for state, sign in SIGNS]
    cells = [(max(1, round(count / largest * width)), sign) for count, sign in counts if count > 0]
    while sum(number for number, _ in cells) > width:  # small counts were rounded up
        at = max(range(len(cells)), key=lambda at: cells[at][0])
        cells[at] = (cells[at][0] - 1, cells[at][1])
    return "".join(sign * number for number, sign in cells)
