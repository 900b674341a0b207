"""What is masked in the bodies of a tube: fields, by their paths, and texts that match a pattern."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import regex

MASKED = "***"
"""What is shown instead of masked text."""

MAX_SECONDS = 0.5
"""Time that one search for a pattern may take."""

MAX_TIMEOUTS = 3
"""Searches that may take too long before all bodies of the tube are hidden."""

_WORD = re.compile(r"[\w\-]+")
_STEPS = re.compile(r"[.:\[\]\0/@\s]+")
"""What is between the names of a path, also in one key such as `user[password]` or `ns:password`."""


class TakesTooLong(ValueError):
    """It takes too long to find out what must be masked."""


class Mask(NamedTuple):
    """What is masked in the bodies of a tube, as the configuration says it."""

    fields: tuple[str, ...] = ()
    """Paths such as `password`, `customer.email` or `*token*`."""
    patterns: tuple[str, ...] = ()
    """Regular expressions."""


def read_mask(entries: Iterable[str]) -> Mask:
    """Return the mask of these fields, and patterns between slashes. Raises ValueError with a clause.

    >>> read_mask(["password", "customer.email", "/[0-9]{16}/"])
    Mask(fields=('password', 'customer.email'), patterns=('[0-9]{16}',))
    """
    entries = list(entries)
    patterns = tuple(entry[1:-1] for entry in entries if _is_pattern(entry))
    fields = tuple(entry for entry in entries if not _is_pattern(entry))
    for entry in fields:
        if not "".join(_path(entry)).strip("*?"):
            raise ValueError(
                f"{entry!r} would mask every field: name a field or a part of its name"
            )
    for pattern in patterns:
        _compiled(pattern)
    return Mask(fields, patterns)


def _is_pattern(entry: str) -> bool:
    return len(entry) > 2 and entry[0] == entry[-1] == "/"


def _compiled(pattern: str) -> "regex.Pattern[str]":
    """Return a compiled pattern. Raises ValueError with a clause."""
    import regex  # large, and needed only where patterns are masked

    try:
        compiled = regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"/{pattern}/ is not a pattern: {error}") from None
    if compiled.fullmatch(""):
        raise ValueError(f"/{pattern}/ also matches nothing: that masks nothing")
    return compiled


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """Return a name as it is compared: `api_key`, `apiKey`, `--api-key` and `api_key2` are the same."""
    return re.sub(r"[^\w*?]|_", "", name).casefold().rstrip("0123456789")


def _path(text: str) -> list[str]:
    """Return the names of a path, as they are compared, without the indexes of lists."""
    return list(filter(None, map(_plain, _STEPS.split(text))))


class Finder:
    """Finds what a mask is about."""

    def __init__(self, mask: Mask) -> None:
        self._fields = [tuple(_path(field)) for field in mask.fields]
        self._patterns = [_compiled(pattern) for pattern in mask.patterns]
        self._timeouts = 0
        self._hint = _hint(self._fields)
        self.is_field = lru_cache(maxsize=4096)(self._is_field)
        """Returns whether the member at this path is masked, wherever the path begins."""

    def _is_field(self, path: tuple[str, ...]) -> bool:
        names = [name for step in path for name in _path(step)]
        return any(_ends_with(names, field) for field in self._fields)

    def _may_name(self, text: str) -> bool:
        """Return whether the end of a path may be in a text: a quick search that finds too much."""
        return self._hint is not None and self._hint.search(text) is not None

    def is_name(self, text: str, path: Sequence[str]) -> bool:
        """Return whether a text, a value at this path, is the name of a masked field, as in
        `{"name": "password", "value": "…"}`."""
        if len(text) > 100 or not self._may_name(text) or len(_WORD.findall(text)) != 1:
            return False
        names = [name for step in (*path, text) for name in _path(step)]
        return any(
            names and fnmatchcase(names[-1], field[-1]) and _has_all(names, field)
            for field in self._fields
        )

    def mentions(self, text: str) -> bool:
        """Return whether the words of a text include all names of a masked field. Some formats, as old
        pickles, write one or two letters before a name."""
        if not self._may_name(text):
            return False
        words = set(map(_plain, _WORD.findall(text)))
        words |= {word[letters:] for word in words for letters in (1, 2)}
        return any(_has_all(words, field) for field in self._fields)

    def mentions_within(self, text: str) -> bool:
        """Return whether the names of a masked field are anywhere in a text, also within words."""
        if not self._may_name(text):
            return False
        text = re.sub(r"[_\-]", "", text).casefold()
        return any(
            all(piece in text for name in field for piece in _pieces(name))
            for field in self._fields
        )

    def masked(self, text: str) -> str:
        """Return a text without what the patterns match. Raises `TakesTooLong`."""
        for pattern in self._patterns:
            self._check_time()
            try:
                text = pattern.sub(
                    lambda match: MASKED if match[0] else "", text, timeout=MAX_SECONDS
                )
            except TimeoutError:
                self._timeouts += 1
                self._check_time(always=True)
        return text

    def matches(self, text: str) -> bool:
        """Return whether a pattern matches. Raises `TakesTooLong`."""
        return self.masked(text) != text

    def _check_time(self, *, always: bool = False) -> None:
        if always or self._timeouts >= MAX_TIMEOUTS:
            raise TakesTooLong("a pattern takes too long")


def _hint(fields: Iterable[Sequence[str]]) -> re.Pattern[str] | None:
    """Return what finds the longest piece of the last name of each path, however it is spelled."""
    pieces = [max(_pieces(field[-1]), key=len) for field in fields]
    if not all(map(str.isascii, pieces)):  # they may be spelled with other letters
        return re.compile("")
    spelled = [r"[_\-]*".join(map(re.escape, piece)) for piece in pieces]
    return re.compile("|".join(spelled), re.IGNORECASE) if spelled else None


def _pieces(name: str) -> list[str]:
    """Return what is between the signs of a shell pattern."""
    return re.split(r"[*?]", name)


def _ends_with(names: Sequence[str], field: Sequence[str]) -> bool:
    if not field or len(names) < len(field):
        return False
    ends = names[-len(field) :]
    return all(fnmatchcase(name, part) for name, part in zip(ends, field, strict=True))


def _has_all(names: Iterable[str], field: Sequence[str]) -> bool:
    names = list(names)
    return bool(field) and all(
        part in names if not _is_shell(part) else any(fnmatchcase(name, part) for name in names)
        for part in field
    )


def _is_shell(part: str) -> bool:
    return "*" in part or "?" in part


@lru_cache(maxsize=64)
def finder_of(mask: Mask) -> Finder:
    """Return the finder of a mask. It is shared, so that a slow pattern is tried only a few times."""
    return Finder(mask)


@lru_cache(maxsize=1024)
def _union(masks: tuple[Mask, ...]) -> Mask:
    fields = chain.from_iterable(mask.fields for mask in masks)
    return Mask(tuple(fields), tuple(chain.from_iterable(mask.patterns for mask in masks)))


def mask_for(tube: str, masks: Iterable[tuple[str, Mask]]) -> Mask | None:
    """Return all that is masked in a tube, by the patterns of tubes that match it; None if nothing is."""
    matching = tuple(_matching(tube, masks))
    return _union(matching) if matching else None


def _matching(tube: str, masks: Iterable[tuple[str, Mask]]) -> Iterator[Mask]:
    for tubes, mask in masks:
        if fnmatchcase(tube, tubes):
            yield mask
