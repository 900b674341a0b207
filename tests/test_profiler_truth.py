"""The profiler's estimates on a real server, beside what its producers and workers noted."""

import asyncio

import pytest

from beantop.app.session.profiled import Wanted
from tests.beanstalkd import Beanstalkd
from tests.profiler_truth import LOADS, Load, Measured, measure, true_durations

SECONDS = 40.0

BUDGET = 0.005
"""The part of the server's time that samples may cost."""


def run(server: Beanstalkd, *loads: Load, tube: str | None = None) -> Measured:
    return asyncio.run(measure(server.address, loads, SECONDS, Wanted(tube)))


def check(measured: Measured, tube: str, quantity: str, percent: float) -> None:
    """Check that a percentile is within 10 % of the truth, or one interval between samples."""
    times = measured.profiler.tube_times(tube)
    assert times
    estimate = getattr(times, quantity)
    truth = true_durations(measured, tube, quantity, since=times.since).estimate()
    assert truth
    found, true = estimate.percentile(percent), truth.percentile(percent)
    assert abs(found - true) <= max(measured.profiler.pace, 0.1 * true), (tube, quantity, percent)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_all_tubes_of_a_server_are_measured_rightly_and_cheaply(own_server: Beanstalkd) -> None:
    measured = run(own_server, *LOADS)
    for tube in ("fast", "loaded", "growing"):
        for quantity in ("wait", "turnaround"):
            for percent in (50, 95):
                check(measured, tube, quantity, percent)
    assert measured.profiler.spent <= BUDGET * (measured.until - measured.since)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_one_tube_among_others_is_measured_rightly(own_server: Beanstalkd) -> None:
    others = Load("others", 200, 20, 0.02)
    measured = run(own_server, Load("loaded", 20, 10, 0.4), others, tube="loaded")
    for quantity in ("wait", "work", "turnaround"):
        check(measured, "loaded", quantity, 50)
        check(measured, "loaded", quantity, 95)
