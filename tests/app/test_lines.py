"""Lines that are cut to fit: of texts of any length, in a time that grows with that length only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from beantop.app.actions.job_text import with_mistake
from beantop.app.view.lines import SEPARATOR, path, plain, shorten, shorten_end, width_of, wrapped

LONG = 60_000
"""Characters. What measures the rest again for each of them takes hours."""


@pytest.mark.long
@pytest.mark.parametrize("character", ["a", "漢", "e\u0301", "\ufe0f", "☺\ufe0f"])
def test_a_text_of_any_length_is_shortened_at_once(character: str) -> None:
    text = character * LONG
    whole = SEPARATOR.join(path(["queue", text, text], 60))
    for short in (shorten(text, 20), shorten_end(text, 20), whole):
        assert cell_len(short) <= 60


@given(st.text(alphabet="ab漢\u0301☺\ufe0f", max_size=40), st.integers(3, 30))
def test_a_shortened_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    short = shorten(text, width)
    if cell_len(text) <= width:
        assert short == text
        return
    assert cell_len(short) <= width
    start, tail = short.split("…")
    assert text.startswith(start.rstrip())
    assert text.endswith(tail)


@given(st.text(alphabet="ab 漢\u0301☺\ufe0f", max_size=60), st.integers(8, 30), st.booleans())
def test_a_wrapped_line_fits_and_nothing_of_it_is_missing(
    text: str, width: int, labeled: bool
) -> None:
    line = [*([(" l ", "dim")] if labeled else []), (text, "")]
    parts = wrapped(line, width)
    assert all(width_of(part) <= width for part in parts)
    assert "".join("".join(map(plain, parts)).split()) == "".join(plain(line).split())


def test_a_line_of_any_length_is_wrapped_at_once() -> None:
    assert len(wrapped([(" name ", "dim"), ("a" * LONG, "")], 36)) == LONG / 30


@pytest.mark.long
def test_a_mistake_is_written_above_a_text_of_many_comments_at_once() -> None:
    assert with_mistake("#\n" * 50 * LONG + "ttr: 1s", "soon") == "# Please correct: soon.\nttr: 1s"


def test_a_line_is_wrapped_even_where_nothing_is_left_for_it() -> None:
    assert wrapped([], -3) == [[]]
    assert [plain(part) for part in wrapped([("ab", "")], -3)] == ["a", "b"]
