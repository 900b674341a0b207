"""Renders the pages of the reference: the subset of Markdown that they use.

Blocks are headings, paragraphs, lists, tables and code; inline markup is `code`, **bold** and
[links](to.md).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from textwrap import wrap

from beantop.app.view.lines import Line, Piece, width_of

_SPAN = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\[(?P<link>[^]]+)\]\((?P<target>[^)]*)\)"
)
_CELL = re.compile(r"(?<!\\)\|")

GAP = 2
"""Cells between two columns of a table."""

MIN_CELLS = 16
"""Minimum width of the last column of a table, in cells. In a window that has no room for it, the
columns of a row are below each other."""


def markdown_lines(text: str, width: int, pages: Sequence[str] = ()) -> list[Line]:
    """Return a page in lines of at most `width` cells, without its first heading. Links to `pages`
    have their numbers, from 1, and other links their addresses."""
    text = _with_targets(text, pages)
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


def _with_targets(text: str, pages: Sequence[str]) -> str:
    """Write out where links go.

    >>> _with_targets("[filters](filters.md), [that](https://a.example), [n](x.md)", ["keys", "filters"])
    '[filters (page 2)](filters.md), [that (https://a.example)](https://a.example), [n](x.md)'
    """

    def written_out(link: re.Match[str]) -> str:
        if not (target := link["target"]):
            return link[0]
        page = target.removesuffix(".md")
        where = f" (page {pages.index(page) + 1})" if page in pages else ""
        where = f" ({target})" if "://" in target else where
        return f"[{link['link']}{where}]({target})"

    return _SPAN.sub(written_out, text)


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the paragraphs, tables and code blocks of a page, each as a list of lines."""
    parts = text.split("```")
    for number, part in enumerate(parts):
        if number % 2:
            yield ["```", *part.rstrip("\n").split("\n")[1:]]
            continue
        for is_text, block in groupby(part.splitlines(), key=bool):
            if is_text:
                yield list(block)


def _block(block: Sequence[str], width: int) -> list[Line]:
    first = block[0]
    if first == "```":
        return [[("  ", ""), (part, "accent")] for line in block[1:] for part in _code(line, width)]
    if first.startswith("|"):
        return _table(block, width)
    if first.startswith("#"):
        return [[(first.lstrip("# "), "sorted bold")]]
    if first.startswith("- "):
        items = re.split(r"(?:^|\n)- ", "\n".join(block))[1:]
        texts = [" ".join(item.split()) for item in items]
        return [line for text in texts for line in _hanging([("- ", "")], text, width)]
    return _wrapped(_spans(" ".join(block)), width)


def _code(line: str, width: int) -> list[str]:
    """Break a long line of code: before its comment, and at blanks. What follows is indented.

    >>> _code("a = 1   # one, two, three", 20)
    ['a = 1', '    # one, two,', '    # three']
    """
    width -= 2  # the indent of all code
    if len(line) <= width:
        return [line]
    code, comment = re.fullmatch(r"(.*?)(\s+#.*)?", line).groups("")  # type: ignore[union-attr]
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    parts = wrap(code, width, subsequent_indent=indent, break_on_hyphens=False)
    room = width - len(indent) - 2
    rest = wrap(comment.strip(" #"), room, break_on_hyphens=False) if comment else []
    return parts + [f"{indent}# {part}" for part in rest]


def _table(block: Sequence[str], width: int) -> list[Line]:
    """Return the lines of a table; its last column is wrapped."""
    head, _, *body = [[cell.strip() for cell in _CELL.split(row)[1:-1]] for row in block]
    rows = [[_spans(cell.replace("\\|", "|")) for cell in row] for row in body]
    if any(head):
        rows.insert(0, [[(cell, "bold")] for cell in head])
    widths = [max(map(width_of, column)) + GAP for column in zip_longest(*rows, fillvalue=[])]
    before = sum(widths[:-1])
    lines: list[Line] = []
    if before + MIN_CELLS > width:
        cells_of_rows = [[cell for cell in row if cell] for row in rows]
        return [
            line
            for first, *others in cells_of_rows
            for line in (*_wrapped(first, width), *_indented(others, width))
        ]
    for *cells, last in rows:
        start: Line = []
        for cell, room in zip(cells, widths, strict=False):
            start += [*cell, (" " * (room - width_of(cell)), "")]
        wrapped = _wrapped(last, width - before) or [[]]
        lines += [[*start, *wrapped[0]], *([(" " * before, ""), *line] for line in wrapped[1:])]
    return lines


def _indented(cells: Sequence[Line], width: int) -> list[Line]:
    """Return cells below each other, indented."""
    return [[("    ", ""), *line] for cell in cells for line in _wrapped(cell, width - 4)]


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
        kind = next(name for name in ("code", "bold", "link") if match[name])
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
