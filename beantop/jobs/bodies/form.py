"""Bodies of web forms: `to=ada&tags=a%20b`."""

import re
from urllib.parse import unquote_plus

from beantop.jobs.bodies.lines import Malformed, Writer

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
    if not _FORM.fullmatch(data):
        raise Malformed("it is not a form")
    out = Writer()
    for pair in data.decode("ascii").split("&"):
        name, _, value = pair.partition("=")
        out.add(0, f"{unquote_plus(name)} = {unquote_plus(value)}")
        if out.is_full:
            break
    return out.lines
