import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor import series as series_module
from beantop.monitor.series import SLOTS, SPAN, SPANS, STEP, Series

ADDED = st.lists(
    st.tuples(
        st.one_of(st.floats(0, 3), st.floats(0, 2 * SPAN)),  # seconds since the one before
        st.integers(0, 10**6).map(float),
        st.booleans(),
    ),
    max_size=40,
)
"""Steps of a series: the delay, the value, and whether the previous value held until then."""


def filled(added: list[tuple[float, float, bool]], start: float = 0.0) -> tuple[Series, float]:
    """A series of these values, and the time of the last one."""
    series, now = Series(), start
    for seconds, value, bridge in added:
        now += seconds
        series.add(now, value, bridge=bridge)
    return series, now


def by_slot(added: list[tuple[float, float, bool]]) -> dict[int, float]:
    """The expected values, one per `STEP` seconds, computed without a ring buffer."""
    shown: dict[int, float] = {}
    now, newest = 0.0, 0
    for seconds, value, bridge in added:
        now += seconds
        slot = int(now // STEP)
        if bridge and shown:
            for missing in range(newest + 1, slot):
                shown[missing] = shown[newest]
        shown[slot] = max(value, shown.get(slot, value))
        newest = slot
    return shown


@given(ADDED, st.floats(0, 2 * SPAN))
def test_each_step_shows_its_largest_value_and_gaps_stay_gaps(
    added: list[tuple[float, float, bool]], later: float
) -> None:
    series, now = filled(added)
    end = int((now + later) // STEP) + 1
    expected = by_slot(added)
    assert series.last(SLOTS, now + later) == [
        expected.get(slot) for slot in range(end - SLOTS, end)
    ]


@given(ADDED, st.integers(1, 3 * SLOTS), st.floats(0, 2 * SPAN))
def test_no_value_is_shown_that_was_not_added(
    added: list[tuple[float, float, bool]], cells: int, later: float
) -> None:
    series, now = filled(added)
    shown = series.last(cells, now + later)
    assert len(shown) == cells
    assert set(shown) <= {None, *(value for _, value, _ in added)}


@given(ADDED, st.integers(1, SLOTS))
def test_the_largest_value_is_shown_however_few_cells_there_are(
    added: list[tuple[float, float, bool]], cells: int
) -> None:
    """Of the oldest values, as many as one cell has may have left the picture already."""
    series, now = filled(added)
    steps = series.last(SLOTS, now)
    leaving = -(-SLOTS // cells) - 1
    largest, largest_kept, shown = (
        max((value for value in values if value is not None), default=-1)
        for values in (steps, steps[leaving:], series.last(cells, now))
    )
    assert largest_kept <= shown <= largest


def test_more_cells_than_steps_leave_no_gaps() -> None:
    series, now = filled([(STEP, 7.0, False)] * SLOTS)
    assert series.last(2 * SLOTS + 5, now) == [7.0] * (2 * SLOTS + 5)


def test_a_series_moves_left_as_time_goes_by() -> None:
    series, _ = filled([(0.0, 7.0, False)])
    assert series.last(4, now=0.0) == [None, None, None, 7.0]
    assert series.last(4, now=SPAN / 4) == [None, None, 7.0, None]
    assert series.last(4, now=SPAN) == [None, None, None, None]


@pytest.mark.parametrize("start", [0.0, 1.0e6, 4.0e9])
def test_the_clock_may_have_started_anywhere(start: float) -> None:
    series, now = filled([(0.0, 1.0, False), (60.0, 2.0, False)], start)
    assert series.last(2, now) == [1.0, 2.0]


def test_a_bridge_holds_the_value_before_it() -> None:
    series, now = filled([(0.0, 5.0, False), (30.0, 1.0, True)])
    assert series.last(SLOTS, now)[-16:] == [5.0] * 15 + [1.0]


def test_a_bridge_from_nowhere_is_a_gap() -> None:
    series, now = filled([(50.0, 5.0, True)])
    assert series.last(SLOTS, now) == [None] * (SLOTS - 1) + [5.0]


def test_a_copy_stands_on_its_own() -> None:
    series, now = filled([(0.0, 5.0, False)])
    copy = series.copy()
    series.add(now, 9.0)
    copy.add(now + STEP, 1.0)
    assert series.last(SLOTS, now + STEP)[-2:] == [9.0, None]
    assert copy.last(SLOTS, now + STEP)[-2:] == [5.0, 1.0]


def test_a_series_takes_the_same_memory_for_ever() -> None:
    series = Series()
    tracemalloc.start()
    for at in range(20_000):
        series.add(at, at)
    in_series = tracemalloc.Filter(True, series_module.__file__)
    traces = tracemalloc.take_snapshot().filter_traces([in_series]).traces
    tracemalloc.stop()
    assert 0 < sum(trace.size for trace in traces) < 1500


COARSE = [(level, int(span / SLOTS / STEP)) for level, span in enumerate(SPANS)]


@pytest.mark.long
@given(ADDED, st.sampled_from(COARSE), st.floats(0, 2 * SPAN))
def test_coarser_levels_show_the_largest_value_of_their_steps(
    added: list[tuple[float, float, bool]], level: tuple[int, int], later: float
) -> None:
    series, now = filled(added)
    number, size = level
    largest: dict[int, float] = {}
    for step, value in by_slot(added).items():
        largest[step // size] = max(value, largest.get(step // size, value))
    end = int((now + later) // STEP) // size + 1
    expected = [largest.get(step) for step in range(end - SLOTS, end)]
    assert series.last(SLOTS, now + later, number) == expected


@given(ADDED, st.sampled_from(COARSE), st.integers(0, SLOTS - 1), st.floats(0, 2 * SPAN))
def test_one_value_of_the_past_is_that_of_the_picture(
    added: list[tuple[float, float, bool]], level: tuple[int, int], back: int, later: float
) -> None:
    series, now = filled(added)
    number, size = level
    shown = series.last(SLOTS, now + later, number)[SLOTS - 1 - back]
    assert series.before(back * size * STEP, now + later, number) == shown


def test_six_hours_are_remembered() -> None:
    series = Series()
    for at in range(0, 21_600, 2):
        series.add(float(at), at)
    assert series.last(4, 21_599.0, level=3) == [5398.0, 10_798.0, 16_198.0, 21_598.0]
    assert series.last(2, 21_599.0, level=2) == [19_798.0, 21_598.0]


def test_a_mean_is_that_of_the_known_values() -> None:
    series = Series(mean=True)
    for step, value in ((0, 2.0), (1, 4.0), (4, 12.0)):
        series.note(step, value)
    assert series.last(SLOTS, 9.0, level=1)[-1] == 6.0


def test_a_count_beyond_all_measure_does_no_harm() -> None:
    series, now = filled([(0.0, 10.0**300, False), (2.0, 7.0, False)])
    series.add(now + 2, 10**400)
    assert series.last(SLOTS, now + 2)[-2:] == [7.0, float("inf")]
