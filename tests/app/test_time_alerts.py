"""Alerts on how long jobs wait, on a real server; and what they cost one without such rules."""

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.server_session import ServerSession
from beantop.config import parse_settings
from beantop.monitor.durations import MIN_COUNT
from beantop.monitor.job_percentiles import Seconds
from tests.app.running import on_server
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd


def session(pilot: Pilot[None]) -> ServerSession:
    assert isinstance(pilot.app, BeantopApp)
    return pilot.app.session.fleet.servers[0]


def wait_p95(pilot: Pilot[None], tube: str) -> Seconds | None:
    latest = session(pilot).latest
    return latest.history.sampled.percentile(latest.snapshot.tubes[tube], "wait-p95")


def put_and_finish(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        for _ in range(3):
            client.put("quick")
            client.delete(client.reserve(timeout=0))


@pytest.mark.long
def test_it_is_about_the_tube_whose_jobs_wait_and_not_about_the_quick_one(
    own_server: Beanstalkd,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, BeantopApp)
        with own_server.client(use="slow") as producer, own_server.client(use="quick"):
            await until_shown(pilot, "slow", "quick")
            await until(pilot, lambda: session(pilot).profiler.times)

            def both_are_known() -> bool:
                producer.put("waits")
                put_and_finish(own_server, "quick")
                return None not in (wait_p95(pilot, "slow"), wait_p95(pilot, "quick"))

            await until(pilot, both_are_known)
            await until_shown(pilot, " 1 ALERT ")
            assert app.session.alarms.tubes_of(own_server.address) == {"slow"}
            told = "\n".join(entry.text for entry in app.said)
            assert "wait-p95 > 3s (wait-p95 >" in told
            measured = session(pilot).profiler.times
            await pilot.press("%")
            await until_shown(pilot, "Times of jobs", " 1 ALERT ")
            assert session(pilot).profiler.times is measured
            assert measured
            assert measured.focus.patterns == ("slow", "quick")
            assert measured.focus.tube != ""

    rule = '[[alert]]\ntubes = ["slow", "quick"]\nwhen = "wait-p95 > 3s"\n'
    on_server(own_server, story, settings=parse_settings(rule, "c.toml"))


@pytest.mark.long
def test_no_job_is_sampled_where_no_rule_asks_for_times(own_server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        with own_server.client(use="slow") as producer:
            for _ in range(MIN_COUNT):
                producer.put("waits")
            await until_shown(pilot, " 1 ALERT ")
            await until(pilot, lambda: session(pilot).latest.polls >= 4)
            assert not session(pilot).has_profiler
            assert producer.stats()["cmd-stats-job"] == 0
            assert producer.stats()["total-connections"] <= 3  # ours, the test's, and its check

    rule = '[[alert]]\ntubes = "*"\nwhen = "ready > 3"\n'
    on_server(own_server, story, settings=parse_settings(rule, "c.toml"))
