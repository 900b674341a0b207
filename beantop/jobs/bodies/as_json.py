"""Pretty-printing JSON token by token, which keeps duplicate keys and does not round numbers.

Only escapes such as `\\u041f` and `\\/` are replaced, by the characters that they stand for."""

import json
import re
from collections.abc import Callable, Iterable, Iterator

from beantop.jobs.bodies.lines import NESTING_LIMIT, Malformed, Writer

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = ("{", "["), ("}", "]")


_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)", re.DOTALL)
_KEEP_ESCAPED = frozenset('"\\')

MARK = b"\xef\xbb\xbf"
"""The byte order mark that some producers put before UTF-8."""

_MORE = re.compile(rb'"\s*(?:[{\[]|[aOC]:[0-9]|[A-Za-z0-9+/_\-\\]{16})|\\u00[01]')
"""Quoted JSON, PHP or base64, or escaped control characters."""

_BEGINS = re.compile(rb"(?:%b)?\s*[{\[]" % MARK)


def json_lines(body: bytes) -> list[str]:
    """Return JSON with each member on its own line. Raises `Malformed`.

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


def cut_json_lines(beginning: bytes) -> list[str]:
    """Return the lines of JSON of which only the beginning is known, as far as it goes.

    >>> cut_json_lines(b'{"to": "ada", "te')
    ['{', '  "to": "ada",', '  "te']
    """
    text = beginning.removeprefix(MARK).decode("utf-8", "ignore")
    return ["  " * max(0, min(depth, NESTING_LIMIT)) + line for depth, line in _set_out(text)]


def begins_as_json(body: bytes) -> bool:
    """Return whether the body may be a JSON object or array."""
    return _BEGINS.match(body) is not None


def is_json(body: bytes) -> bool:
    """Return whether the body is a JSON object or array; a bare number or word is better shown as
    text. In encodings other than UTF-8, bytes that are not ASCII are kept as bytes."""
    if not begins_as_json(body):
        return False
    try:
        _read(body)
    except Malformed:
        return False
    return True


def json_set_out(body: bytes) -> tuple[list[str], Iterable[tuple[str, bytes]]]:
    """Return the lines, and the strings if they may hold encoded data. Raises `Malformed`."""
    return json_lines(body), json_strings(body) if may_hold_more(body) else ()


def may_hold_more(body: bytes) -> bool:
    """Return whether a string in the JSON may hold data that is itself encoded.

    >>> may_hold_more(b'{"to": "ada"}'), may_hold_more(b'{"data": "{}"}')
    (False, True)
    """
    return _MORE.search(body) is not None or not is_utf_8(body)


def is_utf_8(body: bytes) -> bool:
    """Return whether the body is valid UTF-8."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def unescaped(text: str) -> str:
    r"""Replace JSON escapes by their characters, except quotes, backslashes and invisible ones.

    >>> print(unescaped(r'"\u0041da \ud83d\ude00 \/ \u0022 \n \u202e \ud800 \\\u0041"'))
    "Ada 😀 / \u0022 \n \u202e \ud800 \\A"
    """
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def json_strings(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the strings of JSON with their paths. Raises `Malformed`.

    >>> list(json_strings(b'{"a": [1, {"b": "x"}], "a": "y"}'))
    [('a.1.b', b'x'), ('a', b'y')]
    """
    left: list[tuple[str, object]] = [("", _load(_text(body), _skip_number))]
    while left:
        path, found = left.pop()
        if isinstance(found, str):
            yield path.removeprefix("."), original_bytes(found)
        elif isinstance(found, _Members):
            left += [(f"{path}.{name}", value) for name, value in reversed(found)]
        elif isinstance(found, list):
            left += [(f"{path}.{at}", found[at]) for at in range(len(found) - 1, -1, -1)]


def json_tree(body: bytes) -> object:
    """Return the value, with numbers as they are written. Of members with the same name, it has the last
    one, as most readers do. Raises `Malformed`.

    >>> json_tree(b'{"a": [1.50, true], "a": {"id": 9007199254740993}}')
    {'a': {'id': '9007199254740993'}}
    """
    return _load(_text(body), members=dict)


class _Members(list[tuple[str, object]]):
    """The members of an object, in which a name may occur twice."""


def _read(body: bytes) -> str:
    """Return the text of a body that is JSON. Raises `Malformed`."""
    text = _text(body)
    _load(text)
    return text


def _text(body: bytes) -> str:
    return body.removeprefix(MARK).decode("utf-8", "surrogateescape")


def _load(
    text: str,
    number: Callable[[str], object] = str,
    members: Callable[[list[tuple[str, object]]], object] = _Members,
) -> object:
    """Parse JSON, with numbers made by `number`: Python would round them or reject long ones."""
    try:
        return json.loads(
            text,
            parse_int=number,
            parse_float=number,
            parse_constant=number,
            object_pairs_hook=members,
        )
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None


def _skip_number(number: str) -> None:
    """Parse a number as None."""


def original_bytes(text: str) -> bytes:
    """Return the original bytes of a JSON string; lone surrogates are kept."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _with_bytes(line: str) -> str:
    """Return the line, with bytes that are not UTF-8 as \\xNN."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return line


def _unescape(escape: re.Match[str]) -> str:
    text = escape[0]
    if text == r"\/":
        return "/"
    if text[1] != "u":
        return text
    try:
        character: str = json.loads(f'"{text}"')
    except ValueError:
        return text
    return character if character.isprintable() and character not in _KEEP_ESCAPED else text


def _set_out(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with their nesting depths."""
    previous, line = "", ""
    depth = line_depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _CLOSING:
            depth -= 1
        if previous == "," or (previous in _OPENING) != (token in _CLOSING):
            yield line_depth, line
            line_depth, line = depth, ""
        line += ": " if token == ":" else unescaped(token)
        if token in _OPENING:
            depth += 1
        previous = token
    yield line_depth, line
