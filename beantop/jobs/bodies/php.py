"""Data of PHP's serialize(), as Laravel puts it. It is only read; no objects are created."""

import re
from collections.abc import Iterator
from typing import NoReturn

from beantop.jobs.bodies.lines import EndsEarly, Malformed, Writer, quoted
from beantop.jobs.bodies.values import Members, Value, number_of, strings_in

_BEGINS = re.compile(rb"[aOC]:[0-9]+:")
_COUNT = re.compile(rb"([0-9]{1,9}):")
_NUMBER = re.compile(rb"-?(?:[0-9][0-9.eE+-]*|INF|NAN)")

_LONGEST_NUMBER = 64
"""Bytes of a number, with its type."""


def begins_as_php(data: bytes) -> bool:
    """Return whether the data may be an array or an object."""
    return _BEGINS.match(data) is not None


def is_php(data: bytes) -> bool:
    """Return whether the data is one array or object, or several; a bare value is better shown as
    text."""
    if not _BEGINS.match(data):
        return False
    try:
        php_lines(data)
    except Malformed:
        return False
    return True


def php_set_out(data: bytes) -> tuple[list[str], Iterator[tuple[str, bytes]]]:
    """Return the lines, and the strings in arrays and objects with their paths. Raises `Malformed`.

    >>> lines, strings = php_set_out(b'a:1:{s:1:"x";a:1:{i:0;s:3:"ada";}}')
    >>> list(strings)
    [('x.0', b'ada')]
    """
    reader = _read(data)
    return reader.out.lines, strings_in(reader.found)


def php_value(data: bytes) -> Value:
    r"""Return the value; several values become a list. Raises `Malformed`.

    >>> php_value(b'O:3:"Job":1:{s:5:"\0*\0id";i:7;}')
    {'id': 7}
    """
    return _read(data).found


def cut_php_lines(data: bytes) -> list[str]:
    """Return the lines of data whose end is missing, as far as they go; none if it is something else.

    >>> cut_php_lines(b'a:2:{s:2:"to";s:3:"ada";s:2:"id"')
    ['[', '  to: "ada"']
    """
    reader = _Reader(data)
    try:
        if _BEGINS.match(data):
            reader.read()
    except EndsEarly:
        return reader.out.lines
    except Malformed:
        pass
    return []


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
    reader.read()
    return reader


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.out = Writer()
        self.found: Value = None
        """The value; a list if there are several."""
        self._at = 0
        self._data = data
        self._end = len(data.rstrip())  # editors add a newline

    def read(self) -> None:
        """Write the values, one after another."""
        every = [self._value(0, "")]
        while self._at < self._end and _BEGINS.match(self._data, self._at):
            every.append(self._value(0, ""))
        if self._at != self._end:
            raise Malformed("extra data follows it")
        self.found = every[0] if len(every) == 1 else list(every)

    def _value(self, depth: int, label: str) -> Value:
        """Write the value that starts here."""
        kind = self._data[self._at : self._at + 2]
        if kind == b"N;":
            self._at += 2
            self.out.add(depth, f"{label}null")
            return None
        if kind in (b"b:", b"i:", b"d:", b"r:", b"R:"):
            text, number = _scalar(kind, self._until(b";"))
            self.out.add(depth, label + text)
            return number
        if kind == b"s:":
            string = self._text(b'"')
            self.out.add(depth, label + quoted(string))
            self._expect(b'"')
            self._expect(b";")
            return string
        if kind == b"E:":
            name = self._name()
            self._expect(b";")
            self.out.add(depth, label + name)
            return name
        if kind == b"a:":
            self._at += 2
            return self._members(depth, f"{label}[", "]", "")
        if kind in (b"O:", b"C:"):
            name = self._name()
            self._expect(b":")
            if kind == b"O:":
                return self._members(depth, f"{label}{name} {{", "}", name)
            return self._custom(depth, label, name)
        self._fail(2, "no value starts here")

    def _members(self, depth: int, opening: str, closing: str, class_name: str) -> Members:
        found = Members(class_name)
        count = self._count()
        if count > len(self._data):
            raise Malformed("a length exceeds the data")
        self._expect(b"{")
        if not count:
            self._expect(b"}")
            self.out.add(depth, opening + closing)
            return found
        self.out.add(depth, opening)
        for _ in range(count):
            name, access = self._key()
            found[name] = self._value(depth + 1, f"{name}{access}: ")
        self._expect(b"}")
        self.out.add(depth, closing)
        return found

    def _custom(self, depth: int, label: str, class_name: str) -> Members:
        """Write an object that serializes itself."""
        self._at -= 2
        data = self._text(b"{")
        self.out.add(depth, f"{label}{class_name} {quoted(data)}")
        self._expect(b"}")
        return Members(class_name, {"data": data})

    def _key(self) -> tuple[str, str]:
        """Read the name of a member, and the access to it."""
        kind = self._data[self._at : self._at + 2]
        if kind == b"i:":
            return _scalar(kind, self._until(b";"))[0], ""
        if kind != b"s:":
            self._fail(2, "a key is missing")
        name = self._text(b'"')
        self._expect(b'"')
        self._expect(b";")
        return _property(name)

    def _name(self) -> str:
        name = self._text(b'"').decode("utf-8", "backslashreplace")
        self._expect(b'"')
        return name

    def _text(self, opening: bytes) -> bytes:
        """Read a string such as `s:3:"ada"`, with any type letter, except the last quote. If the data
        ends before it, return what there is."""
        self._at += 2
        length = self._count()
        self._expect(opening)
        found = self._data[self._at : self._at + length]
        self._at += len(found)
        return found

    def _count(self) -> int:
        if not (match := _COUNT.match(self._data, self._at)):
            self._fail(10, "a length is missing")
        self._at = match.end()
        return int(match[1])

    def _until(self, end: bytes) -> bytes:
        stop = self._data.find(end, self._at, self._at + _LONGEST_NUMBER)
        if stop < 0:
            self._fail(_LONGEST_NUMBER, "a number does not end")
        found = self._data[self._at + 2 : stop]
        self._at = stop + 1
        return found

    def _expect(self, mark: bytes) -> None:
        if self._data[self._at : self._at + 1] != mark:
            self._fail(1, f"{mark!r} is missing")
        self._at += 1

    def _fail(self, expected: int, sentence: str) -> NoReturn:
        """Raise `EndsEarly` if the data has fewer bytes than were expected, else `Malformed`."""
        if len(self._data) - self._at < expected:
            raise EndsEarly("it is cut off")
        raise Malformed(sentence)


def _scalar(kind: bytes, text: bytes) -> tuple[str, Value]:
    """Return a number or a boolean, as it is shown and as a value."""
    if not _NUMBER.fullmatch(text):
        raise Malformed("a number is not valid")
    if kind == b"b:":
        return ("true", True) if text == b"1" else ("false", False)
    number = text.decode("ascii")
    if kind in (b"r:", b"R:"):
        return f"the same as value {number}", None
    return number, number_of(number)


def _property(name: bytes) -> tuple[str, str]:
    r"""Return the name of a member, and the access to it. PHP marks protected ones with \0*\0, and
    private ones with their class."""
    parts = name.split(b"\0")
    access = ""
    if len(parts) == 3 and not parts[0]:
        access = " (protected)" if parts[1] == b"*" else " (private)"
        name = parts[2]
    return name.decode("utf-8", "backslashreplace"), access
