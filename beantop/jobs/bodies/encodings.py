"""Text encodings other than UTF-8, as layers: what is below is UTF-8.

An encoding is recognized only where no other usual one would give readable text too. Others must be
named in the configuration.
"""

import codecs
import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from beantop.jobs.bodies.layers import LIMIT, MAX_LAYERS, Unpacked, Unwrap
from beantop.jobs.bodies.plain import SHOWN, reads_well

_CODECS = {
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "latin-1": "latin-1",
    "latin-2": "iso8859-2",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp1252": "cp1252",
    "koi8-r": "koi8-r",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift-jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
}
"""Names that `decode` accepts, with the codecs of Python, which know all characters of each."""

_Test: TypeAlias = Callable[[bytes], bool]

_RECOGNIZED_IN = 2**12
"""Bytes that are read to recognize an encoding."""

_UTF_16 = re.compile(rb"\xff\xfe[^\0].|\xfe\xff.[^\0]", re.DOTALL)
_BINARY = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_LAST_WORD = re.compile(rb"[\x40-\xff]*\Z")

_UNKNOWN = "\ufffd".encode()
_PHP = re.compile(rb"[aO]:[0-9]+:|s:[0-9]+:")
_PHP_STRING = re.compile(rb's:([0-9]{1,7}):"')

_SHARED_LETTERS = "áâäçéëíîóôöúüßÁÂÄÇÉËÍÎÓÔÖÚÜ".encode("latin-1")
"""Letters that are the same bytes in the encodings for Western and Central Europe, and for Turkish."""
_LATIN = re.compile(rb"[ -~\s%b]+" % _SHARED_LETTERS)
_ACCENTED_WORD = re.compile(rb"[a-zA-Z]+[%b]{1,2}|[%b]{1,2}[a-zA-Z]+" % ((_SHARED_LETTERS,) * 2))

_CYRILLIC_WORD = re.compile(
    rb"(?<![A-Za-z\xc0-\xff])[\xc0-\xdf\xa8\xaa\xaf\xb2]?[\xe0-\xff\xb3\xb8\xba\xbf]+(?![A-Za-z\xc0-\xff])"
)
_CYRILLIC_SIGNS = rb"\x84\x85\x91-\x97\xa0\xab\xb9\xbb"
_CAPITALS = re.compile(rb"[\xc0-\xdf]")
_VOWELS, _RARE = "аеиоАЕИО".encode("cp1251"), "йщъ".encode("cp1251")
_MIN_LETTERS, _MIN_LOWER_LETTERS = 4, 12

_HANZI = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe])+")
_KANA = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
_JAPANESE = re.compile(
    rb"(?:[\x00-\x7e]|\x81[\x40-\xac]|\x82[\x4f-\xf1]|\x83[\x40-\x96]"
    rb"|[\x88-\x9f\xe0-\xea][\x40-\x7e\x80-\xfc])+"
)


def recognized(data: bytes, *, cut: bool = False) -> str:
    """Return the encoding of a text that is not UTF-8; "" if that is uncertain. With `cut`, the
    data may end within a character.

    >>> recognized("Иван".encode("cp1251")), recognized("Müller".encode("latin-1"))
    ('cp1251', 'latin-1')
    >>> recognized("ada".encode("utf-16")), recognized("ñ".encode("latin-1")), recognized(b"ada")
    ('utf-16', '', '')
    """
    if _UTF_16.match(data) and (cut or len(data) % 2 == 0):
        beginning = _as_utf_8("utf-16", data[:_RECOGNIZED_IN], 1, is_cut=True)
        return "utf-16" if reads_well(beginning) and _UNKNOWN not in beginning else ""
    shown = data[:SHOWN]
    if _is_utf_8(shown, cut=cut or len(shown) < len(data)) or _BINARY.search(shown):
        return ""
    beginning = data[:_RECOGNIZED_IN]
    if cut or len(beginning) < len(data):
        beginning = _LAST_WORD.sub(b"", beginning)
    return next((name for name, fits in _TESTS.items() if fits(beginning)), "")


