"""JSON set out, token by token as it stands there: no number is rounded, no key that occurs twice lost.

Only `\\u041f` becomes the letter that it is, and `\\/` a slash, which is the same JSON."""

import json
import re
from collections.abc import Callable, Iterable, Iterator

from beantop.jobs.bodies.lines import NESTING_LIMIT, Malformed, Writer

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = ("{", "["), ("}", "]")


_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)", re.DOTALL)
_KEPT = frozenset('"\\')

MARK = b"\xef\xbb\xbf"
"""What some put before UTF-8."""

_MORE = re.compile(rb'"\s*(?:[{\[]|[aOC]:[0-9]|[A-Za-z0-9+/_\-\\]{16})|\\u00[01]')
"""JSON, PHP or base64 in quotes, or what is not a text."""

_BEGINS = re.compile(rb"(?:%b)?\s*[{\[]" % MARK)


def json_lines(body: bytes) -> list[str]:
    """JSON with each member on a line of its own. Raises `Malformed`.

    >>> json_lines(b'{"to": "ada", "tags": [1.50, {}], "empty": []}')
    ['{', '  "to": "ada",', '  "tags": [', '    1.50,', '    {}', '  ],', '  "empty": []', '}']
    """
    text = _read(body)
    out = Writer()
    for depth, line in _set_out(text):
        out.add(min(depth, NESTING_LIMIT), line)
        if out.is_full:
            break
    return list(map(_with_bytes, out.lines))


def begins_as_json(body: bytes) -> bool:
    """Whether it may be a JSON object or array."""
    return _BEGINS.match(body) is not None


def is_json(body: bytes) -> bool:
    """Whether the body is a JSON object or array; a bare number or word is better seen as text. Of
    other encodings than UTF-8 what is not ASCII is kept as bytes."""
    if not begins_as_json(body):
        return False
    try:
        _read(body)
    except Malformed:
        return False
    return True


def json_set_out(body: bytes) -> tuple[list[str], Iterable[tuple[str, bytes]]]:
    """The lines, and the strings if more may be encoded in them. Raises `Malformed`."""
    return json_lines(body), json_strings(body) if may_hold_more(body) else ()


def may_hold_more(body: bytes) -> bool:
    """Whether in a string of JSON there may be something that is encoded once more.

    >>> may_hold_more(b'{"to": "ada"}'), may_hold_more(b'{"data": "{}"}')
    (False, True)
    """
    return _MORE.search(body) is not None or not is_utf_8(body)


def is_utf_8(body: bytes) -> bool:
    """Whether all that is not ASCII can be read."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def unescaped(text: str) -> str:
    r"""The JSON with the letters that are written as their numbers, but none that would be unseen.

    >>> print(unescaped(r'"\u0041da \ud83d\ude00 \/ \u0022 \n \u202e \ud800 \\\u0041"'))
    "Ada 😀 / \u0022 \n \u202e \ud800 \\A"
    """
    return _ESCAPE.sub(_letter, text) if "\\" in text else text


def json_strings(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The strings of JSON, each with the way there. Raises `Malformed`.

    >>> list(json_strings(b'{"a": [1, {"b": "x"}], "a": "y"}'))
    [('a.1.b', b'x'), ('a', b'y')]
    """
    left: list[tuple[str, object]] = [("", _load(_text(body), _no_string))]
    while left:
        path, found = left.pop()
        if isinstance(found, str):
            yield path.removeprefix("."), _bytes(found)
        elif isinstance(found, _Members):
            left += [(f"{path}.{name}", value) for name, value in reversed(found)]
        elif isinstance(found, list):
            left += [(f"{path}.{at}", found[at]) for at in range(len(found) - 1, -1, -1)]


class _Members(list[tuple[str, object]]):
    """Those of an object: a name may be there twice."""


def _read(body: bytes) -> str:
    """The text of a body that is JSON. Raises `Malformed`."""
    text = _text(body)
    _load(text)
    return text


def _text(body: bytes) -> str:
    return body.removeprefix(MARK).decode("utf-8", "surrogateescape")


def _load(text: str, number: Callable[[str], object] = str) -> object:
    """What it says, with numbers made by `number`: Python's own are rounded, or too long for it."""
    try:
        return json.loads(text, parse_int=number, parse_float=number, object_pairs_hook=_Members)
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None


def _no_string(number: str) -> None:
    """Nothing, in place of a number."""


def _bytes(text: str) -> bytes:
    """A string as it was before it became one of JSON; half a character stays what it is."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _with_bytes(line: str) -> str:
    """The line, with bytes that are not UTF-8 as \\xNN."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return line


def _letter(escape: re.Match[str]) -> str:
    said = escape[0]
    if said == r"\/":
        return "/"
    if said[1] != "u":
        return said
    try:
        letter: str = json.loads(f'"{said}"')
    except ValueError:
        return said
    return letter if letter.isprintable() and letter not in _KEPT else said


def _set_out(text: str) -> Iterator[tuple[int, str]]:
    """The lines, each with how deep it is."""
    before, line = "", ""
    depth = begun_at = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _CLOSING:
            depth -= 1
        if before == "," or (before in _OPENING) != (token in _CLOSING):
            yield begun_at, line
            begun_at, line = depth, ""
        line += ": " if token == ":" else unescaped(token)
        if token in _OPENING:
            depth += 1
        before = token
    yield begun_at, line
