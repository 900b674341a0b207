"""Alerts on how long jobs wait and take."""

import pytest

from beantop.monitor.alerts import AlertRule, AlertState, evaluate
from beantop.monitor.durations import Bounds, Durations
from beantop.monitor.followed_job import Times
from beantop.monitor.history import History
from beantop.monitor.job_percentiles import (
    TIMES,
    AtLeast,
    JobPercentiles,
    LessThan,
    Seconds,
    job_percentiles,
)
from beantop.monitor.rules import RuleError, parse_rule
from beantop.monitor.sampled import MAX_AGE
from beantop.monitor.snapshot import Tube
from tests.monitor.looks import look, server


def durations(*bounds: Bounds) -> Durations:
    known = Durations()
    for each in bounds:
        known.add(each)
    return known


def test_the_fields_are_percentiles_in_seconds() -> None:
    exact = [Bounds(seconds, seconds) for seconds in range(1, 101)]
    times = Times(wait=durations(*exact), work=durations(*exact[:19]))
    known = job_percentiles(times.estimates(0.0, quick=0.0, resolution=0.25), 7.0)
    assert known.at == 7.0
    assert known.seconds["wait-p50"] == pytest.approx(50.0, rel=0.06)
    assert known.seconds["wait-p95"] == pytest.approx(95.0, rel=0.06)
    assert set(known.seconds) == {"wait-p50", "wait-p95"}  # of the work, 19 are too few


def test_what_has_not_ended_is_longer_and_what_was_not_seen_is_shorter() -> None:
    waiting = durations(*[Bounds(40.0, float("inf"))] * 20)
    gone = durations(*[Bounds(0.0, 0.2)] * 20)
    times = Times(wait=waiting, work=gone).estimates(0.0, quick=0.0, resolution=0.25)
    known = job_percentiles(times, 7.0).seconds
    assert isinstance(known["wait-p95"], AtLeast)
    assert known["wait-p95"] == pytest.approx(40.0, rel=0.06)
    assert known["wait-p95"] <= 40.0
    assert isinstance(known["work-p95"], LessThan)
    assert known["work-p95"] == 0.25


@pytest.mark.parametrize(
    ("rule", "value", "holds"),
    [
        ("wait-p95 > 30s", 31.0, True),
        ("wait-p95 > 30s", 30.0, False),
        ("wait-p95 > 30s", AtLeast(31.0), True),
        ("wait-p95 > 30s", AtLeast(29.0), False),
        ("wait-p95 < 30s", AtLeast(29.0), False),
        ("wait-p95 = 29s", AtLeast(29.0), False),
        ("wait-p95 != 30s", AtLeast(29.0), False),
        ("wait-p95 < 1s", LessThan(0.25), True),
        ("wait-p95 > 0.1s", LessThan(0.25), False),
        ("wait-p95 >= oldest", AtLeast(31.0), True),
        ("wait-p95 <= oldest", AtLeast(29.0), False),
        ("oldest < wait-p95", AtLeast(31.0), True),
        ("oldest > wait-p95", AtLeast(29.0), False),
        ("wait-p95 > 30s", None, False),
        ("wait-p95 < 30s", None, False),
    ],
)
def test_a_bound_is_compared_only_where_that_is_sure(
    rule: str, value: Seconds | None, *, holds: bool
) -> None:
    assert parse_rule(rule).holds({"wait-p95": value, "oldest": 30.0}.get) is holds


def test_they_are_fields_of_tubes_alone() -> None:
    with pytest.raises(RuleError, match="wait-p95 is a field of tubes, not of servers"):
        parse_rule("wait-p95 > 30s", "server")
    assert AlertRule(parse_rule("wait-p95 > 30s and ready > 0"), "*").times == {"wait-p95"}
    assert AlertRule(parse_rule("ready > 0"), "*").times == frozenset()


class Story:
    """Polls of one tube each second, whose jobs are measured or not."""

    def __init__(self, rule: str, *, for_seconds: float = 0.0) -> None:
        self.alert = AlertRule(parse_rule(rule), "*", for_seconds)
        self.history = History()
        self.state = AlertState()
        self.at = 0.0
        self.process = "a"

    def poll(
        self,
        wait: Seconds | None = None,
        *,
        seconds: int = 1,
        buried: int = 0,
        is_idle: bool = False,
    ) -> bool:
        """Poll each second for so long. Return whether the alert fires then."""
        for _ in range(seconds):
            self.at += 1.0
            tube = Tube("pdf", self.at, ready=0, buried=buried, total_jobs=1)
            snapshot = look(self.at, tube, of=server(self.at, id=self.process))
            self.history.add(snapshot, 1.0)
            known = {} if wait is None else {"wait-p95": wait}
            noted = JobPercentiles(self.at, known, is_idle)
            self.history.sampled.note_percentiles("pdf", noted)
            self.state = evaluate(self.state, [self.alert], snapshot, self.history, 3.5)
        return bool(self.state.firing)


def test_it_fires_and_ends_by_what_is_measured() -> None:
    story = Story("wait-p95 > 30s")
    assert not story.poll(29.0)
    assert story.poll(31.0)
    assert story.state.firing[0].values == (("wait-p95", 31.0),)
    assert not story.poll(29.0, seconds=10)


def test_while_it_is_unknown_nothing_begins_and_nothing_ends() -> None:
    story = Story("wait-p95 > 30s")
    assert not story.poll(None, seconds=20)
    assert story.poll(AtLeast(31.0))
    assert story.poll(None, seconds=1_000)
    assert story.state.firing[0].values == (("wait-p95", 31.0),)
    assert not story.poll(2.0, seconds=10)


def test_what_was_measured_before_a_restart_is_unknown_after_it() -> None:
    story = Story("wait-p95 > 30s")
    story.poll(31.0)
    story.process = "b"
    assert story.poll(None, seconds=20)


def test_a_tube_that_has_nothing_to_do_ends_it() -> None:
    story = Story("wait-p95 > 30s")
    assert story.poll(31.0)
    assert not story.poll(None, seconds=10, is_idle=True)


def test_an_alert_for_another_reason_ends_though_the_times_are_unknown() -> None:
    story = Story("wait-p95 > 30s or buried > 0")
    assert story.poll(2.0, buried=1)
    assert not story.poll(None, seconds=10)
    assert story.poll(31.0, buried=1)
    assert story.poll(None, seconds=100)


def test_it_has_to_hold_for_its_time() -> None:
    story = Story("wait-p95 > 30s", for_seconds=5.0)
    assert not story.poll(31.0, seconds=5)
    assert not story.poll(29.0)
    assert not story.poll(31.0, seconds=5)
    assert story.poll(31.0)


def test_what_was_not_noted_lately_is_unknown() -> None:
    history = History()
    history.sampled.note_percentiles("pdf", JobPercentiles(1.0, dict.fromkeys(TIMES, 9.0)))
    for field in TIMES:
        assert history.sampled.percentile(Tube("pdf", 1.0 + MAX_AGE), field) == 9.0
        assert history.sampled.percentile(Tube("pdf", 1.1 + MAX_AGE), field) is None
        assert history.sampled.percentile(Tube("mail", 1.0), field) is None
    history.sampled.forget("pdf")
    assert history.sampled.percentile(Tube("pdf", 1.0), "wait-p95") is None
