"""Lines of styled text, as values: pure functions make them, `Styled` widgets draw them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

from rich.cells import cell_len, get_character_cell_size, set_cell_size

Piece: TypeAlias = tuple[str, str]
"""Printable text, and the names of its styles ("bad bold"; "" for none). A name that begins with `@` is
the action of a button, as "dim @sort"."""

Line: TypeAlias = list[Piece]

ELLIPSIS = "…"

SEPARATOR = " › "
"""Between the parts of a path."""

_EMOJI_SELECTOR = "\ufe0f"


@lru_cache(maxsize=4096)
def cells_of(character: str) -> int:
    """Return the maximum number of cells that a character takes."""
    return 1 if character == _EMOJI_SELECTOR else get_character_cell_size(character)


def plain(line: Iterable[Piece]) -> str:
    """Return the text of a line, without its styles.

    >>> plain([("READY ", "dim"), ("12", "")])
    'READY 12'
    """
    return "".join(text for text, _ in line)


def width_of(line: Iterable[Piece]) -> int:
    """Return the number of cells that a line takes."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in line])


def dimmed(line: Line) -> Line:
    """Return the line in dim: for data that is out of date, or buttons that cannot be pressed yet."""
    return [(text, "dim") for text, _ in line]


def cut(line: Line, width: int) -> Line:
    """Return the line in at most `width` cells; an ellipsis marks a cut.

    >>> plain(cut([("abc", ""), ("defg", "bold")], 5))
    'abcd…'
    """
    if width_of(line) <= width:
        return line
    kept: Line = []
    left = max(0, width - 1)
    for text, style in line:
        piece = text if cell_len(text) <= left else set_cell_size(text, left)
        kept.append((piece, style))
        left -= cell_len(piece)
        if left <= 0:
            break
    return [*kept, (ELLIPSIS, "")][: len(kept) + min(width, 1)]


def wrapped(line: Line, width: int) -> list[Line]:
    """Break a line at blanks into lines of at most `width` cells, indented as the line is or, after a
    dim label, as the text behind it. A word that is too long for a line is broken anywhere.

    >>> [plain(part) for part in wrapped([(" one two", "")], 6)]
    [' one', ' two']
    >>> [plain(part) for part in wrapped([(" job  ", "dim"), ("17 ready", "bold")], 12)]
    [' job  17', '      ready']
    >>> [plain(part) for part in wrapped([(" tube ", "dim"), ("a-long-name", "bold")], 12)]
    [' tube a-long', '      -name']
    """
    width = max(1, width)  # what is beside it may leave less than nothing
    if width_of(line) <= width:
        return [line]
    text, label = plain(line), line[0]
    has_label = len(line) > 1 and label[1] == "dim" and 2 * len(label[0]) <= width
    indent = " " * (len(label[0]) if has_label else len(text) - len(text.lstrip()))
    parts: list[Line] = [[]]
    left = width
    for text, style in line:
        for word in re.findall(r"\s+|\S+", text):
            cells = width_of([(word, "")])
            if cells > left and (word.isspace() or cells + len(indent) <= width):
                parts.append([(indent, "")])
                left = width - len(indent)
                if word.isspace():
                    continue
            for number, piece in enumerate(_broken(word, left, width - len(indent))):
                if number:
                    parts.append([(indent, "")])
                    left = width - len(indent)
                parts[-1].append((piece, style))
                left -= width_of([(piece, "")])
    return [_without_blank_end(part) for part in parts if plain(part).strip()]


def in_lines(line: Line, width: int, most: int) -> list[Line]:
    """Return a line as up to `most` lines of at most `width` cells; an ellipsis marks a cut.

    >>> [plain(part) for part in in_lines([(" one two three", "")], 9, 2)]
    [' one two', ' three']
    >>> [plain(part) for part in in_lines([(" one two three four", "")], 9, 2)]
    [' one two', ' three f…']
    """
    lines = wrapped(line, width) if most > 1 else [line]
    if len(lines) <= most:
        return [cut(part, width) for part in lines]
    rest = [piece for part in lines[most - 1 :] for piece in _continued(part)]
    return [*lines[: most - 1], cut([*lines[most - 1][:1], *rest[1:]], width)]


def _continued(part: Line) -> Line:
    """Return a wrapped part, with a single blank instead of its indent."""
    return [(" ", ""), *part[1:]]


def _without_blank_end(line: Line) -> Line:
    return line[:-1] if line[-1][0].isspace() else line


def _broken(word: str, first: int, width: int) -> Iterator[str]:
    """Break a word into pieces of at most `width` cells, the first one of at most `first`.

    >>> list(_broken("abcdefg", 2, 4)), list(_broken("漢字", 1, 2))
    (['ab', 'cdef', 'g'], ['', '漢', '字'])
    """
    start = cells = 0
    for at, character in enumerate(word):
        cells += cells_of(character)
        if cells > first and (at > start or first < width):
            yield word[start:at]
            start, cells, first = at, cells_of(character), width
    yield word[start:]