def _is_utf_8(data: bytes, *, cut: bool) -> bool:
    try:
        codecs.utf_8_decode(data, "strict", not cut)
    except UnicodeDecodeError:
        return False
    return True


def _is_latin(data: bytes) -> bool:
    letters = sum(map(len, _HIGH.findall(data)))
    in_words = sum(len(_HIGH.findall(word)[0]) for word in _ACCENTED_WORD.findall(data))
    return _LATIN.fullmatch(data) is not None and in_words == letters


def _is_cyrillic(data: bytes) -> bool:
    """Return whether all words in other letters look Russian or Ukrainian: Greek and Hebrew, which
    use the same bytes, would have other vowels and no capitals."""
    words = _CYRILLIC_WORD.findall(data)
    letters = b"".join(words)
    signs = len(re.findall(rb"[%b]" % _CYRILLIC_SIGNS, data))
    has_capital = _CAPITALS.search(letters) is not None
    if len(letters) < (_MIN_LETTERS if has_capital else _MIN_LOWER_LETTERS):
        return False
    return (
        len(letters) + signs == sum(map(len, _HIGH.findall(data)))
        and _share(letters, _VOWELS) >= 0.2
        and _share(letters, _RARE) <= 0.1
    )


def _is_chinese(data: bytes) -> bool:
    """Return whether all other letters are frequent characters of Chinese. Korean, which uses the
    same bytes, has none of the later ones, and capitals of Russian have none of the first."""
    pairs = _HANZI.findall(data)
    text = b"".join(pairs)
    if len(text) < 8 or text != b"".join(_HIGH.findall(data)):
        return False
    firsts = [byte for byte in text[::2] if byte >= 0xB0]
    late = sum(byte > 0xC8 for byte in firsts)
    early = sum(not 0xC0 <= byte <= 0xDF for byte in text)
    return late >= 0.15 * len(firsts) > 0 and early >= 0.25 * len(text)


def _is_japanese(data: bytes) -> bool:
    return len(_KANA.findall(data)) >= 2 and _JAPANESE.fullmatch(data) is not None


def _share(data: bytes, some: bytes) -> float:
    return sum(byte in some for byte in data) / len(data)


_TESTS: dict[str, _Test] = {
    "shift-jis": _is_japanese,
    "latin-1": _is_latin,
    "cp1251": _is_cyrillic,
    "gbk": _is_chinese,
}


def _transcoded(name: str, data: bytes, limit: int = LIMIT) -> Unpacked | None:
    """Return text in an encoding as UTF-8; bytes that are not in it are written as �."""
    is_cut = len(data) > limit
    found = _as_utf_8(name, data[:limit], MAX_LAYERS, is_cut=is_cut)
    problem = f"some bytes are not {name}: they are written as �" if _UNKNOWN in found else ""
    return Unpacked(found[:limit], problem, is_cut)


def _as_utf_8(name: str, data: bytes, most: int, *, is_cut: bool = False) -> bytes:
    """Return text as UTF-8. PHP's strings are preceded by their lengths, which are corrected."""
    if not most or not _PHP.match(data):
        has_mark = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        codec = "utf-16-le" if name == "utf-16" and not has_mark else _CODECS[name]
        decoder = codecs.getincrementaldecoder(codec)("replace")
        return decoder.decode(data, final=not is_cut).encode("utf-8", "replace")
    out: list[bytes] = []
    at = 0
    while match := _PHP_STRING.search(data, at):
        end = match.end() + int(match[1])
        string = _as_utf_8(name, data[match.end() : end], most - 1)
        out += [data[at : match.start()], b's:%d:"' % len(string), string]
        at = end
    return b"".join([*out, data[at:]])


ENCODINGS: dict[str, Unwrap] = {name: partial(_transcoded, name) for name in _CODECS}
"""Decoders of text, by name."""
