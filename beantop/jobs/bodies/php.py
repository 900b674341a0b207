"""Data of PHP's serialize(), as Laravel puts it. It is only read; no objects are created."""

import re

from beantop.jobs.bodies.lines import Malformed, Writer, quoted

_BEGINS = re.compile(rb"[aOC]:[0-9]+:")
_COUNT = re.compile(rb"([0-9]{1,9}):")


def is_php(data: bytes) -> bool:
    """Return whether the data is one array or object; a bare value is better shown as text."""
    if not _BEGINS.match(data):
        return False
    try:
        php_lines(data)
    except Malformed:
        return False
    return True


def php_set_out(data: bytes) -> tuple[list[str], list[tuple[str, bytes]]]:
    """Return the lines, and the strings in arrays and objects with their paths. Raises `Malformed`.

    >>> php_set_out(b'a:1:{s:1:"x";a:1:{i:0;s:3:"ada";}}')[1]
    [('x.0', b'ada')]
    """
    reader = _read(data)
    return reader.out.lines, reader.strings


def php_lines(data: bytes) -> list[str]:
    r"""Return the value with each member on its own line. Raises `Malformed`.

    >>> print("\n".join(php_lines(b'O:3:"Job":2:{s:2:"to";s:3:"ada";s:6:"\0*\0tag";a:1:{i:0;b:1;}}')))
    Job {
      to: "ada"
      tag (protected): [
        0: true
      ]
    }
    """
    return _read(data).out.lines


def _read(data: bytes) -> "_Reader":
    reader = _Reader(data)
    reader.value(0, "")
    if reader.at != len(data.rstrip()):  # editors add a newline
        raise Malformed("extra data follows it")
    return reader


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.out = Writer()
        self.strings: list[tuple[str, bytes]] = []
        self.at = 0
        self._data = data
        self._path: list[str] = []

    def value(self, depth: int, label: str) -> None:
        """Write the value that starts here."""
        kind = self._data[self.at : self.at + 2]
        if kind == b"N;":
            self.at += 2
            self.out.add(depth, f"{label}null")
        elif kind in (b"b:", b"i:", b"d:", b"r:", b"R:"):
            self.out.add(depth, label + _scalar(kind, self._until(b";")))
        elif kind == b"s:":
            self.strings.append((".".join(self._path), string := self._string()))
            self.out.add(depth, label + quoted(string))
            self._expect(b";")
        elif kind == b"E:":
            self.out.add(depth, label + self._string().decode("utf-8", "backslashreplace"))
            self._expect(b";")
        elif kind == b"a:":
            self.at += 2
            self._members(depth, f"{label}[", "]")
        elif kind == b"O:":
            name = self._string().decode("utf-8", "backslashreplace")
            self._expect(b":")
            self._members(depth, f"{label}{name} {{", "}")
        elif kind == b"C:":
            name = self._string().decode("utf-8", "backslashreplace")
            self._expect(b":")
            self.out.add(depth, f"{label}{name} {quoted(self._custom())}")
        else:
            raise Malformed("no value starts here")

    def _members(self, depth: int, opening: str, closing: str) -> None:
        count = self._count()
        self._expect(b"{")
        if not count:
            self._expect(b"}")
            self.out.add(depth, opening + closing)
            return
        self.out.add(depth, opening)
        for _ in range(count):
            self._path.append(key := self._key())
            self.value(depth + 1, f"{key}: ")
            self._path.pop()
        self._expect(b"}")
        self.out.add(depth, closing)

    def _key(self) -> str:
        kind = self._data[self.at : self.at + 2]
        if kind == b"i:":
            return _scalar(kind, self._until(b";"))
        if kind != b"s:":
            raise Malformed("a key is missing")
        name = self._string()
        self._expect(b";")
        return _property(name)

    def _string(self) -> bytes:
        """Read a string such as `s:3:"ada"`, with any type letter."""
        self.at += 2
        length = self._count()
        self._expect(b'"')
        found = self._data[self.at : self.at + length]
        self.at += length
        self._expect(b'"')
        return found

    def _custom(self) -> bytes:
        length = self._count()
        self._expect(b"{")
        found = self._data[self.at : self.at + length]
        self.at += length
        self._expect(b"}")
        return found

    def _count(self) -> int:
        if not (match := _COUNT.match(self._data, self.at)):
            raise Malformed("a length is missing")
        self.at = match.end()
        count = int(match[1])
        if count > len(self._data):
            raise Malformed("a length exceeds the data")
        return count

    def _until(self, end: bytes) -> bytes:
        stop = self._data.find(end, self.at, self.at + 64)
        if stop < 0:
            raise Malformed("a number does not end")
        found = self._data[self.at + 2 : stop]
        self.at = stop + 1
        return found

    def _expect(self, mark: bytes) -> None:
        if self._data[self.at : self.at + 1] != mark:
            raise Malformed(f"{mark!r} is missing")
        self.at += 1


def _scalar(kind: bytes, text: bytes) -> str:
    if not re.fullmatch(rb"-?(?:[0-9][0-9.eE+-]*|INF|NAN)", text):
        raise Malformed("a number is not valid")
    if kind == b"b:":
        return "true" if text == b"1" else "false"
    number = text.decode("ascii")
    return f"the same as value {number}" if kind in (b"r:", b"R:") else number


def _property(name: bytes) -> str:
    r"""Return the name of a member. PHP marks protected ones with \0*\0, and private ones with
    their class."""
    parts = name.split(b"\0")
    if len(parts) == 3 and not parts[0]:
        access = "protected" if parts[1] == b"*" else "private"
        return f"{parts[2].decode('utf-8', 'backslashreplace')} ({access})"
    return name.decode("utf-8", "backslashreplace")
