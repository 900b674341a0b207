"""What a change of a body changes, as the lines of a unified diff."""

import difflib
import re
from collections.abc import Iterator, Sequence

from beantop.app.view.lines import ELLIPSIS, Line
from beantop.formatting import plural, printable
from beantop.jobs.bodies.plain import text_lines
from beantop.jobs.bodies.values import leaves
from beantop.jobs.bodies.views import READERS, View, views

MAX_COMPARED = 400
"""Lines that are compared with each other: comparing takes the square of it."""

MAX_SHOWN = 60
"""Lines of a diff: all of them must be read before the change can be confirmed."""

AROUND = 2
"""Unchanged lines that are shown before and after a change."""

MAX_IN_LINE, BEFORE = 120, 30
"""Characters of a line that are shown, and how many of them before the first difference."""

_NESTED = re.compile(r"── (.+): ([^:]+) ──.*")
_HUNK = re.compile(r"@@ -([0-9]+)")
_STYLES = {"-": "bad", "+": "good"}


def diff_lines(before: bytes, after: bytes) -> list[Line]:
    r"""Return the lines that a change of a body removes and adds, decoded if both can be decoded the
    same way.

    >>> for line in diff_lines(b'{"to": "ada", "n": 1}', b'{"to": "ada", "n": 2}'): print(line)
    [('   line 1', 'dim')]
    [('   {', 'dim')]
    [('     "to": "ada",', 'dim')]
    [(' -   "n": 1', 'bad')]
    [(' +   "n": 2', 'good')]
    [('   }', 'dim')]
    """
    lines: list[Line] = []
    for text in _decoded_diff(before, after) or _diff(text_lines(before), text_lines(after)):
        if hunk := _HUNK.match(text):
            lines.append([(f"   line {hunk[1]}", "dim")])
        else:
            shown = f" {text[0]} {printable(text[1:])}"
            lines.append([(shown, _STYLES.get(text[0], "dim"))])
    if not lines and before != after:
        return [[("   Only line endings differ, or bytes that look the same as text.", "warn")]]
    if len(lines) > MAX_SHOWN:
        more = plural(len(lines) - MAX_SHOWN, "more line")
        lines[MAX_SHOWN:] = [[(f"   {ELLIPSIS} {more} of the diff", "warn")]]
    return lines


def lost_lines(before: bytes, after: bytes) -> list[Line]:
    r"""Return what could be decoded before a change and cannot be after it, a line for each. A worker may fail
    on such a body.

    >>> for line in lost_lines(b'{"to": "ada"}', b'{"to": "ada'): print(line)
    [(' The body can no longer be decoded as JSON.', 'warn')]
    >>> for line in lost_lines(b'{"data": "a:1:{i:0;s:3:\\"ada\\";}"}', b'{"data": "a:1:{i:0;s:3:\\"eve2\\";}"}'): print(line)
    [(' data can no longer be decoded as PHP.', 'warn')]
    """
    was, now = views(before)[0], views(after)[0]
    is_lost = was.name != now.name or (now.problem and not was.problem)
    if is_lost:
        lost = [("The body", was.name)] if was.name not in ("text", "hex") else []
    else:
        kept = set(_nested(now.lines()))
        lost = [one for one in _nested(was.lines()) if one not in kept and _is_in(now, one[0])]
    return [
        [(f" {printable(what)} can no longer be decoded as {printable(name)}.", "warn")]
        for what, name in lost
    ]


def _is_in(view: View, path: str) -> bool:
    """Return whether a body still has what was decoded at this path."""
    if view.format not in READERS:
        return True
    strings = {place for place, _ in leaves(READERS[view.format](view.inner))}
    return any(path[:end] in strings for end, sign in enumerate(f"{path}.") if sign == ".")


def _nested(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths of the strings that are decoded below a body, and as what."""
    for line in lines:
        if (title := _NESTED.fullmatch(line)) and title[2] != "text":
            yield title[1], title[2]


def _decoded_diff(before: bytes, after: bytes) -> list[str]:
    """Return the diff of the decoded bodies; nothing if they are decoded differently, or alike."""
    was, now = views(before)[0], views(after)[0]
    return _diff(was.lines(), now.lines()) if was.name == now.name else []


def _diff(was: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return the lines of a unified diff without its head. What begins and ends alike is not
    compared, and of what is left only so much that it takes no time."""
    was, now = list(was), list(now)
    head = _alike(was, now)
    tail = _alike(was[head:][::-1], now[head:][::-1])
    start = max(0, head - AROUND)
    left, right = (lines[start : len(lines) - max(0, tail - AROUND)] for lines in (was, now))
    found = difflib.unified_diff(left[:MAX_COMPARED], right[:MAX_COMPARED], n=AROUND, lineterm="")
    lines = [_moved(line, start) for line in list(found)[2:]]
    rest = max(len(left), len(right)) - MAX_COMPARED
    end = [f"{ELLIPSIS}{plural(rest, 'more line')}, not compared"] if rest > 0 else []
    return [*_shortened(lines), *end]


def _moved(line: str, by: int) -> str:
    """Return a line of a diff; its line numbers are those of the whole body."""
    hunk = _HUNK.match(line)
    return f"@@ -{int(hunk[1]) + by}" if hunk else line


def _shortened(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines; of long ones the part where a removed and an added one differ."""
    for at, line in enumerate(lines):
        if len(line) <= MAX_IN_LINE:
            yield line
            continue
        other = next((one for one in _near(lines, at) if one[:1] not in (line[0], " ", "@")), line)
        same = 0 if other is line else _alike(line[1:], other[1:])
        start = max(1, same - BEFORE)
        yield (
            line[0]
            + (ELLIPSIS if start > 1 else "")
            + line[start : start + MAX_IN_LINE]
            + (ELLIPSIS if start + MAX_IN_LINE < len(line) else "")
        )


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines, or characters, are the same at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _near(lines: Sequence[str], at: int) -> Iterator[str]:
    """Yield the lines after and before a line, the nearest ones first."""
    for distance in range(1, MAX_SHOWN):
        for near in (at + distance, at - distance):
            if 0 <= near < len(lines):
                yield lines[near]
