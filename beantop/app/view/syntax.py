"""Colors for the lines of decoded bodies: names, strings, numbers and literals.

One small tokenizer serves JSON, PHP, MessagePack, forms and pickle, whose lines look alike. It is given
printable lines one by one, and knows nothing of the lines before, so that only visible ones cost
anything.
"""

import re
from functools import lru_cache

from beantop.app.view.lines import Line

COLORED = frozenset({"JSON", "PHP", "msgpack", "form", "pickle"})
"""The innermost formats whose lines have colors."""

MAX_COLORED = 2048
"""Characters of a line that are read. A token that is longer keeps its color to the end."""

_TOKEN = re.compile(
    r"""
      (?P<dim>^──\ .*?\ ──(?=\s|$))
    | (?P<key>"(?:[^"\\]|\\.)*"(?=:\ )
        | ^[^\s"=]+(?=\ =\ )
        | (?<!\S)[^\s"\[\]{}]{1,200}(?:\ \((?:protected|private)\))?(?=:\ ))
    | (?P<string>"(?:[^"\\]|\\.)*(?:"|\\?$) | (?<!\S)'(?:[^'\\]|\\.)*(?:'|\\?$))
    | (?P<number>(?<![\w.])-?[0-9][0-9.eE+-]*(?![\w]))
    | (?P<literal>\b(?:true|false|null)\b | ^\s*[0-9]+\ \ [A-Z][A-Z_0-9]*)
    | [\w.]+
    """,
    re.VERBOSE,
)

_Span = tuple[int, int, str]


def is_colored(view_name: str) -> bool:
    """Return whether lines of this view have colors.

    >>> is_colored("base64 › JSON"), is_colored("text")
    (True, False)
    """
    return view_name.rpartition(" ")[2] in COLORED


def colored(text: str, start: int, end: int) -> Line:
    """Return a part of a printable line in its colors.

    >>> text = '  "to": "ada",'
    >>> colored(text, 0, len(text))
    [('  ', ''), ('"to"', 'key'), (': ', ''), ('"ada"', 'string'), (',', '')]
    >>> colored(text, 10, len(text))
    [('da"', 'string'), (',', '')]
    """
    line: Line = []
    at = start
    for begins, ends, style in _spans(text[:MAX_COLORED]):
        if ends == MAX_COLORED:
            ends = len(text)
        if begins >= end:
            break
        if ends <= at:
            continue
        if at < begins:
            line.append((text[at:begins], ""))
        line.append((text[max(at, begins) : min(ends, end)], style))
        at = min(ends, end)
    if at < end:
        line.append((text[at:end], ""))
    return line


@lru_cache(maxsize=512)
def _spans(text: str) -> list[_Span]:
    """Return where the tokens with a color are, and which."""
    return [
        (match.start(), match.end(), match.lastgroup)
        for match in _TOKEN.finditer(text)
        if match.lastgroup
    ]
