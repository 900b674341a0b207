"""A reader of MessagePack. The library is not used, since it allocates any list length claimed by
the data, at each depth."""

import datetime
import re
import struct

from beantop.jobs.bodies.lines import Malformed, Tree, Writer, quoted

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
    text = _BINARY.sub("", " ".join(msgpack_lines(data)))
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


def msgpack_tree(data: bytes) -> Tree:
    r"""Return the value. Raises `Malformed`.

    >>> msgpack_tree(b"\x82\xa2to\xa3ada\xa4tags\x92\x01\xc0")
    {'to': b'ada', 'tags': ['1', 'null']}
    """
    return _read(data).tree


def _read(data: bytes) -> "_Reader":
    reader = _Reader(data)
    reader.tree = reader.value(0, "")
    if reader.at != len(data):
        raise Malformed("extra data follows it")
    return reader


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.out = Writer()
        self.tree: Tree = {}
        self.at = 0
        self._data = data

    def value(self, depth: int, label: str) -> Tree:
        """Write the value that starts here, and return it."""
        kind, count = self._head()
        if kind == "map":
            return dict(self._members(depth, label, "{}", count))
        if kind == "array":
            return [value for _, value in self._members(depth, label, "[]", count)]
        text, found = self._scalar(kind, count)
        self.out.add(depth, label + text)
        return found

    def _members(self, depth: int, label: str, marks: str, count: int) -> list[tuple[str, Tree]]:
        if count > len(self._data) - self.at:  # each takes at least one byte
            raise Malformed("more members than bytes")
        if not count:
            self.out.add(depth, label + marks)
            return []
        self.out.add(depth, label + marks[0])
        members: list[tuple[str, Tree]] = []
        for _ in range(count):
            key, name = self._scalar(*self._head()) if marks == "{}" else ("", "")
            name = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
            members.append((name, self.value(depth + 1, f"{key}: " if key else "")))
        self.out.add(depth, marks[1])
        return members

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

    def _scalar(self, kind: str, count: int) -> tuple[str, str | bytes]:
        """Read a value without members; return it as it is shown, and as it is compared."""
        if kind in ("str", "bin"):
            found = self._take(count)
            return f"{'bytes ' if kind == 'bin' else ''}{quoted(found)}", found
        if kind == "ext":
            text = _extension(self._unpack(">b"), self._take(count))
            return text, text.removeprefix("time ")
        if kind != "number":
            raise Malformed("a map or an array as a key")
        text = self._number(count)
        return text, text

    def _number(self, count: int) -> str:
        if count in (0xC0, 0xC2, 0xC3):
            return {0xC0: "null", 0xC2: "false", 0xC3: "true"}[count]
        if count in _FIXED:
            return str(self._unpack(_FIXED[count]))
        return str(count if count <= 0x7F else count - 0x100)

    def _unpack(self, form: str) -> int:
        value: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return value

    def _take(self, count: int) -> bytes:
        found = self._data[self.at : self.at + count]
        if len(found) < count:
            raise Malformed("it ends in the middle")
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
