import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.app.view.graph import AXIS, KINDS, Curve, Kind, area, graph, values_in
from beantop.app.view.lines import plain, width_of

every_kind = pytest.mark.parametrize("kind", KINDS)

COUNTS = st.one_of(st.none(), st.floats(0, 100))
VALUES = st.lists(st.one_of(st.none(), st.floats(0, allow_nan=False)), max_size=80)


@given(VALUES, st.integers(20, 220), st.integers(5, 60), st.sampled_from(KINDS), st.booleans())
def test_a_graph_has_exactly_the_size_asked_for(
    values: list[float | None], width: int, height: int, kind: Kind, timed: bool
) -> None:
    lines = graph(Curve("READY", "1,000,000", values), width, height, kind, "-2m -1m now" * timed)
    assert [width_of(line) for line in lines] == [width] * height


def test_ascii_is_ascii() -> None:
    lines = graph(Curve("READY", "3", [None, 0, 1, 2, 3]), 40, 8, "ascii", "-2m now")
    assert all(plain(line).isascii() for line in lines)


def bottom(kind: Kind, *values: float | None) -> str:
    """The lowest line of an area of two lines, a cell for each value."""
    twice = [value for value in values for _ in range(2)] if kind == "braille" else values
    return plain(area(Curve("a", "", twice), len(values), 2, 1000.0, kind)[-1])


@every_kind
def test_nothing_seen_zero_little_and_much_all_look_different(kind: Kind) -> None:
    assert len(set(bottom(kind, None, 0, 0.001, 1000))) == 4


@every_kind
def test_what_is_not_known_is_blank(kind: Kind) -> None:
    assert bottom(kind, None, 5, None)[::2] == "  "


@every_kind
def test_only_the_largest_fills_the_area(kind: Kind) -> None:
    top = area(Curve("a", "", [999, 1000] * 2), 2, 3, 1000.0, kind)[0]
    assert plain(top).strip()
    half = area(Curve("a", "", [500] * 4), 2, 4, 1000.0, kind)
    assert not plain(half[0]).strip()


@given(
    st.lists(COUNTS, min_size=2),
    COUNTS,
    st.integers(1, 30),
    st.integers(1, 5),
    st.sampled_from(KINDS),
)
def test_a_later_picture_is_the_same_one_moved(
    values: list[float | None], new: float | None, width: int, height: int, kind: Kind
) -> None:
    later = [*values, *[new] * (values_in(width + AXIS + 2, kind) // width)]
    before = area(Curve("a", "", values), width, height, 100.0, kind)
    after = area(Curve("a", "", later), width, height, 100.0, kind)
    for old, moved in zip(before, after, strict=True):
        assert plain(moved)[:-1] == plain(old)[1:]


def test_an_area_is_brighter_toward_its_top() -> None:
    lines = area(Curve("a", "", [9], style="bad"), 1, 6, 9.0, "blocks")
    styles = [style for line in lines for _, style in line]
    assert styles == ["bad", "bad-3", "bad-2", "bad-2", "bad-1", "bad-1"]


def test_zero_is_dim_and_the_rest_in_the_color_of_the_curve() -> None:
    (line,) = area(Curve("a", "", [0, 0, 9], style="bad"), 3, 1, 9.0, "blocks")
    assert [style for _, style in line] == ["dim", "bad"]


def test_curves_that_are_to_be_compared_share_a_scale() -> None:
    lines = graph(Curve("OUT", "3/s", [3], top=100.0), 30, 5, "blocks")
    assert plain(lines[1]).split() == ["100┤"]
