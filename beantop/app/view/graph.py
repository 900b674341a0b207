"""Graphs as lines of text: filled from zero up, with axis labels, and readable without color.

Missing values are blank, zero is a line of dots at the bottom, and any value above zero is higher. The
scale is linear, from zero to the label at the top. Each value is as wide as one column of dots, the
last one at the right, so that a later picture is the same one, moved. An area is brighter toward its
top, where there are colors for that.
"""

import math
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias, get_args

from beantop.app.view.lines import Line, fill, fitted, width_of
from beantop.formatting import compact

Kind: TypeAlias = Literal["braille", "blocks", "ascii"]

KINDS: tuple[Kind, ...] = get_args(Kind)

Values: TypeAlias = Sequence[float | None]

AXIS = 6
"""Cells of the axis at the left: the numbers and the line beside them."""

_LEFT, _RIGHT = (0, 0x40, 0x44, 0x46, 0x47), (0, 0x80, 0xA0, 0xB0, 0xB8)  # dots from below
_BLOCKS, _ASCII = " ▁▂▃▄▅▆▇█", " _:#"
_STEPS_OF_TEN = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_MOST = 1e30  # larger than any count


class Curve(NamedTuple):
    """Values over time, oldest first, with their name."""

    name: str
    now: str
    """The last value, formatted."""
    values: Values
    style: str = "accent"
    top: float | None = None
    """Minimum top of the axis; the same for curves that are to be compared."""


def graph(curve: Curve, width: int, height: int, kind: Kind, times: str = "") -> list[Line]:
    """Return a graph of exactly that size: the title, the area, then the `times` if any.

    >>> from beantop.app.view.lines import plain
    >>> curve = Curve("READY", "9", [None, 0, 3, 6, 9, 1])
    >>> for line in graph(curve, 20, 5, "ascii", times="-2m now"): print(plain(line).rstrip())
     READY 9  peak 9
       10|          #
        5|        _##
        0|       _###:
          -2m      now
    """
    area_width = max(1, width - AXIS - 2)
    area_height = max(1, height - 1 - bool(times))
    top = ceiling(max(max(_known(curve.values), default=0), curve.top or 0))
    lines = [fill(_title(curve, width), width)]
    for label, line in zip(
        _labels(top, area_height, kind),
        area(curve, area_width, area_height, top, kind),
        strict=True,
    ):
        lines.append(fill([label, *line], width))
    if times:
        lines.append(fill([(" " * AXIS, ""), (axis_times(times, area_width), "dim")], width))
    return lines[:height]


def area(curve: Curve, width: int, height: int, top: float, kind: Kind) -> list[Line]:
    """Return the area under the curve in exactly that size; `top` is the value at the upper edge."""
    signs, columns, levels = _KINDS[kind]
    values = [None] * (width * columns) + [*curve.values]
    heights = [_height(value, top, height * levels) for value in values[-width * columns :]]
    lines: list[Line] = []
    for row in range(height - 1, -1, -1):
        below = row * levels
        inside = [min(levels, max(0, level - below)) for level in range(height * levels + 1)]
        cells = signs([inside[level] for level in heights])
        lines.append([("".join(cells), curve.style + _shade(row, height))])
    zero = [max(heights[at * columns :][:columns]) <= 1 for at in range(width)]
    lines[-1] = [
        ("".join(cells[at] for at in run), "dim" if low else curve.style + _shade(0, height))
        for low, group in groupby(range(width), key=zero.__getitem__)
        for run in [list(group)]
    ]
    return lines


def values_in(width: int, kind: Kind) -> int:
    """Return the number of values that a graph of that width shows."""
    _, columns, _ = _KINDS[kind]
    return max(1, width - AXIS - 2) * columns


SHADES = 3
"""Number of the darker styles of a curve, as `accent-1` to `accent-3`."""


def _shade(row: int, height: int) -> str:
    """Return the end of the name of a row's style: rows are darker toward the bottom.

    >>> [_shade(row, 4) for row in range(4)], _shade(0, 1), _shade(0, 2)
    (['-1', '-2', '-3', ''], '', '-2')
    """
    if row == height - 1:
        return ""
    return f"-{1 + row * SHADES // (height - 1)}" if height > 2 else "-2"


def ceiling(value: float) -> float:
    """Return a round number that is at least the value and rarely changes with it.

    >>> [ceiling(value) for value in (0, 0.3, 1, 17, 212, 8214)]
    [1, 1, 1, 20, 300, 10000]
    """
    if value <= 1:
        return 1
    ten = 10 ** math.floor(math.log10(min(value, _MOST)))
    return next((step * ten for step in _STEPS_OF_TEN if step * ten >= value), _MOST)


def axis_times(times: str, width: int) -> str:
    """Spread words evenly, the last one at the end; if narrow, only the outer words.

    >>> axis_times("-2m -1m now", 20), axis_times("-2m -1m now", 9)
    ('-2m      -1m     now', '-2m   now')
    """
    words = times.split()
    if width < 5 * len(words):
        words = [words[0], words[-1]] if width > 7 else words[-1:]
    first, *between, last = words if len(words) > 1 else ["", *words]
    text = first
    for number, word in enumerate(between, start=1):
        at = width * number // (len(between) + 1) - len(word) // 2
        text = text.ljust(at) + word
    return (text + last.rjust(width - len(text)))[-width:]


def _title(curve: Curve, width: int) -> Line:
    known = _known(curve.values)
    line: Line = [(f" {curve.name} ", "dim"), (curve.now, "bold")]
    peak = f"  peak {_number(max(known))}" if known else "  no data yet"
    return [*line, (peak, "dim")] if width_of(line) + len(peak) < width else line


def _labels(top: float, height: int, kind: Kind) -> list[tuple[str, str]]:
    """Return the axis labels: the top, zero, and half the top if a line is at that height."""
    numbers = [""] * height
    numbers[-1] = "0"
    numbers[0] = _number(top)
    if height % 2 and height >= 3 and top % 2 == 0:
        numbers[height // 2] = _number(top / 2)
    line = "|" if kind == "ascii" else "┤"
    return [(fitted(number, AXIS - 1, right=True) + line, "dim") for number in numbers]


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 10 else compact(value)


def _known(values: Values) -> list[float]:
    return [min(value, _MOST) for value in values if value is not None]


def _height(value: float | None, top: float, levels: int) -> int:
    """Return how many levels a value fills: 0 if it is unknown, 1 if it is zero, else more."""
    if value is None:
        return 0
    if value <= 0 or levels < 2:
        return 1
    return min(levels, 1 + math.ceil(min(value, top) / top * (levels - 1)))


def _braille(levels: Sequence[int]) -> list[str]:
    pairs = zip(levels[::2], levels[1::2], strict=True)
    dots = (_LEFT[left] | _RIGHT[right] for left, right in pairs)
    return [chr(0x2800 + dot) if dot else " " for dot in dots]


_KINDS: dict[Kind, tuple[Callable[[Sequence[int]], list[str]], int, int]] = {
    "braille": (_braille, 2, 4),
    "blocks": (lambda levels: [_BLOCKS[level] for level in levels], 1, 8),
    "ascii": (lambda levels: [_ASCII[level] for level in levels], 1, 3),
}
"""For each kind: the function from levels to characters, values per cell, levels per cell."""
