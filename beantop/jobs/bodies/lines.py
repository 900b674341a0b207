"""Output lines, limited in number and length to what a person will read."""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

MAX_LINES = 20_000

MAX_IN_LINE = 20_000
"""Characters of a string that are shown; of the rest only the size is shown."""

NESTING_LIMIT = 100


class Malformed(ValueError):
    """The data is not valid in the assumed format."""


class EndsEarly(Malformed):
    """The data is valid so far, but its end is missing."""


class Cut(str):
    """A line of our own, in place of lines that are left out."""

    __slots__ = ()


class EvenLines(Sequence[str]):
    """Lines that are created on access, followed by a few given ones. All are safe to show, and
    none is wider than `longest` cells."""

    def __init__(
        self,
        count: int,
        line_at: Callable[[int], str],
        longest: int,
        rest: Sequence[str] = (),
        narrower: Callable[[], "EvenLines"] | None = None,
    ) -> None:
        """`narrower` returns the same content in more and shorter lines, without `rest`."""
        self.longest = longest
        self._count = count
        self._line_at = line_at
        self._rest = rest
        self._narrower = narrower

    def __add__(self, rest: Sequence[str]) -> "EvenLines":
        rest = [*self._rest, *rest]
        return EvenLines(self._count, self._line_at, self.longest, rest, self._narrower)

    def within(self, width: int) -> "EvenLines":
        """Return the longest lines that fit into `width` cells, or the shortest there are."""
        if self.longest <= width or self._narrower is None:
            return self
        return (self._narrower() + self._rest).within(width)

    def __len__(self) -> int:
        return self._count + len(self._rest)

    def __iter__(self) -> Iterator[str]:
        yield from map(self._line_at, range(self._count))
        yield from self._rest

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [self[index] for index in range(len(self))[number]]
        number = range(len(self))[number]
        return self._line_at(number) if number < self._count else self._rest[number - self._count]


class Writer:
    """Collects lines, indented by their nesting depth."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, depth: int, text: str) -> None:
        """Add a line. Raises `Malformed` if it is nested deeper than any sensible data."""
        if depth > NESTING_LIMIT:
            raise Malformed("nested too deeply")
        if len(self.lines) < MAX_LINES:
            self.lines.append("  " * depth + text)
        elif len(self.lines) == MAX_LINES:
            self.lines.append(Cut(f"… and more: only {MAX_LINES:,} lines are shown"))

    @property
    def is_full(self) -> bool:
        return len(self.lines) > MAX_LINES


def quoted(data: bytes) -> str:
    r"""Return bytes as quoted text; bytes that are not UTF-8 are written as \xNN.

    >>> print(quoted(b'say "hi"\xff'))
    "say \"hi\"\xff"
    """
    text = data[:MAX_IN_LINE].decode("utf-8", "backslashreplace").replace('"', '\\"')
    more = len(data) - MAX_IN_LINE
    return f'"{text}"' + (f" … {more:,} bytes more" if more > 0 else "")
