"""Messages about a server that is polled less often than the user wants."""

from dataclasses import replace

import pytest

from beantop.app.session.news import slowed
from tests.app import stills


@pytest.mark.parametrize(
    ("before", "now", "times"), [(1.0, 1.2, 0), (1.2, 3.0, 1), (1.0, 3.0, 1), (3.0, 4.0, 0)]
)
def test_only_a_pace_that_is_much_slower_is_news(before: float, now: float, times: int) -> None:
    """The cost of polls goes up and down, which must not be reported every time."""
    one, other = (
        replace(stills.watched(), pace=pace, stretched=pace > 1.0) for pace in (before, now)
    )
    assert len(slowed("queue", one, other, 1.0)) == times
