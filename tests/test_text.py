"""How numbers and foreign text are written, whatever they are; the usual cases are doctests."""

import itertools
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from beantop.text import compact, counted, duration, full, per_second, shown, size

COUNTS = st.integers(0, 2**64 - 1)
ANY_TEXT = st.text(st.characters(), max_size=50)
"""Surrogates included: they come out of undecodable bytes."""


@given(ANY_TEXT)
def test_foreign_text_is_printable_once_it_is_shown(text: str) -> None:
    assert shown(text).isprintable()
    assert shown(shown(text)) == shown(text)


@given(ANY_TEXT)
def test_nothing_but_what_is_dangerous_is_changed(text: str) -> None:
    assert shown(text).startswith(text[:1]) or not text[:1].isprintable()
    harmless = "".join(character for character in text if character.isprintable())
    assert shown(harmless) == harmless


def test_no_control_or_format_character_is_shown_raw() -> None:
    dangerous = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    codes = itertools.chain(range(0x3000), range(0xD800, 0x10100), range(0xE0000, 0xE0200))
    odd = [char for char in map(chr, codes) if unicodedata.category(char) in dangerous]
    assert len(odd) > 10_000
    assert not {unicodedata.category(char) for char in shown("".join(odd))} & dangerous


@given(COUNTS)
def test_a_compact_count_has_at_most_five_cells(count: int) -> None:
    assert len(compact(count)) <= 5


def said(text: str) -> float:
    """The number that a compact count stands for."""
    units = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    return float(text[:-1]) * units[text[-1]] if text[-1] in units else float(text)


@given(COUNTS)
def test_a_compact_count_is_true_to_its_first_digits(count: int) -> None:
    room_for_one_digit = count >= 999 * 10**12
    assert abs(said(compact(count)) - count) <= (0.5 if room_for_one_digit else 0.05) * count


@given(COUNTS, COUNTS)
def test_a_larger_count_never_looks_smaller(one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert said(compact(small)) <= said(compact(large))


@given(st.none() | st.floats() | st.integers(-(10**20), 10**20).map(float))
def test_no_number_is_too_odd_to_be_shown(number: float | None) -> None:
    for write in (full, compact, per_second, duration):
        assert write(number).isprintable()


@given(st.floats(0, 10**9))
def test_a_rate_that_is_not_zero_is_not_shown_as_zero(rate: float) -> None:
    assert (per_second(rate) == "0") == (rate == 0)


@given(st.integers(0, 10**10))
def test_a_duration_is_as_long_as_its_units_say(seconds: int) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 365 * 86_400}
    text = duration(seconds)
    for letter in units:
        text = text.replace(letter, letter + " ")
    said = sum(int(part[:-1]) * units[part[-1]] for part in text.split())
    assert said <= seconds < said * 2 + 1


@given(st.none() | st.integers(0, 2**63))
def test_a_size_is_short(count: int | None) -> None:
    assert size(count) == "–" or size(count)[-1] in "BKMG"


def test_one_is_not_many() -> None:
    assert [counted(number, "tube") for number in (0, 1, 2)] == ["0 tubes", "1 tube", "2 tubes"]
