"""A reader of MessagePack. The library is not used, since it allocates any list length claimed by
the data, at each depth."""

import datetime
import re
import struct
from collections.abc import Iterator, Sequence

from beantop.jobs.bodies.lines import EndsEarly, Malformed, Writer, quoted
from beantop.jobs.bodies.values import Members, Scalar, Value, strings_in

_FIXED = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
}  # fmt: skip
_LENGTHS = {
    0xC4: ("bin", ">B"), 0xC5: ("bin", ">H"), 0xC6: ("bin", ">I"),
    0xC7: ("ext", ">B"), 0xC8: ("ext", ">H"), 0xC9: ("ext", ">I"),
    0xD9: ("str", ">B"), 0xDA: ("str", ">H"), 0xDB: ("str", ">I"),
    0xDC: ("array", ">H"), 0xDD: ("array", ">I"), 0xDE: ("map", ">H"), 0xDF: ("map", ">I"),
}  # fmt: skip
_LITERALS: dict[int, tuple[str, Scalar]] = {
    0xC0: ("null", None),
    0xC2: ("false", False),
    0xC3: ("true", True),
}
_MAPS = frozenset([*(bytes([first]) for first in range(0x81, 0x90)), b"\xde", b"\xdf"])
_NAME = re.compile(r'  "[A-Za-z_][\w.\-]+": ')
_TIMESTAMP = -1
_BINARY = re.compile(r'bytes "(?:[^"\\]|\\.)*"')


def is_msgpack(data: bytes) -> bool:
    """Return whether the data is one map or array that is not empty."""
    first = data[:1] or b"\0"
    if not (0x81 <= first[0] <= 0x8F or 0x91 <= first[0] <= 0x9F or 0xDC <= first[0] <= 0xDF):
        return False
    try:
        msgpack_lines(data)
    except Malformed:
        return False
    return True


def is_chosen_msgpack(data: bytes) -> bool:
    r"""Return whether MessagePack data is intentional: random bytes may be a valid map or array
    too, but the strings in it are rarely readable.

    >>> is_chosen_msgpack(b"\x81\xa2to\xa3ada"), is_chosen_msgpack(b"\x81\xa2to\xa1\xff")
    (True, False)
    """
    try:
        return _is_readable(msgpack_lines(data))
    except Malformed:  # its end is missing
        return False


def _is_readable(lines: Sequence[str]) -> bool:
    text = _BINARY.sub("", " ".join(lines))
    return '"' in text and "\\" not in text and "extension" not in text and text.isprintable()


def msgpack_lines(data: bytes) -> list[str]:
    r"""Return the value with each member on its own line. Raises `Malformed`.

    >>> print("\n".join(msgpack_lines(b"\x82\xa2to\xa3ada\xa4tags\x92\x01\xc0")))
    {
      "to": "ada"
      "tags": [
        1
        null
      ]
    }
    """
    return _read(data).out.lines


def cut_msgpack_lines(data: bytes) -> list[str]:
    r"""Return the lines of a map whose end is missing, as far as they go; none if it is something else.

    >>> cut_msgpack_lines(b"\x82\xa2to\xa3ada\xa4t")
    ['{', '  "to": "ada"']
    """
    reader = _Reader(data)
    try:
        if data[:1] in _MAPS:
            reader.value(0, "")
    except EndsEarly:
        lines = reader.out.lines
        return lines if len(lines) > 1 and _NAME.match(lines[1]) and _is_readable(lines) else []
    except Malformed:
        pass
    return []


def msgpack_set_out(data: bytes) -> tuple[list[str], Iterator[tuple[str, bytes]]]:
    """Return the lines, and the strings with their paths. Raises `Malformed`."""
    reader = _read(data)
    return reader.out.lines, strings_in(reader.found)


def msgpack_value(data: bytes) -> Value:
    r"""Return the value; times and extensions as text. Raises `Malformed`.

    >>> msgpack_value(b"\x81\xa2to\x92\xa3ada\x07")
    {'to': [b'ada', 7]}
    """
    return _read(data).found


def _read(data: bytes) -> "_Reader":
    reader = _Reader(data)
    reader.found = reader.value(0, "")
    if reader.at != len(data):
        raise Malformed("extra data follows it")
    return reader


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.out = Writer()
        self.at = 0
        self.found: Value = None
        self._data = data

    def value(self, depth: int, label: str) -> Value:
        """Write the value that starts here."""
        kind, count = self._head()
        if kind not in ("map", "array"):
            text, found = self._scalar(kind, count)
            self.out.add(depth, label + text)
            return found
        if count > len(self._data) - self.at:  # each takes at least one byte
            raise Malformed("more members than bytes")
        opening, closing = "{}" if kind == "map" else "[]"
        if not count:
            self.out.add(depth, label + opening + closing)
            return Members() if kind == "map" else []
        self.out.add(depth, label + opening)
        members = self._map(depth, count) if kind == "map" else self._array(depth, count)
        self.out.add(depth, closing)
        return members

    def _map(self, depth: int, count: int) -> Members:
        found = Members()
        for _ in range(count):
            text, key = self._scalar(*self._head())
            name = key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else text
            found[name] = self.value(depth + 1, f"{text}: ")
        return found

    def _array(self, depth: int, count: int) -> list[Value]:
        return [self.value(depth + 1, "") for _ in range(count)]

    def _head(self) -> tuple[str, int]:
        """Read the type of the next value, and its length, or the first byte of a number."""
        first = self._take(1)[0]
        if first <= 0x7F or first >= 0xE0:
            return "number", first
        if first <= 0x8F:
            return "map", first & 0x0F
        if first <= 0x9F:
            return "array", first & 0x0F
        if first <= 0xBF:
            return "str", first & 0x1F
        if first in _LENGTHS:
            kind, form = _LENGTHS[first]
            return kind, self._unpack(form)
        if 0xD4 <= first <= 0xD8:
            return "ext", 1 << (first - 0xD4)
        if first == 0xC1:
            raise Malformed("a type byte that is never used")
        return "number", first

    def _scalar(self, kind: str, count: int) -> tuple[str, Scalar]:
        """Read a value without members. Return it as it is shown, and as a value."""
        if kind in ("str", "bin"):
            found = self._take(count)
            return ("bytes " if kind == "bin" else "") + quoted(found), found
        if kind == "ext":
            text = _extension(self._unpack(">b"), self._take(count))
            return text, text
        if kind != "number":
            raise Malformed("a map or an array as a key")
        if count in _LITERALS:
            return _LITERALS[count]
        if count in _FIXED:
            number = self._unpack(_FIXED[count])
        else:
            number = count if count <= 0x7F else count - 0x100
        return str(number), number

    def _unpack(self, form: str) -> int:
        value: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return value

    def _take(self, count: int) -> bytes:
        found = self._data[self.at : self.at + count]
        if len(found) < count:
            raise EndsEarly("it is cut off")
        self.at += count
        return found


def _extension(kind: int, data: bytes) -> str:
    if kind == _TIMESTAMP and len(data) in (4, 8, 12):
        try:
            return f"time {_time(data).isoformat()}"
        except (OverflowError, ValueError, OSError):
            pass
    return f"extension {kind} {quoted(data)}"


def _time(data: bytes) -> datetime.datetime:
    if len(data) == 12:
        nanoseconds, seconds = struct.unpack(">Iq", data)
    else:
        number = int.from_bytes(data, "big")
        nanoseconds, seconds = (
            (number >> 34, number & (2**34 - 1)) if len(data) == 8 else (0, number)
        )
    return datetime.datetime.fromtimestamp(seconds + nanoseconds / 1e9, datetime.UTC)
