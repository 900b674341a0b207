"""How numbers and foreign text are written, whatever they are; the usual cases are doctests."""

import itertools
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beantop.formatting import (
    THOUSANDS,
    compact,
    duration,
    duration_within,
    grouped,
    parse_duration,
    per_second,
    plural,
    printable,
    read_duration,
    short_duration,
    size,
)
from tests.truth import tells, tells_size, tells_time

COUNTS = st.integers(0, 2**64 - 1)
SECONDS = st.integers(0, 10**10) | COUNTS
ANY_TEXT = st.text(st.characters(), max_size=50)
"""Surrogates included: they come out of undecodable bytes."""


@given(ANY_TEXT)
def test_foreign_text_is_printable_once_it_is_shown(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


@given(ANY_TEXT)
def test_nothing_but_what_is_dangerous_is_changed(text: str) -> None:
    assert printable(text).startswith(text[:1]) or not text[:1].isprintable()
    harmless = "".join(character for character in text if character.isprintable())
    assert printable(harmless) == harmless


def test_no_control_or_format_character_is_shown_raw() -> None:
    dangerous = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    codes = itertools.chain(range(0x3000), range(0xD800, 0x10100), range(0xE0000, 0xE0200))
    odd = [char for char in map(chr, codes) if unicodedata.category(char) in dangerous]
    assert len(odd) > 10_000
    assert not {unicodedata.category(char) for char in printable("".join(odd))} & dangerous


@given(COUNTS)
def test_a_compact_count_has_at_most_five_cells(count: int) -> None:
    assert len(compact(count)) <= 5


@given(COUNTS, st.integers(4, 9))
def test_a_compact_count_is_true_in_few_cells(count: int, cells: int) -> None:
    assert tells(compact(count, cells), count)
    assert len(compact(count, cells)) <= cells


@given(COUNTS)
def test_all_digits_are_those_of_the_count(count: int) -> None:
    assert grouped(count).replace(",", "") == str(count)


@given(COUNTS, COUNTS)
def test_a_larger_count_never_looks_smaller(one: int, other: int) -> None:
    small, large = (
        re.fullmatch(r"([0-9.]+)(.?)", compact(count)) for count in sorted((one, other))
    )
    assert small
    assert large
    said = [float(text[1]) * THOUSANDS.get(text[2], 1) for text in (small, large)]
    assert said[0] <= said[1]


@given(st.none() | st.floats() | st.integers(-(10**20), 10**20).map(float))
def test_no_number_is_too_odd_to_be_shown(number: float | None) -> None:
    for write in (grouped, compact, per_second, duration):
        assert write(number).isprintable()


@given(st.floats(0, 10**9))
def test_a_rate_that_is_not_zero_is_not_shown_as_zero(rate: float) -> None:
    assert (per_second(rate) == "0") == (rate == 0)


@given(SECONDS)
@example(700 * 86_400)
def test_a_duration_is_as_long_as_its_units_say(seconds: int) -> None:
    assert tells_time(duration(seconds), seconds)
    assert tells_time(duration(-seconds), -seconds) or not seconds


@given(SECONDS, st.integers(6, 9))
@example(364 * 86_400, 6)
def test_a_duration_in_few_cells_is_true(seconds: int, cells: int) -> None:
    for text in (short_duration(seconds, cells), duration_within(seconds, cells)):
        assert tells_time(text, seconds)
        assert len(text) <= cells


@given(SECONDS)
def test_what_is_written_of_a_duration_can_be_read(seconds: int) -> None:
    for text in (duration(seconds), short_duration(seconds), short_duration(seconds, 6)):
        assert tells_time(text, seconds)
        assert parse_duration(text) == read_duration(text)


@pytest.mark.parametrize(
    "text", ["", "-", "s", "1y 5", "5x", "2h2d", "1d1d", "1.5.2h", "5 m 2", "٣s", "1e3s", "nan"]
)
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        read_duration(text)


@given(st.none() | COUNTS)
def test_a_size_is_true_and_short(count: int | None) -> None:
    assert tells_size(size(count), count)
    assert len(size(count)) <= 6


def test_one_is_not_many() -> None:
    assert [plural(number, "tube") for number in (0, 1, 2)] == ["0 tubes", "1 tube", "2 tubes"]
