"""Durations of which only bounds are known."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.durations import MIN_COUNT, Bounds, Durations


def durations(*bounds: tuple[float, float]) -> Durations:
    found = Durations()
    for low, high in bounds:
        found.add(Bounds(low, high))
    return found


def test_durations_that_are_known_give_their_percentiles() -> None:
    estimate = durations(*((seconds, seconds) for seconds in range(1, 101))).estimate()
    assert estimate
    for percent in (50, 90, 95, 99):
        assert estimate.percentile(percent) == pytest.approx(percent, rel=0.1)


def test_nothing_is_estimated_from_too_few() -> None:
    assert durations(*[(1.0, 1.0)] * (MIN_COUNT - 1)).estimate() is None
    assert durations(*[(1.0, 1.0)] * MIN_COUNT).estimate()


def test_what_is_longer_than_all_that_was_seen_is_not_known() -> None:
    estimate = durations(*[(1.0, 1.0)] * 30, *[(10.0, math.inf)] * 10).estimate()
    assert estimate
    assert estimate.percentile(50) == pytest.approx(1.0, rel=0.1)
    assert estimate.percentile(90) == math.inf
    assert estimate.longest == pytest.approx(10.0, rel=0.1)


def test_jobs_that_are_still_there_count_as_kaplan_and_meier_count_them() -> None:
    """Of 20 jobs 10 end after 1 s; of the 10 others 5 are lost sight of after 2 s; the last 5 end after 4 s.
    S(1) = 1/2, and all of it is left until 4 s."""
    estimate = durations(*[(1.0, 1.0)] * 10, *[(2.0, math.inf)] * 5, *[(4.0, 4.0)] * 5).estimate()
    assert estimate
    assert estimate.share_below(3.0) == pytest.approx(0.5, abs=0.02)
    assert estimate.share_below(5.0) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(("mean", "every"), [(0.05, 0.25), (0.4, 0.25), (2.0, 0.25), (2.0, 1.0)])
def test_looks_at_intervals_are_enough_for_the_percentiles(mean: float, every: float) -> None:
    chance = random.Random(7)
    truth = [chance.expovariate(1 / mean) for _ in range(800)]
    found = Durations()
    for seconds in truth:
        looks = [chance.random() * every]
        while looks[-1] < seconds:
            looks.append(looks[-1] + every)
        found.add(Bounds(looks[-2] if len(looks) > 1 else 0.0, looks[-1]))
    estimate = found.estimate()
    assert estimate
    for percent in (50, 90, 95):
        true = sorted(truth)[8 * percent]
        assert abs(estimate.percentile(percent) - true) < max(0.1 * true, 0.3 * every)


def test_a_weight_counts_as_so_many() -> None:
    found = Durations()
    for _ in range(30):
        found.add(Bounds(1.0, 1.0))
    for _ in range(10):
        found.add(Bounds(9.0, 9.0), 27.0)
    estimate = found.estimate()
    assert estimate
    assert estimate.count == 40
    assert estimate.share_below(5.0) == pytest.approx(0.1, abs=0.01)


BOUNDS = st.tuples(st.floats(0, 1e7), st.floats(0, 1e7) | st.just(math.inf)).map(
    lambda ends: (min(ends), max(ends))
)


@pytest.mark.long
@given(st.lists(BOUNDS, min_size=MIN_COUNT, max_size=60))
def test_any_bounds_give_shares_that_add_up_and_percentiles_that_rise(
    bounds: list[tuple[float, float]],
) -> None:
    estimate = durations(*bounds).estimate()
    assert estimate
    assert sum(estimate.shares) == pytest.approx(1.0)
    assert min(estimate.shares) >= -1e-9
    percentiles = [estimate.percentile(percent) for percent in (1, 50, 90, 95, 99)]
    assert percentiles == sorted(percentiles)
