"""Data of PHP's serialize(), as Laravel puts it. It is only read; no objects are created."""

import re

from beantop.jobs.bodies.lines import Malformed, Tree, Writer, quoted

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


def php_tree(data: bytes) -> Tree:
    """Return the value: arrays and objects as dicts. Raises `Malformed`.

    >>> php_tree(b'O:3:"Job":2:{s:2:"to";s:3:"ada";s:6:"\\0*\\0tag";a:1:{i:0;b:1;}}')
    {'to': b'ada', 'tag': {'0': 'true'}}
    """
    return _read(data).tree


def _read(data: bytes) -> "_Reader":
    reader = _Reader(data)
    reader.tree = reader.value(0, "")
    if reader.at != len(data.rstrip()):  # editors add a newline
        raise Malformed("extra data follows it")
    return reader


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.out = Writer()
        self.strings: list[tuple[str, bytes]] = []
        self.tree: Tree = {}
        self.at = 0
        self._data = data
        self._path: list[str] = []

    def value(self, depth: int, label: str) -> Tree:
        """Write the value that starts here, and return it."""
        kind = self._data[self.at : self.at + 2]
        if kind == b"a:":
            self.at += 2
            return self._members(depth, f"{label}[", "]")
        if kind == b"O:":
            name = self._text()
            self._expect(b":")
            return self._members(depth, f"{label}{name} {{", "}")
        found = self._scalar(kind)
        text = quoted(found) if isinstance(found, bytes) else found
        if kind == b"C:":
            found = self._custom()
            text = f"{text} {quoted(found)}"
        self.out.add(depth, label + text)
        return found

    def _scalar(self, kind: bytes) -> str | bytes:
        """Read a value without members; of a custom object only its name."""
        if kind == b"N;":
            self.at += 2
            return "null"
        if kind in (b"b:", b"i:", b"d:", b"r:", b"R:"):
            return _scalar(kind, self._until(b";"))
        if kind not in (b"s:", b"E:", b"C:"):
            raise Malformed("no value starts here")
        found: str | bytes = self._string() if kind == b"s:" else self._text()
        self._expect(b":" if kind == b"C:" else b";")
        if isinstance(found, bytes):
            self.strings.append((".".join(self._path), found))
        return found

    def _members(self, depth: int, opening: str, closing: str) -> Tree:
        count = self._count()
        self._expect(b"{")
        members: dict[str, Tree] = {}
        if not count:
            self._expect(b"}")
            self.out.add(depth, opening + closing)
            return members
        self.out.add(depth, opening)
        for _ in range(count):
            name, access = self._key()
            self._path.append(key := name + access)
            members[name] = self.value(depth + 1, f"{key}: ")
            self._path.pop()
        self._expect(b"}")
        self.out.add(depth, closing)
        return members

    def _key(self) -> tuple[str, str]:
        """Read the name of a member, and who may access it."""
        kind = self._data[self.at : self.at + 2]
        if kind == b"i:":
            return _scalar(kind, self._until(b";")), ""
        if kind != b"s:":
            raise Malformed("a key is missing")
        name = self._string()
        self._expect(b";")
        return _property(name)

    def _text(self) -> str:
        return self._string().decode("utf-8", "backslashreplace")

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


def _property(name: bytes) -> tuple[str, str]:
    r"""Return the name of a member, and who may access it. PHP marks protected ones with \0*\0, and
    private ones with their class."""
    parts = name.split(b"\0")
    access = ""
    if len(parts) == 3 and not parts[0]:
        access = " (protected)" if parts[1] == b"*" else " (private)"
        name = parts[2]
    return name.decode("utf-8", "backslashreplace"), access
