"""What plain ASCII signs stand for our own, one cell for one cell, where `--ascii` is wanted, or
where what is printed cannot have others."""

import codecs
from collections.abc import Mapping
from typing import TextIO

_SIGNS = {
    "●": "o", "×": "x", "◌": ".", "–": "-", "—": "-", "…": "~", "│": "|", "─": "-", "▼": "v",
    "▲": "^", "›": ">", "↑": "^", "↓": "v", "←": "<", "→": ">", "÷": "/", "·": ".", "“": '"',
    "”": '"', "’": "'", "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*",
    "█": "#", "▀": '"', "▌": "#", "▐": "#", "░": ".", "▒": "+", "▓": "#",
}  # fmt: skip

_BY_DOTS = " .:-=+*##"


def _table() -> dict[int, str]:
    braille = {0x2800 + dots: _BY_DOTS[dots.bit_count()] for dots in range(256)}
    lines = dict.fromkeys(range(0x2500, 0x2580), "+")  # corners and crossings of lines
    control = dict.fromkeys(range(0x2400, 0x2422), "?")  # pictures of control characters
    return braille | lines | control | {ord(sign): plain for sign, plain in _SIGNS.items()}


ASCII: Mapping[int, str] = _table()
"""For `str.translate`. Foreign letters are not in it: they are not ours to change.

>>> "● ▁▂▅▇ sort READY ▼ ── video…west".translate(ASCII)
'o _.=* sort READY v -- video~west'
"""


def in_encoding(text: str, encoding: str) -> str:
    """The text as it can be written in that encoding: with plain signs, if it has not all of ours,
    and `?` for foreign letters that it lacks.

    >>> in_encoding("READY ▼ – ü", "latin-1"), in_encoding("READY ▼ – ü", "utf-8")
    ('READY v - ü', 'READY ▼ – ü')
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    return text


def takes_all_signs(stream: TextIO | None) -> bool:
    """Whether whatever is written there arrives as it is."""
    return stream is None or codecs.lookup(stream.encoding).name == "utf-8"
