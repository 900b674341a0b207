"""Find out whether pretty-printed JSON can contain a word, without pretty-printing it.

That takes a twentieth of the time, and a list may have a hundred thousand bodies. A pretty-printed body
consists of pieces of the JSON, pieces of JSON and PHP in its strings, and our own signs and words. A
word that is in no piece and is not one of ours cannot be in it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from beantop.formatting import folded
from beantop.jobs.bodies.as_json import begins_as_json
from beantop.jobs.bodies.layers import MAX_LAYERS, MIN_BASE64, is_word
from beantop.jobs.bodies.lines import MAX_LINES
from beantop.jobs.bodies.plain import reads_well
from beantop.jobs.bodies.views import NAMES, nested_view

_OWN_WORDS = " ".join(NAMES) + (
    " true false null protected private the same as value and more is encoded in its strings"
    " only lines are shown this cannot be read the is cut off is damaged bytes follow"
)
_OWN_SIGNS = re.compile(r'[{}\[\]()",:\\…─›␀-␡\U00010000-\U0010ffff]')
"""Our own signs, and letters that JSON may write as two numbers."""

_LONGEST_INDEX = 6
"""Digits of the largest index in a list that is pretty-printed."""

_NUMBERED = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|(/))")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ENCODED = re.compile(
    rf'"((?:[A-Za-z0-9+/_\-\s]|\\+[/nrt]){{{MIN_BASE64},}}={{0,2}}(?:\\+[nr])*)\\*"'
)


def adds_no_word(body: bytes, text: str, words: Sequence[str]) -> bool:
    """Return whether pretty-printing cannot add any of the words, which are folded, to this body and
    its text. False means that it may."""
    if not _is_usual(body) or ("\\" in text and _HALF.search(text)):
        return False
    encoded = list(filter(None, map(_decoded, _ENCODED.findall(text))))
    as_it_is = folded(text)
    pieces = [*_without_escapes(text), *map(folded, encoded)]
    for word in words:  # plain loops are faster, and there can be 100,000 bodies
        if word in as_it_is:
            continue
        for piece in pieces:
            if word in piece:
                return False
        if _may_be_ours(word, [as_it_is, *pieces], has_more=bool(encoded)):
            return False
    return True


def _without_escapes(text: str) -> list[str]:
    """Return the text without numbered letters, and without backslashes, folded; each only if it has any."""
    if "\\" not in text:
        return []
    if "\\u" in text or "\\/" in text:
        text = _NUMBERED.sub(_letter, text)
        return [folded(text), folded(text.replace("\\", ""))]
    return [folded(text.replace("\\", ""))]


def _is_usual(body: bytes) -> bool:
    """Return whether the body can only be JSON, readable, and short enough to be pretty-printed whole."""
    is_whole = len(body) < MAX_LINES and body.rstrip()[-1:] in (b"}", b"]")
    return is_whole and begins_as_json(body) and reads_well(body)


def _letter(number: re.Match[str]) -> str:
    return chr(int(number[1], 16)) if number[1] else "/"


def _decoded(string: str) -> str:
    """Return what is shown of a string that may be base64; "" if it is not."""
    packed = re.sub(r"\\+[nrt]|\s", "", string).replace("\\", "").encode()
    view = None if is_word(packed) else nested_view(packed, MAX_LAYERS, "")
    return "\n".join(view.lines()) if view else ""


@lru_cache(maxsize=256)
def _is_ours(word: str) -> bool:
    """Return whether the word is a part of our own words, has one of our signs, or may be an index."""
    is_index = word.isdigit() and len(word) <= _LONGEST_INDEX
    return is_index or word in _OWN_WORDS or _OWN_SIGNS.search(word) is not None


def _may_be_ours(word: str, pieces: Iterable[str], *, has_more: bool) -> bool:
    """Return whether the word may be our own word or sign, or a path: names and indexes joined by dots.
    `has_more` means that decoded strings add names."""
    if _is_ours(word):
        return True
    if "." not in word:
        return False
    if has_more:
        return True
    before, *others = word.split(".")
    if any(not part or part.isdigit() for part in (before, *others)):
        return True
    for part in others:
        ends = f'{before}"', f"{before}\\"
        if any(end in piece for end in ends for piece in pieces):
            return True
        before += f".{part}"
    return False
