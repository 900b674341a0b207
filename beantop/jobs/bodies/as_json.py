"""Pretty-printing JSON token by token, which keeps duplicate keys and does not round numbers.

Only escapes such as `\\u041f` and `\\/` are replaced, by the characters that they stand for."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from beantop.jobs.bodies.lines import NESTING_LIMIT, Malformed, Writer
from beantop.jobs.bodies.plain import BOM
from beantop.jobs.bodies.values import Members, Value, leaves, number_of

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPENING, _CLOSING = ("{", "["), ("}", "]")


_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)", re.DOTALL)
_KEEP_ESCAPED = frozenset('"\\')

_MORE = re.compile(rb'"\s*(?:[{\[]|[aOC]:[0-9]|[A-Za-z0-9+/_\-\\]{16})|\\u00[01]|\\n')
"""Quoted JSON, PHP or base64, or escaped control characters or line ends."""

_BEGINS = re.compile(rb"(?:%b)?\s*[{\[]" % BOM)
_BEGINS_SURELY = re.compile(rb'(?:%b)?\s*(?:\{\s*"|\[\s*[{\["0-9])' % BOM)
_CUT = re.compile(
    r'\s*(?:"(?:[^"\\]|\\.)*+\\?|(?<=\\)u[0-9a-fA-F]{0,4}|-|\.|[eE][+-]?'
    r"|t|tr|tru|f|fa|fal|fals|n|nu|nul)?",
    re.DOTALL,
)
"""What is left of JSON where it is cut: a string, an escape, a number or a literal."""

_MEMBER = re.compile(r'\s*[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_SPACES = re.compile(r"[ \t\r\n]*")


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


def json_value(body: bytes) -> Value:
    """Return the value; several values become a list. Raises `Malformed`.

    >>> json_value(b'{"to": ["ada", 7]}'), json_value(b"[1][2]")
    ({'to': ['ada', 7]}, [[1], [2]])
    """
    every = _load(_text(body), number_of)
    return every[0] if len(every) == 1 else every


def cut_json_value(beginning: bytes) -> Members:
    """Return the members of a JSON object up to the first one that is cut or wrong.

    >>> cut_json_value(b'{"to": "ada", "tags": [1], "te')
    {'to': 'ada', 'tags': [1]}
    """
    text = beginning.removeprefix(BOM).decode("utf-8", "ignore")
    found = Members()
    at = 0
    while match := _MEMBER.match(text, at):
        try:
            name = json.loads(match[1])
            found[name], at = _decoder(number_of, _members).raw_decode(text, match.end())
        except (ValueError, RecursionError):
            break
    return found


def is_cut_json(body: bytes) -> bool:
    """Return whether the body is JSON whose end is missing.

    >>> is_cut_json(b'{"to": "ada", "te'), is_cut_json(b'{"to": tr'), is_cut_json(b"[1] is text")
    (True, True, False)
    """
    if not _BEGINS_SURELY.match(body):
        return False
    text = body.removeprefix(BOM).decode("utf-8", "ignore")
    try:
        _load(text)
    except NotJson as error:
        return _CUT.fullmatch(text, error.at) is not None
    except Malformed:
        return False
    return False


def cut_json_lines(beginning: bytes) -> list[str]:
    """Return the lines of JSON of which only the beginning is known, as far as it goes.

    >>> cut_json_lines(b'{"to": "ada", "te')
    ['{', '  "to": "ada",', '  "te']
    """
    text = beginning.removeprefix(BOM).decode("utf-8", "ignore")
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
    """Return the lines, and the strings if they may hold encoded data or several lines. Raises `Malformed`."""
    return json_lines(body), json_strings(body) if may_hold_more(body) else ()


def may_hold_more(body: bytes) -> bool:
    """Return whether a string in the JSON may hold data that is itself encoded, or several lines.

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
    every = _load(_text(body), _skip_number, _Pairs)
    for path, found in leaves(every[0] if len(every) == 1 else every):
        if isinstance(found, str):
            yield path, original_bytes(found)


class NotJson(Malformed):
    """The text is not JSON; `at` is the offset where that shows."""

    def __init__(self, error: json.JSONDecodeError) -> None:
        super().__init__(f"it is not JSON: {error}")
        self.at = error.pos


class _Pairs(Members):
    """The members of an object, in which a name may occur twice."""

    def __init__(self, pairs: list[tuple[str, Value]]) -> None:
        super().__init__("", pairs)
        self._pairs = pairs

    def items(self) -> Iterable[tuple[str, Value]]:  # type: ignore[override]  # pairs, not a view
        return self._pairs


def _read(body: bytes) -> str:
    """Return the text of a body that is JSON. Raises `Malformed`."""
    text = _text(body)
    _load(text)
    return text


def _text(body: bytes) -> str:
    return body.removeprefix(BOM).decode("utf-8", "surrogateescape")


def _members(pairs: list[tuple[str, Value]]) -> Members:
    return Members("", pairs)


@cache
def _decoder(
    number: Callable[[str], Value], pairs: Callable[[list[tuple[str, Value]]], Value]
) -> json.JSONDecoder:
    return json.JSONDecoder(
        parse_int=number, parse_float=number, parse_constant=number, object_pairs_hook=pairs
    )


def _load(
    text: str,
    number: Callable[[str], Value] = str,
    pairs: Callable[[list[tuple[str, Value]]], Value] = _members,
) -> list[Value]:
    """Parse JSON values, one after another, as in lines of a log. Numbers are made by `number`:
    Python would round them or reject long ones."""
    decoder = _decoder(number, pairs)
    every: list[Value] = []
    at = _skip_spaces(text, 0)
    try:
        while at < len(text) or not every:
            if every and text[at] not in _OPENING:
                raise json.JSONDecodeError("Extra data", text, at)
            value, at = decoder.raw_decode(text, at)
            every.append(value)
            at = _skip_spaces(text, at)
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise NotJson(error) from None
    return every


def _skip_spaces(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return match.end() if match else at


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
        if (
            previous == ","
            or (previous in _OPENING) != (token in _CLOSING)
            or (previous in _CLOSING and token in _OPENING)
        ):
            yield line_depth, line
            line_depth, line = depth, ""
        line += ": " if token == ":" else unescaped(token)
        if token in _OPENING:
            depth += 1
        previous = token
    yield line_depth, line
