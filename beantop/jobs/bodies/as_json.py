"""JSON set out, token by token as it stands there: no number is rounded, no key that occurs twice lost."""

import json
import re
from collections.abc import Iterator

from beantop.jobs.bodies.lines import NESTING_LIMIT, Malformed, Writer
from beantop.jobs.bodies.php import is_php, php_lines

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = ("{", "["), ("}", "]")


def json_lines(body: bytes) -> list[str]:
    """JSON with each member on a line of its own. Raises `Malformed`.

    >>> json_lines(b'{"to": "ada", "tags": [1.50, {}], "empty": []}')
    ['{', '  "to": "ada",', '  "tags": [', '    1.50,', '    {}', '  ],', '  "empty": []', '}']
    """
    _check(body)
    out = Writer()
    for depth, line in _set_out(body.decode("utf-8")):
        out.add(min(depth, NESTING_LIMIT), line)
        if out.is_full:
            break
    return out.lines


def is_json(body: bytes) -> bool:
    """Whether the body is a JSON object or array; a bare number or word is better seen as text."""
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        _check(body)
    except Malformed:
        return False
    return True


def _check(body: bytes) -> None:
    try:
        json.loads(body.decode("utf-8"), parse_int=str, parse_float=str)
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except ValueError as error:
        raise Malformed(f"it is not JSON: {error}") from None


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
        line += ": " if token == ":" else token
        if token in _OPENING:
            depth += 1
        before = token
    yield begun_at, line


def embedded_php(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """What PHP serialized into strings of a JSON object, two levels deep, with the way there."""
    found = json.loads(data, parse_int=str)
    for path, value in _strings(found):
        try:
            serialized = value.encode("utf-8", "surrogateescape")
            if is_php(serialized):
                yield path, php_lines(serialized)
        except (Malformed, UnicodeEncodeError):
            continue


def _strings(found: object) -> Iterator[tuple[str, str]]:
    members = found.items() if isinstance(found, dict) else ()
    for name, value in members:
        inner = value.items() if isinstance(value, dict) else ()
        for path, text in [(name, value), *((f"{name}.{key}", inside) for key, inside in inner)]:
            if isinstance(text, str) and len(text) > 4:
                yield path, text
