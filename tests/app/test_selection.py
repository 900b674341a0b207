"""Cursor and marks without a screen: they stay with the keys of rows, whatever happens to the rows."""

from collections.abc import Collection, Iterator, Sequence
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as some

from beantop.app.widgets import selection as module
from beantop.app.widgets.selection import CursorShift, Selection

KEYS = some.lists(some.integers(0, 12), unique=True)


class Numbers(Sequence[int]):
    """Rows that know their keys, and are never walked."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...
    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        return self._numbers[at]

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[int]:
        raise AssertionError("all rows were made")

    def keys(self) -> Collection[int]:
        return self._numbers

    def place_of(self, key: int) -> int | None:
        return self._numbers.index(key) if key in self._numbers else None


def selection(*rows: int) -> Selection[int, int]:
    """Rows that are their own keys."""
    made: Selection[int, int] = Selection(lambda row: row)
    made.show(rows, 0.0)
    return made


@given(KEYS, KEYS, some.integers(0, 12), some.booleans())
def test_the_cursor_keeps_its_row_or_else_its_place(
    before: list[int], after: list[int], place: int, keyed: bool
) -> None:
    chosen = selection(*before)
    chosen.move_to(place)
    key, place = chosen.key, chosen.cursor
    chosen.show(Numbers(after) if keyed else after, 1.0)
    if key in after or not after:
        assert chosen.key == (key if after else None)
        assert chosen.shift is None
    else:
        assert chosen.cursor == min(place, len(after) - 1)
        assert bool(chosen.shift) == bool(before)


@given(KEYS, KEYS, some.booleans())
def test_all_rows_are_marked_or_none_and_other_marks_stay(
    rows: list[int], marked: list[int], keyed: bool
) -> None:
    chosen = selection(*rows)
    chosen.marked = frozenset(marked)
    elsewhere = chosen.marked.difference(rows)
    chosen.show(Numbers(rows) if keyed else rows, 1.0)
    chosen.toggle_all()
    all_were_marked = set(rows) <= set(marked)
    assert chosen.marked == (elsewhere if all_were_marked else elsewhere.union(rows))


def test_a_row_that_was_there_before_all_went_gets_the_cursor_back() -> None:
    chosen = selection(1, 2, 3)
    chosen.move_to(1)
    chosen.show([], 1.0)
    assert (chosen.key, chosen.row) == (None, None)
    chosen.show([5, 4, 3, 2], 2.0)
    assert (chosen.key, chosen.shift) == (2, None)


def test_a_row_that_came_under_the_cursor_by_itself_counts_as_unseen_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "JUST_MOVED_SECONDS", 0.5)
    chosen = selection(1, 2, 3)
    chosen.show([2, 3], 10.0)
    shift = chosen.just_moved(10.4)
    assert shift is not None
    assert shift.before == 1
    assert chosen.just_moved(9.0), "the key was pressed before, and handled after"
    assert chosen.just_moved(10.5) is None


def test_moving_on_from_such_a_row_does_not_make_the_next_one_seen() -> None:
    chosen = selection(1, 2, 3)
    chosen.show([2, 3], 10.0)
    chosen.move_to(1)
    assert chosen.just_moved(9.9)


def test_what_the_user_chose_not_to_see_has_not_gone() -> None:
    chosen = selection(1, 2, 3)
    chosen.show([3], 10.0, chosen="only 3")
    assert (chosen.key, chosen.shift) == (3, None)
    chosen.show([2], 11.0, chosen="only 3")
    assert chosen.shift is not None


def test_the_cursor_goes_to_a_key_only_if_it_is_there() -> None:
    chosen = selection(1, 2, 3)
    chosen.move_to_key(3)
    assert chosen.cursor == 2
    chosen.move_to_key(7)
    assert chosen.cursor == 2


def test_a_mark_is_put_and_taken_away() -> None:
    chosen = selection(1, 2)
    chosen.toggle()
    assert [chosen.is_marked(row) for row in chosen.rows] == [True, False]
    chosen.toggle()
    assert chosen.marked == frozenset()


def test_a_cursor_that_follows_the_end_has_just_moved_whenever_a_row_came() -> None:
    chosen: Selection[int, int] = Selection(lambda number: number)
    chosen.show(Numbers([1, 2]), now=1.0, at_end=True)
    assert chosen.key == 2
    assert chosen.shift is None
    chosen.show(Numbers([1, 2, 3]), now=10.0, at_end=True)
    assert chosen.key == 3
    assert chosen.shift == CursorShift(2, 10.0, is_gone=False)
