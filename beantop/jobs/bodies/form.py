"""Bodies of web forms: `to=ada&tags=a%20b`."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from beantop.jobs.bodies.lines import Malformed, Writer
from beantop.jobs.bodies.values import Members, strings_in

_FORM = re.compile(
    rb"[A-Za-z0-9_.\-\[\]%]+=[A-Za-z0-9_.~\-+%*!'(),/:@]*"
    rb"(?:&[A-Za-z0-9_.\-\[\]%]+=[A-Za-z0-9_.~\-+%*!'(),/:@]*)*"
)


def is_form(data: bytes) -> bool:
    """Return whether the data is at least two pairs, or one pair with an escape."""
    return (b"&" in data or b"%" in data) and _FORM.fullmatch(data) is not None


def form_lines(data: bytes) -> list[str]:
    """Return one pair per line. Raises `Malformed`.

    >>> form_lines(b"to=ada&tags=a%20b+c")
    ['to = ada', 'tags = a b c']
    """
    out = Writer()
    for name, value in _pairs(data):
        out.add(0, f"{name} = {value}")
        if out.is_full:
            break
    return out.lines


def form_set_out(data: bytes) -> tuple[list[str], Iterable[tuple[str, bytes]]]:
    """Return the lines, and the values that may hold encoded data, with their names. Raises
    `Malformed`."""
    return form_lines(data), strings_in(form_value(data))


def form_value(data: bytes) -> Members:
    """Return the values by their names; `user[name]` becomes `user.name`. Raises `Malformed`.

    >>> form_value(b"to=ada&user[id]=7")
    {'to': 'ada', 'user.id': '7'}
    """
    return Members("", ((dotted(name), value) for name, value in _pairs(data)))


def dotted(path: str) -> str:
    """Return a path with dots in place of brackets.

    >>> dotted("items[0][sku]"), dotted("[]"), dotted("a.b")
    ('items.0.sku', '.', 'a.b')
    """
    return path.replace("[", ".").replace("]", "") if "[" in path else path


def _pairs(data: bytes) -> Iterator[tuple[str, str]]:
    if not _FORM.fullmatch(data):
        raise Malformed("it is not a form")
    for pair in data.decode("ascii").split("&"):
        name, _, value = pair.partition("=")
        yield unquote_plus(name), unquote_plus(value)
