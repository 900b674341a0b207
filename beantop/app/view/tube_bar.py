"""How the jobs of a tube are divided among the states, as a bar."""

from beantop.monitor.snapshot import Tube

SIGNS = (("buried", "!"), ("reserved", "▓"), ("ready", "█"), ("delayed", "░"))
"""What stands for each state, from the left. Shapes tell them apart, and not only colors."""


def state_bar(tube: Tube, largest: int, width: int) -> str:
    """A bar of at most so many cells, which a tube with `largest` jobs fills; any state that has
    jobs has at least one cell.

    >>> state_bar(Tube("a", 0.0, ready=60, reserved=20, delayed=20, buried=0), 100, 10)
    '▓▓██████░░'
    >>> state_bar(Tube("a", 0.0, ready=1, reserved=0, delayed=None, buried=1), 1000, 10)
    '!█'
    """
    counts = [(getattr(tube, state) or 0, sign) for state, sign in SIGNS]
    cells = [(max(1, round(count / largest * width)), sign) for count, sign in counts if count > 0]
    while sum(many for many, _ in cells) > width:  # the ones for little were rounded up
        at = max(range(len(cells)), key=lambda at: cells[at][0])
        cells[at] = (cells[at][0] - 1, cells[at][1])
    return "".join(sign * many for many, sign in cells)
