"""Bodies without decoding, as text or hex."""

import codecs
import re
import unicodedata
from functools import partial

from beantop.jobs.bodies.lines import EvenLines

BYTES_PER_LINE, MIN_BYTES_PER_LINE = 16, 4
"""Bytes in a line of hex, and in one for a narrow window."""

BYTES_PER_GROUP = 8

SHOWN = 2**20
"""Bytes of a body that are shown as text or hex: at most a million lines."""

BOM = b"\xef\xbb\xbf"
"""The byte order mark that some producers put before UTF-8."""

LONG = 32
"""Bytes. Data of at least this length is not readable by mere chance."""

_FORMAT_START = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\"{\[\]0-9]|[aOC]:[0-9]+:|<[a-z?!])")
"""The start of JSON, PHP and XML."""

_WITH_CJK = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "FULLWIDTH", "HALFWIDTH"}

_LINE_CHARACTERS = dict.fromkeys(map(ord, "\r\n\t"))

_AS_ASCII = bytes(byte if 32 <= byte < 127 else ord(".") for byte in range(256))


def first_line(body: bytes, limit: int = 200) -> str:
    """Return the beginning of a body, as one line for a list."""
    return body[: limit * 4].decode("utf-8", "backslashreplace")[:limit]


def text_lines(body: bytes) -> list[str]:
    r"""Return the body as UTF-8 lines; other bytes are written as \xNN.

    >>> text_lines(b"one\r\ntwo\xff")
    ['one', 'two\\xff']
    """
    text = body.removeprefix(BOM).decode("utf-8", "backslashreplace").removesuffix("\r")
    return text.replace("\r\n", "\n").split("\n")


def hex_lines(body: bytes, per_line: int = BYTES_PER_LINE) -> EvenLines:
    r"""Return lines with the offset, the bytes in hex, and the printable characters. In a narrow
    window they become lines of fewer bytes.

    >>> list(hex_lines(b"beantop\n"))
    ['00000000  62 65 61 6e 74 6f 70 0a                           beantop.']
    >>> list(hex_lines(b"beantop\n").within(60))
    ['00000000  62 65 61 6e 74 6f 70 0a  beantop.']
    """
    longest = len(_hex_line(bytes(per_line), per_line, 0))
    half = per_line // 2
    narrower = partial(hex_lines, body, half) if half >= MIN_BYTES_PER_LINE else None
    count = -(-len(body) // per_line)
    return EvenLines(count, partial(_hex_line, body, per_line), longest, narrower=narrower)


def is_text(body: bytes) -> bool:
    """Return whether the shown part of a body is UTF-8 without NUL."""
    try:
        text, _ = codecs.utf_8_decode(body[:SHOWN], "strict", len(body) <= SHOWN)
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def reads_well(data: bytes) -> bool:
    """Return whether a person can read the data; the last character may be cut."""
    try:
        text, _ = codecs.utf_8_decode(data[:SHOWN], "strict", False)
    except UnicodeDecodeError:
        return False
    return text.isprintable() or text.translate(_LINE_CHARACTERS).isprintable()


def begins_as_format(data: bytes) -> bool:
    """Return whether the data begins like JSON, PHP or XML.

    >>> begins_as_format(b'{"to"'), begins_as_format(b"plain")
    (True, False)
    """
    return _FORMAT_START.match(data) is not None


def is_written(data: bytes, *, cut: bool = False) -> bool:
    """Return whether the data is readable, and not by chance. Short data must consist mostly of
    letters of one script or start like a known format. With `cut`, the data may end within a
    character."""
    if not reads_well(data) or not (cut or is_text(data)):
        return False
    if len(data) >= LONG or _FORMAT_START.match(data):
        return True
    text = data.decode("utf-8", "ignore")
    letters = sum(character.isalnum() or character.isspace() for character in text)
    scripts = {_script(letter) for letter in text if letter.isalpha() and not letter.isascii()}
    return letters >= 0.7 * len(text) and len(scripts) <= 1


def _script(letter: str) -> str:
    """Return the name of a script; those of Chinese, Japanese and Korean count as one."""
    script = unicodedata.name(letter, "?").partition(" ")[0]
    return "CJK" if script in _WITH_CJK else script


def _hex_line(body: bytes, per_line: int, number: int) -> str:
    at = number * per_line
    piece = body[at : at + per_line]
    shown = piece.translate(_AS_ASCII).decode("ascii")
    size = min(BYTES_PER_GROUP, per_line)
    groups = [piece[start : start + size].hex(" ") for start in range(0, per_line, size)]
    pairs = "  ".join(f"{group:<{3 * size - 1}}" for group in groups)
    return f"{at:08x}  {pairs}  {shown}"
