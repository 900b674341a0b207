"""The texts of a body, raw and decoded, for word search and for one-line display."""

import codecs
import re
from collections.abc import Iterator, Sequence

from beantop.formatting import printable
from beantop.jobs.bodies.as_json import unescaped
from beantop.jobs.bodies.encodings import ENCODINGS, recognized
from beantop.jobs.bodies.json_words import adds_no_word
from beantop.jobs.bodies.layers import MAX_LAYERS, MIN_BASE64, ONLY_WRAPPING, WRAPPINGS, is_word
from beantop.jobs.bodies.lines import Cut
from beantop.jobs.bodies.plain import (
    BOM,
    SHOWN,
    begins_as_format,
    is_written,
    reads_well,
    text_lines,
)
from beantop.jobs.bodies.views import View, unwrapped, views

_BASE64 = re.compile(rb"\s*[A-Za-z0-9+/_\-]{%d}" % MIN_BASE64)
_DECODABLE = re.compile(
    rb"(?:%b)?(?:\s*[{\[\"]|[aOC]:|%b|\s*[A-Za-z0-9_.\-\[\]%%]+=|[^%%]{,9}%%[0-9a-fA-F]{2})"
    % (BOM, _BASE64.pattern)
)
"""The start of a text that may be shown decoded."""

_ESCAPED = re.compile(r"[\\\u2400-\u2421]|^[0-9a-f]|[xu][0-9a-f]{2}")
"""A word that may be in the signs for characters that cannot be seen."""

_JSON = re.compile(r"\s*[{\[]")

SEARCHED = 2**23
"""Bytes below each layer that are searched. A few kilobytes of gzip can hold gigabytes."""

AT_ONCE = 2**16
"""Bytes that are decoded at once. Other threads wait meanwhile, and a megabyte of bytes that are not
UTF-8 takes a third of a second."""

PIECE = 1024
"""Bytes of a body that are decoded for its first line."""


def shown_text(lines: Sequence[str]) -> str:
    r"""Return the lines as one text, as on the screen, for searching, copying and filtering.

    >>> shown_text(["to: ada", "\x1b[31m"])
    'to: ada\n␛[31m'
    """
    return "\n".join(map(printable, lines))


class Texts:
    r"""The raw body, the same as it is shown, its line in a list, and its decoded view, as far as these
    differ, to be searched once. Each text is made on demand; plain text is recognized within a microsecond.

    >>> list(Texts(b"ada")), list(Texts(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9"))
    (['ada'], ['eyJ0byI6ICJhZGEiLCAidiI6IDN9', '{"to": "ada", "v": 3}', '{\n  "to": "ada",\n  "v": 3\n}'])
    """

    def __init__(self, body: bytes, how: str = "", words: Sequence[str] | None = None) -> None:
        """`how` is as in `views`. If the caller looks for nothing but `words`, folded, texts without
        them are left out."""
        self.is_cut = False
        """Whether a text so far lacks a part of what is encoded in the body."""
        self._body, self._how, self._words = body, how, words

    def __iter__(self) -> Iterator[str]:
        body, how, words = self._body, self._how, self._words
        try:
            raw = body.decode("utf-8")
            decodable = how or not raw.isprintable() or _DECODABLE.match(body)
        except UnicodeDecodeError:
            raw, decodable = _decoded(body), True
        yield raw
        as_text = raw
        if not raw.isprintable() and (words is None or any(map(_ESCAPED.search, words))):
            as_text = shown_text(text_lines(body[:SHOWN]))
            if as_text != raw:
                yield as_text
        if not decodable or (words is not None and not how and adds_no_word(body, raw, words)):
            return
        view = views(body, how)[0]
        if (in_list := _in_list(self._inner(view))) not in (raw, as_text):
            yield in_list
        lines = [] if view.name.endswith("hex") else view.lines()
        self.is_cut = self.is_cut or any(isinstance(line, Cut) for line in lines)
        if lines and (as_shown := shown_text(lines)) not in (raw, as_text, in_list):
            yield as_shown

    def _inner(self, view: View) -> bytes:
        """Return the data below the layers, also what is too long to be shown."""
        if view.inner is self._body:
            self.is_cut = bool(view.problem) and view.name == "hex"  # a layer that cannot be read
            return view.inner
        if len(view.inner) <= SHOWN and not view.problem:
            return view.inner
        more = unwrapped(self._body, view, SEARCHED + 1)
        if more is None:
            self.is_cut = True
            return view.inner
        self.is_cut = more.is_cut
        return more.data[:SEARCHED]


def is_plain(body: bytes) -> bool:
    """Return whether a body can only be one line of text, which is found out within a microsecond.

    >>> is_plain(b"ada"), is_plain(b'{"to": "ada"}')
    (True, False)
    """
    try:
        return not _DECODABLE.match(body) and body.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def beginning(body: bytes, limit: int = 200) -> str:
    """Return the beginning of a body as one line, decoded if that yields text, else raw.

    >>> beginning(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9"), beginning(b"ABCDEFGHIJKLMNOPQRST")
    ('{"to": "ada", "v": 3}', 'ABCDEFGHIJKLMNOPQRST')
    """
    return _in_list(innermost(body))[:limit]


def innermost(body: bytes) -> bytes:
    """Return the data below the layers of the beginning of a body, if that is text, else the
    beginning as it is.

    >>> innermost(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9"), innermost(b"ABCDEFGHIJKLMNOPQRST")
    (b'{"to": "ada", "v": 3}', b'ABCDEFGHIJKLMNOPQRST')
    """
    piece = body[:PIECE]
    inner = _unwrapped(piece, MAX_LAYERS, cut=len(body) > PIECE)
    return piece if inner is None else inner


def _in_list(data: bytes) -> str:
    """Return bytes as the text of a list row, not cut to its width."""
    text = _decoded(data.removeprefix(BOM))
    return unescaped(text) if _JSON.match(text) else text


def _decoded(data: bytes) -> str:
    """Decode UTF-8, piece by piece; other bytes are written as \\xNN."""
    if len(data) <= AT_ONCE:
        return data.decode("utf-8", "backslashreplace")
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    pieces = (data[at : at + AT_ONCE] for at in range(0, len(data), AT_ONCE))
    return "".join([*map(decoder.decode, pieces), decoder.decode(b"", final=True)])


def _unwrapped(data: bytes, most: int, *, cut: bool) -> bytes | None:
    """Return the text below the layers of a piece of a body, which may be cut. Return None if there
    are no layers or no text."""
    if most and (encoding := recognized(data, cut=cut)):
        text = ENCODINGS[encoding](data)
        return _unwrapped(text.data, most - 1, cut=cut) or text.data if text else None
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
    """Return whether the data below a layer is readable, and the layer is real."""
    if layer == "base64":
        return is_written(inner, cut=cut or bool(problem))
    if layer == "deflate" and problem and not cut:
        return False
    if layer in ONLY_WRAPPING:
        return begins_as_format(inner) and reads_well(inner)
    return reads_well(inner)


def _groups_of_four(data: bytes) -> bytes:
    """Return base64 up to its last complete group, since a piece may end within one."""
    packed = b"".join(data.split())
    return packed[: -(len(packed) % 4) or None]
