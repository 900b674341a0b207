"""The members of a decoded body, also those in strings that hold encoded data."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from beantop.formatting import is_digits
from beantop.jobs.bodies.as_json import begins_as_json, cut_json_value, is_utf_8, json_value
from beantop.jobs.bodies.layers import MAX_LAYERS, MIN_BASE64
from beantop.jobs.bodies.lines import Malformed
from beantop.jobs.bodies.php import begins_as_php, php_value
from beantop.jobs.bodies.texts import is_plain
from beantop.jobs.bodies.values import Members, Value
from beantop.jobs.bodies.views import READERS, TRIED, View, nested_view, views

_MAY_HOLD_MORE = re.compile(rf"\s*[{{\[]|[aOC]:[0-9]|\s*[A-Za-z0-9+/_\-]{{{MIN_BASE64}}}")
"""The start of a string that may hold encoded data."""

_ID = re.compile(r"[0-9a-f\-]+|[0-9A-F\-]+")

CLASS = ""
"""The last step of a path to the class of an object, instead of a name."""


class Decoded(NamedTuple):
    """The value of a body."""

    value: Value
    """None if its format has no members."""
    is_cut: bool = False
    """Whether members may be missing: the end of the body is, or it is too long to be decoded."""


@lru_cache(maxsize=2)
def decoded(body: bytes, decoder: str = "") -> Decoded:
    """Return the value of a body. Nothing in it can make this fail."""
    if not decoder:
        if is_plain(body):
            return Decoded(None)
        if (value := _read_directly(body)) is not None:
            return Decoded(value)
    return _decoded_in(views(body, decoder)[0])


def value_of(body: bytes, decoder: str = "") -> Value:
    """Return the value of a body, as far as it is known; None if its format has no members."""
    return decoded(body, decoder).value


def opened(value: Value, most: int = MAX_LAYERS) -> Value:
    """Return what is encoded in a string, with at most `most` layers; other values as they are."""
    if not isinstance(value, str | bytes) or _is_plain(value):
        return value
    data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    if most and (inside := _read_directly(data)) is not None:
        return inside
    view = nested_view(data, most, "")
    return _decoded_in(view).value if view else value


def _is_plain(value: str | bytes) -> bool:
    """Return whether a string holds nothing but its text, which most do."""
    if not isinstance(value, str) or not value.isprintable():
        return False
    return not _MAY_HOLD_MORE.match(value) or _ID.fullmatch(value) is not None


def at_path(value: Value, path: Sequence[str]) -> Value:
    """Return the value at a path, given as its steps; None if there is none. A name may have dots.

    >>> at_path(Members(members={"a": ["x", Members(members={"b.c": 7})]}), ["a", "1", "b", "c"])
    7
    """
    left = list(path)
    while left:
        value = opened(value)
        if left == [CLASS]:
            return value.class_name or None if isinstance(value, Members) else None
        if isinstance(value, list):
            step = left.pop(0)
            is_there = is_digits(step) and len(step) < 10 and int(step) < len(value)
            value = value[int(step)] if is_there else None
        elif isinstance(value, Members):
            count = 1
            while (name := ".".join(left[:count])) not in value:
                if count == len(left):
                    return None
                count += 1
            value, left = value[name], left[count:]
        else:
            return None
    return value


def _read_directly(data: bytes) -> Value:
    """Return the value of usual JSON or PHP, which is found without a view; else None."""
    read = json_value if begins_as_json(data) else php_value if begins_as_php(data) else None
    if read is None or len(data) > TRIED or not is_utf_8(data):
        return None
    try:
        return read(data)
    except Malformed:
        return None


def _decoded_in(view: View) -> Decoded:
    read = READERS.get(view.format)
    if read is None:
        return Decoded(None, bool(view.problem) or len(view.inner) > TRIED)
    try:
        return Decoded(read(view.inner))
    except (Malformed, RecursionError):
        known = cut_json_value(view.inner) if read is json_value else None
        return Decoded(known or None, is_cut=True)
