"""JSON set out, token by token as it stands there: no number is rounded, no key that occurs twice lost."""

import json
import re
from collections.abc import Iterator

from beantop.jobs.bodies.lines import Malformed
from beantop.jobs.bodies.php import is_php, php_lines

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_NESTING_LIMIT = 100


def json_lines(body: bytes) -> list[str]:
    """JSON with each member on a line of its own.

    >>> json_lines(b'{"to": "ada", "tags": [1.50, {}], "empty": []}')
    ['{', '  "to": "ada",', '  "tags": [', '    1.50,', '    {}', '  ],', '  "empty": []', '}']
    """
    return "".join(_set_out(body.decode("utf-8"))).split("\n")


def is_json(body: bytes) -> bool:
    """Whether the body is a JSON object or array; a bare number or word is better seen as text."""
    if body.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(body.decode("utf-8"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    return True


def _set_out(text: str) -> Iterator[str]:
    tokens = _TOKEN.findall(text)
    depth = 0
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        if token in ("}", "]"):
            depth -= 1
            if before not in ("{", "["):
                yield _new_line(depth)
        elif before in ("{", "[", ","):
            yield _new_line(depth)
        yield ": " if token == ":" else token
        if token in ("{", "["):
            depth += 1


def _new_line(depth: int) -> str:
    return "\n" + "  " * min(depth, _NESTING_LIMIT)


def embedded_php(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """What PHP serialised into strings of a JSON object, two levels deep, with the way there."""
    found = json.loads(data, parse_int=str)
    for path, value in _strings(found):
        try:
            serialised = value.encode("utf-8", "surrogateescape")
            if is_php(serialised):
                yield path, php_lines(serialised)
        except (Malformed, UnicodeEncodeError):
            continue


def _strings(found: object) -> Iterator[tuple[str, str]]:
    members = found.items() if isinstance(found, dict) else ()
    for name, value in members:
        inner = value.items() if isinstance(value, dict) else ()
        for path, text in [(name, value), *((f"{name}.{key}", inside) for key, inside in inner)]:
            if isinstance(text, str) and len(text) > 4:
                yield path, text
