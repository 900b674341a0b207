"""What plain ASCII signs stand for our own, one cell for one cell, where `--ascii` is wanted."""

from collections.abc import Mapping

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
