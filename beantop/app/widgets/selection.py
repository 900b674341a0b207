"""Where the cursor stands among rows that change all the time, and which of them are marked.

Rule: cursor and marks belong to the keys of rows, never to their numbers.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from beantop.app.view.column import Row

Key = TypeVar("Key", bound=Hashable)

UNSEEN_SECONDS = 0.5
"""How long a row that came under the cursor by itself counts as not seen there."""


@runtime_checkable
class Keyed(Protocol[Key]):
    """Rows that know their keys without being made: there may be a million."""

    def keys(self) -> Collection[Key]:
        """Of all rows, in their order."""

    def place_of(self, key: Key) -> int | None:
        """Where the row with that key is, if it is there."""


@dataclass(frozen=True, slots=True)
class CursorShift:
    """The row under the cursor has gone, and another one stands there."""

    gone: Hashable
    at: float
    """Seconds of the monotonic clock."""


class Selection(Generic[Row, Key]):
    """The rows, a cursor on one of them, and marks."""

    def __init__(self, key_of: Callable[[Row], Key]) -> None:
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.marked: frozenset[Key] = frozenset()
        self.slide: CursorShift | None = None
        """The last time that the cursor came to another row by itself."""
        self._key_of = key_of
        self._key: Key | None = None
        self._chosen: object = None

    @property
    def key(self) -> Key | None:
        """Of the row under the cursor."""
        return self._key if self.rows else None

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def is_marked(self, row: Row) -> bool:
        return bool(self.marked) and self._key_of(row) in self.marked

    def show(self, rows: Sequence[Row], now: float, chosen: object = None) -> None:
        """Keep the cursor on its row, wherever that is in these rows; on its place if it is gone.

        `chosen` is what the user chose to see: what another choice hides has not gone by itself.
        """
        before, by_itself = self._key, chosen == self._chosen
        self.rows, self._chosen = rows, chosen
        if rows:  # else the row may come back, and the cursor with it
            self.move_to(self.cursor if before is None else self._found_at(before))
            if before not in (None, self._key) and by_itself:
                self.slide = CursorShift(before, now)

    def move_to(self, place: int) -> None:
        """Put the cursor on that row, or the nearest there is."""
        self.cursor = max(0, min(place, len(self.rows) - 1))
        if self.rows:
            self._key = self._key_of(self.rows[self.cursor])

    def move_to_key(self, key: Key) -> None:
        """Put the cursor on the row with that key, if it is there."""
        if (place := self._place_of(key)) is not None:
            self.move_to(place)

    def toggle(self) -> None:
        """Mark the row under the cursor, or no longer."""
        if self.key is not None:
            self.marked ^= {self.key}

    def toggle_all(self) -> None:
        """Mark all rows; if all are marked, none of them."""
        keys = frozenset(self._keys())
        self.marked = self.marked - keys if keys <= self.marked else self.marked | keys

    def unseen(self, pressed_at: float) -> CursorShift | None:
        """The slide that who pressed a key then had no time to see."""
        slide = self.slide
        return slide if slide and pressed_at < slide.at + UNSEEN_SECONDS else None

    def _keys(self) -> Collection[Key]:
        rows = self.rows
        return rows.keys() if isinstance(rows, Keyed) else [self._key_of(row) for row in rows]

    def _found_at(self, key: Key) -> int:
        """Where the row with that key is; else the place of the cursor."""
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