def fill(line: Line, width: int) -> Line:
    """Return the line in exactly `width` cells, padded or cut."""
    gap = width - width_of(line)
    if gap < 0:
        line = cut(line, width)
        gap = width - width_of(line)
    return [*line, (" " * gap, "")] if gap else line


def spread(left: Line, right: Line, width: int) -> Line:
    """Return a line with one part at each end; if both do not fit, the left part is cut.

    >>> plain(spread([("left", "")], [("right", "")], 12))
    'left   right'
    """
    room = max(0, width - width_of(right) - 1)
    left = cut(left, room)
    gap = max(1, width - width_of(left) - width_of(right))
    return cut([*left, (" " * gap, ""), *right], width)


def rule(pieces: Line, width: int) -> Line:
    """Return a horizontal rule with words in it.

    >>> plain(rule([("Tubes", "bold"), ("sort READY ▼", "")], 36))
    '── Tubes ── sort READY ▼ ───────────'
    """
    line: Line = []
    for piece in pieces:
        line += [("── ", "dim"), piece, (" ", "")]
    return cut([*line, ("─" * max(0, width - width_of(line)), "dim")], width)


def rule_width(pieces: Line) -> int:
    """Return the number of cells that the words of a rule take.

    >>> rule_width([("Tubes", "bold"), ("sort READY ▼", "")])
    25
    """
    return width_of(pieces) + 4 * len(pieces)


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """Return the text in exactly `width` cells: padded, or cut at the end with an ellipsis, since a
    cut number must not pass for a number.

    >>> fitted("abc", 5), fitted("abc", 5, right=True), fitted("12345", 4), fitted("漢字", 3)
    ('abc  ', '  abc', '123…', '漢…')
    """
    if text.isascii() and len(text) <= width:
        return text.rjust(width) if right else text.ljust(width)
    missing = width - cell_len(text)
    if missing < 0:
        return set_cell_size(text, width - 1) + ELLIPSIS if width > 0 else ""
    return " " * missing + text if right else text + " " * missing


def shorten_end(text: str, width: int) -> str:
    """Return the text in at most `width` cells; an ellipsis replaces a missing end.

    >>> shorten_end("abcdef", 6), shorten_end("abcdefg", 6)
    ('abcdef', 'abcde…')
    """
    return plain(cut([(text, "")], width))


def shorten_start(text: str, width: int) -> str:
    """Return the text in at most `width` cells; an ellipsis replaces a missing beginning.

    >>> shorten_start("abcdef", 6), shorten_start("abcdefg", 6)
    ('abcdef', '…cdefg')
    """
    return text if cell_len(text) <= width else ELLIPSIS + _end(text, width - 1)


def shorten(text: str, width: int) -> str:
    """Return the text in at most `width` cells without its middle: names often differ at the end.

    >>> shorten("video-transcode-with-a-long-name-eu-west", 20)
    'video-tran…e-eu-west'
    """
    if cell_len(text) <= width:
        return text
    head = width // 2
    return set_cell_size(text, head) + ELLIPSIS + _end(text, width - head - 1)


def _end(text: str, width: int) -> str:
    """Return the longest end of a text that fits in `width` cells."""
    cells = 0
    for at in range(len(text) - 1, -1, -1):
        cells += cells_of(text[at])
        if cells > width:
            return text[at + 1 :]
    return text


MIN_PART = 11
"""Cells in which a shortened name can still be told from others."""

JOB = 24
"""Cells of "job " and the longest id, which is never shortened: it would be another id."""


def path(names: Sequence[str], width: int) -> list[str]:
    """Return names, from the whole to the part, that take at most `width` cells with separators.

    The longest names are shortened, but never a job at the end. Where too little of the names would
    be left, the first ones are dropped.

    >>> path(["queue-1", "video-transcode-eu-west", "job 12"], 39)
    ['queue-1', 'video-tran…e-eu-west', 'job 12']
    >>> path(["queue-1", "video-transcode-eu-west", "job 12"], 30)
    ['video-tran…de-eu-west', 'job 12']
    >>> path(["queue-1", "video-transcode-eu-west", "job 18446744073709551615"], 40)
    ['video-…u-west', 'job 18446744073709551615']
    """
    is_job = names[-1].startswith("job ") and cell_len(names[-1]) <= JOB
    job = cell_len(names[-1]) if is_job else 0
    while len(names) > 1 and width < (len(names) - 1) * (MIN_PART + 3) + max(job, MIN_PART):
        names = names[1:]
    if is_job:
        *names, last = names
        others = path(names, width - job - 3) if names else []
        return [*others, shorten_end(last, width)]
    room = width - 3 * (len(names) - 1)
    cells = [cell_len(name) for name in names]
    most = min(max(cells), max(1, room))
    while most > 1 and sum(min(most, needed) for needed in cells) > room:
        most -= 1
    return [shorten(name, most) for name in names]
