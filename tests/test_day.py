"""A program that is left open for a day takes no more in the evening than in the morning."""

import asyncio

import pytest

from tests.day import Hour, grown, live_through


def test_what_grows_is_named() -> None:
    first, later = Hour(1000, 1000, 1.0, 10), Hour(1051, 1049, 1.3, 11)
    assert grown([Hour(1, 1, 0.1, 1)] + [first] * 6) == []
    assert grown([first] * 5 + [later] * 2) == ["memory", "cpu", "descriptors"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_grows_in_a_day() -> None:
    """Processor time is compared only with that of other hours of the same run."""
    assert grown(asyncio.run(live_through(24))) == []
