"""The demo's servers as the program finds them: with a past."""

import asyncio

import pytest

from beantop.app.demo import PAST, remember
from beantop.demo.demo import Demo
from beantop.monitor.history import SPAN


@pytest.mark.long
def test_the_history_of_the_last_minutes_is_there_from_the_start() -> None:
    histories = asyncio.run(remember(Demo(PAST), epoch=0.0))
    assert len(histories) == 3
    for history in histories:
        now = history.latest.taken_at
        assert None not in history.put.last(int(SPAN // 2), now)
        assert None not in history.ready["default"].last(int(SPAN // 2), now)
        assert (history.server_rates().put or 0) > 0
    busiest = histories[0]
    email = busiest.latest.tubes["email-transactional"]
    assert (busiest.a_minute_ago(email, "ready") or 0) > 0
