"""ASCII replacements for our own signs, of the same width, for `--ascii` and for encodings that lack
the signs."""

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
"""Table for `str.translate`. It leaves letters unchanged, because they belong to foreign text.

>>> "● ▁▂▅▇ sort READY ▼ ── video…west".translate(ASCII)
'o _.=* sort READY v -- video~west'
"""


def in_encoding(text: str, encoding: str) -> str:
    """Return the text with only the characters of an encoding. If it lacks any character of the text,
    ASCII signs replace all our signs, and `?` replaces other missing characters.

    >>> in_encoding("READY ▼ – ü", "latin-1"), in_encoding("READY ▼ – ü", "utf-8")
    ('READY v - ü', 'READY ▼ – ü')
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    return text


def takes_all_signs(stream: TextIO | None) -> bool:
    """Return whether the stream can print every character."""
    return stream is None or codecs.lookup(stream.encoding).name == "utf-8"
