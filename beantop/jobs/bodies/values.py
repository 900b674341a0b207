"""Values of decoded bodies: what JSON, PHP, MessagePack and forms have in common."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

Scalar: TypeAlias = "bool | int | float | str | bytes | None"
Value: TypeAlias = "Scalar | list[Value] | Members"


class Members(dict[str, "Value"]):
    """The members of an object or a map, by name."""

    __slots__ = ("class_name",)

    def __init__(
        self,
        class_name: str = "",
        members: Mapping[str, Value] | Iterable[tuple[str, Value]] = (),
    ) -> None:
        """`class_name` is the class that the format names; "" if it names none."""
        super().__init__(members)
        self.class_name = class_name


def children(value: Value) -> Iterable[tuple[str, Value]]:
    """Return the members of an object with their names, or those of a list with their indexes.

    >>> list(children(["ada", 7])), list(children("ada"))
    ([('0', 'ada'), ('1', 7)], [])
    """
    if isinstance(value, Members):
        return value.items()
    return ((str(at), item) for at, item in enumerate(value)) if isinstance(value, list) else ()


def leaves(value: Value) -> Iterator[tuple[str, Scalar]]:
    """Yield the values that have no members, with their paths, at any depth.

    >>> list(leaves(Members(members={"a": ["x", Members(members={"b": 7})]})))
    [('a.0', 'x'), ('a.1.b', 7)]
    """
    if not isinstance(value, list | Members):
        yield "", value
        return
    # Paths are made one by one: a body of 200 KB can have 10,000 paths of 100 KB.
    opened = [("", iter(children(value)))]
    while opened:
        path, left = opened[-1]
        for name, child in left:
            if isinstance(child, list | Members):
                opened.append((join(path, name), iter(children(child))))
                break
            yield join(path, name), child
        else:
            opened.pop()


def strings_in(value: Value) -> Iterator[tuple[str, bytes]]:
    """Yield the strings in a value as bytes, with their paths."""
    for path, found in leaves(value):
        if isinstance(found, str):
            yield path, found.encode("utf-8", "surrogatepass")
        elif isinstance(found, bytes):
            yield path, found


def join(path: str, name: str) -> str:
    """Return the path of a member.

    >>> join("", "data"), join("data", "id")
    ('data', 'data.id')
    """
    return f"{path}.{name}" if path else name


class Written(float):
    """A number that is printed as it was written.

    >>> print(Written("7.50"), Written("7.50") == 7.5)
    7.50 True
    """

    __slots__ = ("_text",)
    _text: str

    def __new__(cls, text: str) -> "Written":
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        return self._text


def number_of(text: str) -> int | float | str:
    """Return a number that is written in decimal; the text if it is too long or none.

    >>> number_of("7"), number_of("7.50"), number_of("1-2")
    (7, 7.5, '1-2')
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return Written(text)
    except ValueError:
        return text
