"""What is masked in the bodies of a tube: fields, by their paths, and texts that match a pattern."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import regex

MASKED = "***"
"""What is shown instead of masked text."""

SECONDS_OF_A_SEARCH = 0.5
"""Time that one search for a pattern may take."""

MAX_TIMEOUTS, FORGOTTEN_AFTER = 3, 60.0
"""Number of slow searches after which all bodies with this mask are hidden, and seconds after which a slow
search no longer counts."""

MAX_LABEL = 6
"""Words of a text that may stand for a field, as "Your password" does, and of a name with blanks."""

_WORD = re.compile(r"[\w\-]+")
_STEPS = re.compile(r"[.:\[\]\0/@\s]+")
"""What is between the names of a path, also in one key such as `user[password]` or `ns:password`."""


TOO_SLOW = "a pattern takes too long"
"""Why a body is hidden."""


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
        if not "".join(path_of(entry)).strip("*?"):
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


LONG = 1_000
"""Characters of a name or a path that is not kept: a server may send names of 100 KB."""


def _plain(name: str) -> str:
    """Return a name as it is compared: `api_key`, `apiKey`, `--api-key` and `api_key2` are the same."""
    return _known_plain(name) if len(name) <= LONG else _made_plain(name)


def _made_plain(name: str) -> str:
    return re.sub(r"[^\w*?]|_", "", name).casefold().rstrip("0123456789")


_known_plain = lru_cache(maxsize=4096)(_made_plain)


@lru_cache(maxsize=64)  # a name of 100 KB may have 10,000 members
def path_of(text: str) -> tuple[str, ...]:
    """Return the names of a path, as they are compared, without the indexes of lists."""
    return tuple(filter(None, map(_plain, _STEPS.split(text))))


class Finder:
    """Finds what a mask is about."""

    def __init__(self, mask: Mask) -> None:
        self._fields = [path_of(field) for field in mask.fields]
        self._patterns = [_compiled(pattern) for pattern in mask.patterns]
        self._timeouts: list[float] = []
        self._hint = _hint(self._fields)
        self._longest = max((len(name) for field in self._fields for name in field), default=0)
        self._is_known_path = lru_cache(maxsize=4096)(self._ends_in_field)

    def is_field(self, path: tuple[str, ...], name: str) -> bool:
        """Return whether the member with this name at this path is masked, wherever the path begins."""
        if self._is_path((*path, *path_of(name))):
            return True
        return " " in name and self._is_path((*path, _plain(name)))

    def _is_path(self, names: tuple[str, ...]) -> bool:
        is_long = sum(map(len, names)) > LONG
        return self._ends_in_field(names) if is_long else self._is_known_path(names)

    def _ends_in_field(self, names: tuple[str, ...]) -> bool:
        return any(_ends_with(names, field) for field in self._fields)

    def _may_name(self, text: str) -> bool:
        """Return whether the end of a path may be in a text: a quick search that finds too much."""
        return self._hint is not None and self._hint.search(text) is not None

    def is_name(self, text: str, path: Sequence[str]) -> bool:
        """Return whether a text, a value at this path, is the name of a masked field and nothing else, as in
        `{"name": "password", "value": "…"}`."""
        if len(text) > 100 or not self._may_name(text) or len(_WORD.findall(text)) != 1:
            return False
        names = [*path, *path_of(text)]
        return any(
            names and fnmatchcase(names[-1], field[-1]) and _has_all(names, field)
            for field in self._fields
        )

    def stands_for_field(self, text: str, path: Sequence[str]) -> bool:
        """Return whether a text, a value at this path, says that the values beside it are masked: as the
        name or the path of a field, or with a few words, as "user[password]" and "Your password" do."""
        if self.is_name(text, path):
            return True
        if len(text) > 100 or not self._may_name(text):
            return False
        is_label = len(_WORD.findall(text)) <= MAX_LABEL
        inside = {*path_of(text)} | (self._words(text) if is_label else set())
        return any(
            _has_all(inside, field[-1:]) and _has_all([*path, *inside], field)
            for field in self._fields
        )

    def _words(self, text: str) -> set[str]:
        """Return the words of a text as they are compared, and each run of them that may be one name: "api
        key" is `api_key`."""
        found = list(map(_plain, _WORD.findall(text)))
        words = set(found)
        for at, run in enumerate(found):
            for following in found[at + 1 : at + MAX_LABEL]:
                run += following
                if len(run) > self._longest:
                    break
                words.add(run)
        return words

    def mentions(self, text: str) -> bool:
        """Return whether the words of a text include all names of a masked field. Some formats, as old
        pickles, write one or two letters before a name."""
        if not self._may_name(text):
            return False
        words = self._words(text)
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
                    lambda match: MASKED if match[0] else "", text, timeout=SECONDS_OF_A_SEARCH
                )
            except TimeoutError:
                self._timeouts.append(time.monotonic())
                raise TakesTooLong(TOO_SLOW) from None
        return text

    def _check_time(self) -> None:
        if len(self._timeouts) < MAX_TIMEOUTS:
            return
        self._timeouts = [at for at in self._timeouts if time.monotonic() - at < FORGOTTEN_AFTER]
        if len(self._timeouts) >= MAX_TIMEOUTS:
            raise TakesTooLong(TOO_SLOW)


def _hint(fields: Iterable[Sequence[str]]) -> re.Pattern[str] | None:
    """Return what finds the longest piece of the last name of each path, however it is spelled."""
    pieces = [max(_pieces(field[-1]), key=len) for field in fields]
    if not all(map(str.isascii, pieces)):  # they may be spelled with other letters
        return re.compile("")
    spelled = [r"[_\-\s]*".join(map(re.escape, piece)) for piece in pieces]
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
