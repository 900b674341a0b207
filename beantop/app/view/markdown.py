"""Renders the pages of the reference: the subset of Markdown that they use.

Blocks are headings, paragraphs, lists, tables and code; inline markup is `code`, **bold** and
[links](to.md).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from beantop.app.view.lines import Line, Piece, width_of

_SPAN = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\[(?P<link>[^]]+)\]\([^)]*\)")
_CELL = re.compile(r"(?<!\\)\|")

GAP = 2
"""Cells between two columns of a table."""

MIN_CELLS = 16
"""Minimum width of the last column of a table, in cells, even in a narrow window."""


def markdown_lines(text: str, width: int) -> list[Line]:
    """Return a page in lines of at most `width` cells, without its first heading."""
    lines: list[Line] = []
    for block in _blocks(text):
        if block[0].startswith("# "):
            continue
        lines += [*([[]] if lines else []), *_block(block, width)]
    return lines


def section(text: str, heading: str) -> str:
    """Return the part of a page under a heading of the second level, without the heading.

    >>> section("# A\\n\\n## B\\n\\nb\\n\\n## C\\n\\nc", "B").strip()
    'b'
    """
    _, _, after = text.partition(f"\n## {heading}\n")
    return after.partition("\n## ")[0]


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the paragraphs, tables and code blocks of a page, each as a list of lines."""
    parts = text.split("```")
    for number, part in enumerate(parts):
        if number % 2:
            yield ["```", *part.strip("\n").split("\n")[1:]]
            continue
        for is_text, block in groupby(part.splitlines(), key=bool):
            if is_text:
                yield list(block)


def _block(block: Sequence[str], width: int) -> list[Line]:
    first = block[0]
    if first == "```":
        return [[("  ", ""), (line, "accent")] for line in block[1:]]
    if first.startswith("|"):
        return _table(block, width)
    if first.startswith("#"):
        return [[(first.lstrip("# "), "sorted bold")]]
    if first.startswith("- "):
        items = re.split(r"(?:^|\n)- ", "\n".join(block))[1:]
        texts = [" ".join(item.split()) for item in items]
        return [line for text in texts for line in _hanging([("- ", "")], text, width)]
    return _wrapped(_spans(" ".join(block)), width)


def _table(block: Sequence[str], width: int) -> list[Line]:
    """Return the lines of a table; its last column is wrapped."""
    head, _, *body = [[cell.strip() for cell in _CELL.split(row)[1:-1]] for row in block]
    rows = [[_spans(cell.replace("\\|", "|")) for cell in row] for row in body]
    if any(head):
        rows.insert(0, [[(cell, "bold")] for cell in head])
    widths = [max(map(width_of, column)) + GAP for column in zip_longest(*rows, fillvalue=[])]
    before = sum(widths[:-1])
    lines: list[Line] = []
    for *cells, last in rows:
        start: Line = []
        for cell, room in zip(cells, widths, strict=False):
            start += [*cell, (" " * (room - width_of(cell)), "")]
        wrapped = _wrapped(last, max(MIN_CELLS, width - before)) or [[]]
        lines += [[*start, *wrapped[0]], *([(" " * before, ""), *line] for line in wrapped[1:])]
    return lines


def _hanging(start: Line, text: str, width: int) -> list[Line]:
    """Wrap a paragraph behind `start`; the other lines are indented by the width of `start`."""
    indent = width_of(start)
    first, *others = _wrapped(_spans(text), width - indent) or [[]]
    return [[*start, *first], *([(" " * indent, ""), *line] for line in others)]


def _spans(text: str) -> Line:
    """Split a text into styled pieces.

    >>> _spans("see `n` and **all**: [keys](keys.md)")
    [('see ', ''), ('n', 'bold'), (' and ', ''), ('all', 'bold'), (': ', ''), ('keys', 'accent')]
    """
    spans: list[Piece] = []
    end = 0
    for match in _SPAN.finditer(text):
        if match.start() > end:
            spans.append((text[end : match.start()], ""))
        kind = str(match.lastgroup)
        spans.append((match[kind], "accent" if kind == "link" else "bold"))
        end = match.end()
    return [*spans, (text[end:], "")] if end < len(text) else spans


def _wrapped(spans: Line, width: int) -> list[Line]:
    """Wrap styled text at blanks into lines of at most `width` cells."""
    lines: list[Line] = []
    for word in _words(spans):
        if lines and width_of([*lines[-1], (" ", ""), *word]) <= width:
            lines[-1] += [(" ", ""), *word]
        else:
            lines.append(word)
    return lines


def _words(spans: Line) -> list[Line]:
    """Split styled text at blanks; each word is a list of pieces."""
    words: list[Line] = [[]]
    for text, style in spans:
        for part in re.split(r"(\s+)", text):
            if part.isspace():
                words.append([])
            elif part:
                words[-1].append((part, style))
    return [word for word in words if word]
