"""Samples of jobs cost a server little, whatever it is."""

import pytest

from beantop.monitor.sample_budget import MIN_SAMPLES, OVERHEAD, SHARE, SLOW, SampleBudget


def budget(cost: float | None, round_trip: float = 0.001) -> SampleBudget:
    known = SampleBudget()
    for _ in range(9):
        known.note(round_trip, 100, None if cost is None else 100 * cost)
    return known


@pytest.mark.parametrize("cost", [1e-6, 8e-6, 1e-4, 2e-3, None])
@pytest.mark.parametrize("wanted", [0.05, 0.25, 1.0])
def test_rounds_take_no_more_of_the_server_than_they_may(cost: float | None, wanted: float) -> None:
    known = budget(cost)
    pace = known.pace(wanted)
    spent = (known.samples(pace) + OVERHEAD) * known.cost
    assert pace >= wanted
    assert spent <= SHARE * pace * 1.0001


def test_where_looks_are_dear_rounds_are_rarer_and_never_smaller() -> None:
    assert budget(2e-3).pace(0.25) > 5
    assert budget(2e-3).samples(budget(2e-3).pace(0.25)) == MIN_SAMPLES


def test_a_long_line_makes_rounds_rarer() -> None:
    assert budget(8e-6, round_trip=0.15).pace(0.25) == pytest.approx(0.6)


def test_a_server_that_answers_slowly_is_left_alone_until_it_answers_soon_again() -> None:
    known = budget(8e-6, round_trip=2 * SLOW)
    assert known.is_slow
    for _ in range(2):
        known.note(0.001, 0, None)
    assert not known.is_slow


def test_one_slow_answer_is_no_reason() -> None:
    known = budget(8e-6)
    known.note(2 * SLOW, 100, 8e-4)
    assert not known.is_slow


def test_what_the_server_does_for_others_now_and_then_is_not_taken_for_ours() -> None:
    known = budget(8e-6)
    for _ in range(4):
        known.note(0.001, 100, 1.0)
    assert known.cost == pytest.approx(8e-6)
