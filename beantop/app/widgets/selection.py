"""The cursor and the marks in rows that change all the time.

Rule: cursor and marks belong to the keys of rows, never to their indexes.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from beantop.app.view.column import Row

Key = TypeVar("Key", bound=Hashable)

JUST_MOVED_SECONDS = 0.5
"""Seconds during which a row that moved under the cursor by itself counts as not seen."""


@runtime_checkable
class Keyed(Protocol[Key]):
    """Rows that know their keys without being created: there may be a million."""

    def keys(self) -> Collection[Key]:
        """Return the keys of all rows, in their order."""

    def place_of(self, key: Key) -> int | None:
        """Return the index of the row with that key, or None."""


class CursorShift(NamedTuple):
    """The cursor came to another row without a key for that."""

    before: Hashable
    """The key of the row that it was on."""
    at: float
    """Seconds of the monotonic clock."""
    is_gone: bool = True
    """Whether that row disappeared."""


class Selection(Generic[Row, Key]):
    """The rows, a cursor on one of them, and marks."""

    def __init__(self, key_of: Callable[[Row], Key]) -> None:
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.marked: frozenset[Key] = frozenset()
        self.shift: CursorShift | None = None
        """The last shift of the cursor to another row by itself."""
        self._key_of = key_of
        self._key: Key | None = None
        self._chosen: object = None

    @property
    def key(self) -> Key | None:
        """The key of the row under the cursor."""
        return self._key if self.rows else None

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def is_marked(self, row: Row) -> bool:
        return bool(self.marked) and self._key_of(row) in self.marked

    def show(
        self,
        rows: Sequence[Row],
        now: float,
        chosen: object = None,
        *,
        at_top: bool = False,
        at_end: bool = False,
    ) -> None:
        """Replace the rows. The cursor stays on its row, or at its index if the row is gone; with
        `at_top` it is on the first one, with `at_end` on the last one.

        `chosen` is what the user chose to see: rows hidden by a new choice did not disappear by
        themselves.
        """
        before, by_itself = self._key, chosen == self._chosen
        self.rows, self._chosen = rows, chosen
        if rows:  # otherwise the row may come back, and the cursor returns to it
            stays = self.cursor if before is None else self._found_at(before)
            self.move_to(0 if at_top else len(rows) if at_end else stays)
            if before not in (None, self._key) and by_itself:
                self.shift = CursorShift(before, now, is_gone=self._place_of(before) is None)

    def move_to(self, place: int) -> None:
        """Move the cursor to that row, or to the nearest that exists."""
        self.cursor = max(0, min(place, len(self.rows) - 1))
        if self.rows:
            self._key = self._key_of(self.rows[self.cursor])

    def move_to_key(self, key: Key) -> None:
        """Move the cursor to the row with that key, if it exists."""
        if (place := self._place_of(key)) is not None:
            self.move_to(place)

    def move_on(self, now: float) -> None:
        """Move the cursor to the next row, after something was done to this one."""
        before = self._key
        self.move_to(self.cursor + 1)
        if self._key != before:
            self.shift = CursorShift(before, now, is_gone=False)

    def toggle(self) -> None:
        """Mark or unmark the row under the cursor."""
        if self.key is not None:
            self.marked ^= {self.key}

    def toggle_all(self) -> None:
        """Mark all rows, or unmark them if all are marked."""
        keys = frozenset(self._keys())
        self.marked = self.marked - keys if keys <= self.marked else self.marked | keys

    def just_moved(self, pressed_at: float) -> CursorShift | None:
        """Return the last shift of the cursor if the user had no time to see it before that key."""
        shift = self.shift
        return shift if shift and pressed_at < shift.at + JUST_MOVED_SECONDS else None

    def _keys(self) -> Collection[Key]:
        rows = self.rows
        return rows.keys() if isinstance(rows, Keyed) else [self._key_of(row) for row in rows]

    def _found_at(self, key: Key) -> int:
        """Return the index of the row with that key, or the cursor if there is none."""
        if self.cursor < len(self.rows) and self._key_of(self.rows[self.cursor]) == key:
            return self.cursor
        place = self._place_of(key)
        return self.cursor if place is None else place

    def _place_of(self, key: Key) -> int | None:
        rows = self.rows
        if isinstance(rows, Keyed):
            place: int | None = rows.place_of(key)
            return place
        return next((at for at, row in enumerate(rows) if self._key_of(row) == key), None)
