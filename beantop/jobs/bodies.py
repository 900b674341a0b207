"""A job's body as lines that a person can read: text, JSON set out, or hex.

Nothing in a body is ever run. What JSON says is shown token by token as it stands there, so that
no number is rounded and no key that occurs twice is lost.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

View: TypeAlias = Literal["JSON", "text", "hex"]

JSON_LIMIT = 2**18
"""Bytes: a longer body is not tried as JSON, to keep the screen quick."""

BYTES_PER_LINE = 16

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_NESTING_LIMIT = 100


def views(body: bytes) -> list[View]:
    """The ways in which this body can be shown, the best one first.

    >>> views(b'{"a": 1}'), views(b"hello"), views(bytes([0x1F, 0x8B, 8]))
    (['JSON', 'text', 'hex'], ['text', 'hex'], ['hex', 'text'])
    """
    if _is_json(body):
        return ["JSON", "text", "hex"]
    return ["text", "hex"] if _is_text(body) else ["hex", "text"]


def lines(body: bytes, view: View) -> list[str]:
    """The body in that view. Characters that a terminal would obey are still in it."""
    return _LINES[view](body)


def first_line(body: bytes, limit: int = 200) -> str:
    """The beginning of a body, as one line for a list."""
    return body[: limit * 4].decode("utf-8", "backslashreplace")[:limit]


def text_lines(body: bytes) -> list[str]:
    r"""The body as UTF-8; bytes that are not are written as \xNN.

    >>> text_lines(b"one\r\ntwo\xff")
    ['one', 'two\\xff']
    """
    text = body.decode("utf-8", "backslashreplace")
    return [line.removesuffix("\r") for line in text.split("\n")]


def hex_lines(body: bytes) -> list[str]:
    r"""Offset, bytes, and the printable ones of them.

    >>> hex_lines(b"beantop\n")
    ['00000000  62 65 61 6e 74 6f 70 0a                           beantop.']
    """
    return [_hex_line(body, at) for at in range(0, len(body), BYTES_PER_LINE)]


def json_lines(body: bytes) -> list[str]:
    """JSON with each member on a line of its own.

    >>> json_lines(b'{"to": "ada", "tags": [1.50, {}], "empty": []}')
    ['{', '  "to": "ada",', '  "tags": [', '    1.50,', '    {}', '  ],', '  "empty": []', '}']
    """
    return "".join(_set_out(body.decode("utf-8"))).split("\n")


_LINES: dict[View, Callable[[bytes], list[str]]] = {
    "JSON": json_lines,
    "text": text_lines,
    "hex": hex_lines,
}


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _is_json(body: bytes) -> bool:
    """Whether the body is a JSON object or array; a bare number or word is better seen as text."""
    if len(body) > JSON_LIMIT or body.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(body.decode("utf-8"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _set_out(text: str) -> Iterator[str]:
    tokens = _TOKEN.findall(text)
    depth = 0
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        if token in ("}", "]"):
            depth -= 1
            if before not in ("{", "["):
                yield _new_line(depth)
        elif before in ("{", "[", ","):
            yield _new_line(depth)
        yield ": " if token == ":" else token
        if token in ("{", "["):
            depth += 1


def _new_line(depth: int) -> str:
    return "\n" + "  " * min(depth, _NESTING_LIMIT)


def _hex_line(body: bytes, at: int) -> str:
    piece = body[at : at + BYTES_PER_LINE]
    shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
    pairs = piece.hex(" ")
    left, right = pairs[:23], pairs[24:]
    return f"{at:08x}  {left:<23}  {right:<23}  {shown}"
