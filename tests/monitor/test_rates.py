import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.rates import (
    UNKNOWN,
    Drain,
    Rates,
    drain_time,
    rate,
    server_rates,
    tube_rates,
)
from beantop.monitor.snapshot import Server, Tube
from tests.monitor.looks import server

COUNTERS = st.none() | st.integers(0, 2**64)


@given(COUNTERS, COUNTERS, st.floats(-10, 10**6))
def test_a_rate_is_unknown_or_not_negative(
    before: int | None, after: int | None, seconds: float
) -> None:
    found = rate(before, after, seconds)
    if found is None:
        assert before is None or after is None or before > after or seconds <= 0
    else:
        assert found >= 0


def test_rates_of_a_tube_are_unknown_one_by_one() -> None:
    before = Tube("a", 0.0, total_jobs=10, deletes=5)
    assert tube_rates(before, Tube("a", 2.0, total_jobs=14)) == Rates(put=2.0)
    assert tube_rates(before, Tube("a", 2.0, total_jobs=14, deletes=4)) == Rates(put=2.0)
    assert tube_rates(before, before) == UNKNOWN


def test_rates_of_a_server_have_its_timeouts() -> None:
    before = Server(0.0, {"id": "a", "total-jobs": 1, "cmd-delete": 1, "job-timeouts": 1})
    after = Server(2.0, {"id": "a", "total-jobs": 2, "cmd-delete": 3, "job-timeouts": 4})
    assert server_rates(before, after) == Rates(put=0.5, delete=1.0, timeout=1.5)


def test_there_are_no_rates_between_two_servers() -> None:
    assert server_rates(server(1.0, 1), server(2.0, 9, id="b")) == UNKNOWN


def test_net_is_what_comes_in_beyond_what_goes_out() -> None:
    assert Rates(put=3.0, delete=5.0).net == -2.0
    assert Rates(put=3.0).net is None
    assert Rates(delete=3.0).net is None


WATCHED = Tube("a", 0.0, ready=100, watching=2)


@pytest.mark.parametrize(
    ("tube", "rates", "drain"),
    [
        (WATCHED, Rates(put=1.0, delete=5.0), 25.0),
        (WATCHED, Rates(put=5.0, delete=1.0), "grows"),
        (WATCHED, Rates(put=5.0, delete=5.0), "steady"),
        (WATCHED, Rates(put=0.0, delete=0.0), "nothing out"),
        (WATCHED, Rates(put=5.0, delete=0.0), "nothing out"),
        (WATCHED, Rates(put=0.0, delete=0.1), 1000.0),
        (Tube("a", 0.0, ready=0, watching=2), Rates(put=5.0, delete=0.0), None),
        (Tube("a", 0.0, ready=9, watching=0), Rates(put=5.0, delete=0.0), "no workers"),
        (Tube("a", 0.0, ready=9, watching=2, pause_time_left=1), Rates(0.0, 0.0), "paused"),
        (WATCHED, Rates(put=5.0), None),
        (WATCHED, UNKNOWN, None),
        (Tube("a", 0.0, ready=100, watching=0), Rates(put=0.0, delete=9.0), "no workers"),
        (Tube("a", 0.0, ready=100, watching=0, pause_time_left=9), UNKNOWN, "paused"),
        (Tube("a", 0.0, ready=100), Rates(put=0.0, delete=10.0), 10.0),
        (Tube("a", 0.0, ready=0, watching=0, pause_time_left=9), UNKNOWN, None),
        (Tube("a", 0.0), Rates(put=0.0, delete=9.0), None),
    ],
)
def test_a_tube_drains_in_a_time_or_there_is_a_word_for_why_not(
    tube: Tube, rates: Rates, drain: Drain
) -> None:
    assert drain_time(tube, rates) == drain
