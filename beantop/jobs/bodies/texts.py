"""What a body says, to look for words in it, and as one line: as it is, and below its layers."""

import re
from collections.abc import Iterator

from beantop.jobs.bodies.layers import MAX_LAYERS, MIN_BASE64, WRAPPINGS
from beantop.jobs.bodies.plain import first_line, reads_well
from beantop.jobs.bodies.views import BETWEEN, View, views

_BASE64 = re.compile(rb"\s*[A-Za-z0-9+/_\-]{%d}" % MIN_BASE64)
_BASE64_OR_FORM = re.compile(rb"%b|\s*[A-Za-z0-9_.\-\[\]%%]+=" % _BASE64.pattern)

_TEXTS = ("json", "php", "text")
"""Formats in which words stand as they are shown."""

_SET_OUT = ("msgpack", "pickle", "form")
"""Formats in which they do not."""

PIECE = 1024
"""Bytes of a body that are looked at for its first line."""


def texts(body: bytes, how: str = "") -> list[str]:
    """The body as it is, and what is shown of it, if that is something else; `how` as in `views`.
    Most bodies are plain text, and that they are is seen in a microsecond.

    >>> texts(b'{"to": "ada"}'), texts(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9")
    (['{"to": "ada"}'], ['eyJ0byI6ICJhZGEiLCAidiI6IDN9', '{"to": "ada", "v": 3}'])
    """
    text = _as_text(body)
    layers = how and "+".join(name for name in how.split("+") if name.lower() not in _TEXTS)
    if not layers and not (_BASE64_OR_FORM.match(body) or _is_binary(body)):
        return [text]
    return [text, *_shown(views(body, layers)[0], body)]


def beginning(body: bytes, limit: int = 200) -> str:
    """The beginning of a body as one line: what was encoded if that is a text, else as it is.

    >>> beginning(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9"), beginning(b"ABCDEFGHIJKLMNOPQRST")
    ('{"to": "ada", "v": 3}', 'ABCDEFGHIJKLMNOPQRST')
    """
    inner = _unwrapped(body[:PIECE])
    return first_line(body if inner is None else inner, limit)


def _as_text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _is_binary(body: bytes) -> bool:
    """Whether it is surely no text: a NUL, or bytes that are no UTF-8."""
    if body.isascii():
        return b"\0" in body
    try:
        return "\0" in body.decode("utf-8")
    except UnicodeDecodeError:
        return True


def _shown(view: View, body: bytes) -> Iterator[str]:
    """What the view shows that does not stand in the body as it is."""
    if view.name.rpartition(BETWEEN)[2] in _SET_OUT:
        yield "\n".join(view.lines())
    elif view.inner != body:
        yield _as_text(view.inner)


def _unwrapped(data: bytes, most: int = MAX_LAYERS) -> bytes | None:
    """What is below the layers of this piece; None if there are none, or it is no text."""
    for name, unwrap in WRAPPINGS.items() if most else ():
        if name == "base64" and not _BASE64.match(data):
            continue
        inner = unwrap(_groups_of_four(data) if name == "base64" else data)
        if inner is not None:
            inner = inner[:PIECE]
            return _unwrapped(inner, most - 1) or (inner if reads_well(inner) else None)
    return None


def _groups_of_four(data: bytes) -> bytes:
    """Those of a piece: the last one of them may be cut."""
    packed = b"".join(data.split())
    return packed[: -(len(packed) % 4) or None] if len(data) == PIECE else data
