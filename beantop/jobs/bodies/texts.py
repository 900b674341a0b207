"""What a body says, to look for words in it, and as one line: as it is, and as it is shown."""

import re
from collections.abc import Iterator, Sequence

from beantop.formatting import printable
from beantop.jobs.bodies.as_json import MARK, begins_as_json, may_hold_more, unescaped
from beantop.jobs.bodies.layers import MAX_LAYERS, MIN_BASE64, WRAPPINGS, is_word
from beantop.jobs.bodies.lines import MAX_LINES
from beantop.jobs.bodies.plain import is_written, reads_well
from beantop.jobs.bodies.views import views

_BASE64 = re.compile(rb"\s*[A-Za-z0-9+/_\-]{%d}" % MIN_BASE64)
_SET_OUT = re.compile(
    rb"(?:%b)?(?:\s*[{\[]|[aOC]:|%b|\s*[A-Za-z0-9_.\-\[\]%%]+=)" % (MARK, _BASE64.pattern)
)
"""How a text begins that may be shown otherwise than it is."""

_JSON = re.compile(r"\s*[{\[]")

PIECE = 1024
"""Bytes of a body that are looked at for its first line."""


def shown_text(lines: Sequence[str]) -> str:
    """The lines as one text, as they are on the screen: what is searched, copied and filtered by.

    >>> shown_text(["to: ada", "\x1b[31m"])
    'to: ada\\n␛[31m'
    """
    return "\n".join(map(printable, lines))


def texts(body: bytes, how: str = "", *, for_words: bool = False) -> Iterator[str]:
    """The body as it is, as it stands in a list, and as it is shown, where these are something
    else; `how` as in `views`. Each is made when it is asked for: that most bodies are plain text is
    seen in a microsecond. With `for_words` what has none of the signs of JSON is looked for: then
    that is not set out where no other words come of it.

    >>> list(texts(b"ada")), list(texts(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9"))
    (['ada'], ['eyJ0byI6ICJhZGEiLCAidiI6IDN9', '{"to": "ada", "v": 3}', '{\\n  "to": "ada",\\n  "v": 3\\n}'])
    """
    try:
        raw = body.decode("utf-8")
        is_plain = raw.isprintable() and not how and not _SET_OUT.match(body)
    except UnicodeDecodeError:
        raw, is_plain = body.decode("utf-8", "backslashreplace"), False
    yield raw
    if is_plain:
        return
    if for_words and not how and _has_the_words_of_its_lines(body):
        yield _in_list(body)
        return
    view = views(body, how)[0]
    if (in_list := _in_list(view.inner)) != raw:
        yield in_list
    if not view.name.endswith("hex") and (as_shown := shown_text(view.lines())) not in (
        raw,
        in_list,
    ):
        yield as_shown


def _has_the_words_of_its_lines(body: bytes) -> bool:
    """Whether it is JSON, if it is set out at all, and in its lines are no words but its own."""
    is_short = len(body) < MAX_LINES and body.rstrip()[-1:] in (b"}", b"]")
    return is_short and begins_as_json(body) and reads_well(body) and not may_hold_more(body)


def beginning(body: bytes, limit: int = 200) -> str:
    """The beginning of a body as one line: what was encoded if that is a text, else as it is.

    >>> beginning(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9"), beginning(b"ABCDEFGHIJKLMNOPQRST")
    ('{"to": "ada", "v": 3}', 'ABCDEFGHIJKLMNOPQRST')
    """
    piece = body[:PIECE]
    inner = _unwrapped(piece, MAX_LAYERS, cut=len(body) > PIECE)
    return _in_list(piece if inner is None else inner)[:limit]


def _in_list(data: bytes) -> str:
    """Bytes as one line of a list, but for its end."""
    text = data.removeprefix(MARK).decode("utf-8", "backslashreplace")
    return unescaped(text) if _JSON.match(text) else text


def _unwrapped(data: bytes, most: int, *, cut: bool) -> bytes | None:
    """What is below the layers of this piece, which may be cut; None if there are none, or it is not
    a text."""
    for name, unwrap in WRAPPINGS.items() if most else ():
        if name == "base64" and (not _BASE64.match(data) or is_word(data)):
            continue
        unpacked = unwrap(_groups_of_four(data) if name == "base64" and cut else data)
        if unpacked is None or not unpacked.data:
            continue
        inner = unpacked.data[:PIECE]
        cut = cut or len(unpacked.data) > PIECE
        found = _unwrapped(inner, most - 1, cut=cut)
        if found is None and _is_text(name, inner, unpacked.problem, cut=cut):
            found = inner
        if found is not None:
            return found
    return None


def _is_text(layer: str, inner: bytes, problem: str, *, cut: bool) -> bool:
    """Whether a person can read what is below a layer, and it is there."""
    if layer == "base64":
        return is_written(inner, cut=cut or bool(problem))
    if layer == "slashes" or (layer == "deflate" and problem and not cut):
        return False
    return reads_well(inner)


def _groups_of_four(data: bytes) -> bytes:
    """Those of a piece: the last one of them may be cut."""
    packed = b"".join(data.split())
    return packed[: -(len(packed) % 4) or None]
