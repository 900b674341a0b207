"""Alerts on the age of the oldest job: in time, at little cost, and never about a job that is gone."""

import random
from dataclasses import replace

import pytest

from beantop.monitor.alerts import AlertRule, AlertState, evaluate
from beantop.monitor.history import History
from beantop.monitor.rules import parse_rule
from beantop.monitor.sampled import FirstJob, moves_of
from beantop.monitor.snapshot import Tube
from tests.monitor.aged import Aged, watched
from tests.monitor.looks import look
from tests.monitor.test_peace import PROMISED
from tests.variants import rest_is_slow

LIMIT = 60.0

OLD = AlertRule(parse_rule("oldest > 1m"), "*")

LONG = 600.0

VERY_OLD = AlertRule(parse_rule("oldest > 10m"), "*")


def passing(server: Aged, seconds: float) -> list[str]:
    """Let the jobs of some tubes be `LONG` seconds old in so many seconds, and those of the others later."""
    chance = random.Random(1)
    passing = chance.sample(server.tubes, 20)
    for name, tube in server.jobs.items():
        tube.put_at = chance.uniform(0.0, seconds) - LONG if name in passing else 0.0
    return passing


@pytest.mark.long
@pytest.mark.parametrize(
    ("tubes", "times", "first_round"),
    rest_is_slow((40, 1.0, 3.0), (400, 8.0, 50.0), (10_000, 1.0, 200.0)),
)
def test_an_alert_fires_soon_after_the_limit_and_the_server_is_left_in_peace(
    tubes: int, times: float, first_round: float
) -> None:
    """Once all tubes were sampled. Until then, an alert may be late by that time."""
    server, seconds = Aged(tubes, times=times), first_round + 30.0
    passing_tubes = passing(server, seconds)
    known = watched(server, seconds + 30.0, [VERY_OLD])
    assert set(known.fired_at) == set(passing_tubes)
    late = {name: at - server.jobs[name].put_at - LONG for name, at in known.fired_at.items()}
    assert all(seconds > 0 for seconds in late.values())
    assert max(late.values()) <= first_round + 10.0
    passed_later = [name for name in late if server.jobs[name].put_at + LONG > first_round]
    assert passed_later
    assert max(late[name] for name in passed_later) <= 10.0
    assert server.worst <= PROMISED


@pytest.mark.long
def test_many_alerts_at_once_fire_in_turn_and_the_server_is_left_in_peace() -> None:
    server = Aged(400, times=5.0)
    known = watched(server, LIMIT + 60.0, [OLD])
    assert set(known.fired_at) == set(server.tubes)
    assert server.worst <= PROMISED


@pytest.mark.long
def test_jobs_that_workers_take_in_time_cost_few_commands_and_alert_nobody() -> None:
    server = Aged(40)

    def work() -> None:
        for name in server.tubes:
            server.replace_job(name)

    known = watched(server, 200.0, [OLD], between=work)
    assert known.fired_at == {}
    assert len(server.sent) / 200.0 <= 40 * 4 / 10  # each tube every 10 s at most


def test_it_is_resolved_when_a_worker_takes_the_job() -> None:
    server = Aged(3)

    def work() -> None:
        if server.clock > LIMIT + 30.0 and server.jobs["t1"].puts == 1:
            server.replace_job("t1")

    known = watched(server, LIMIT + 60.0, [OLD], between=work)
    assert set(known.fired_at) == {"t0", "t1", "t2"}
    assert set(known.ended_at) == {"t1"}
    assert known.ended_at["t1"] <= LIMIT + 30.0 + OLD.quiet + 12.0


@pytest.mark.long
def test_rows_on_the_screen_leave_time_for_rules() -> None:
    server = Aged(400, times=8.0)
    on_screen = server.tubes[:40]

    def work() -> None:
        for name in on_screen:
            server.replace_job(name)

    known = watched(server, LIMIT + 90.0, [OLD], on_screen=on_screen, between=work)
    others = set(server.tubes) - set(on_screen)
    assert len(others & known.fired_at.keys()) > 200
    assert not known.fired_at.keys() & set(on_screen)
    assert server.worst <= PROMISED


def test_without_a_rule_and_a_column_nothing_is_sent() -> None:
    server = Aged(40)
    watched(server, 20.0, [AlertRule(parse_rule("ready > 0"), "*")])
    assert server.sent == []


def test_only_tubes_that_a_rule_is_about_are_sampled() -> None:
    server = Aged(40)
    watched(server, 20.0, [replace(OLD, tubes="t1")])
    assert server.sent == ["use t1", "peek-ready", "use default", "stats-job 2"]


def test_the_limits_of_a_rule_are_the_ages_that_it_compares_with() -> None:
    rule = parse_rule("(oldest > 10m or oldest-buried >= 1h) and ready > 5 and oldest > drain")
    assert AlertRule(rule, "*").ages == (600, 3600)
    assert AlertRule(rule, "*").sampled_states == {"ready", "buried"}
    assert AlertRule(parse_rule("oldest-buried > 0"), "*").sampled_states == {"buried"}


def test_the_job_of_another_tube_is_no_sample_of_one_that_the_server_refused_to_use() -> None:
    server = Aged(3)
    server.refused = {"t1"}
    last = watched(server, 3.0, [OLD]).polls[-1]
    known = [last.history.oldest(tube) is not None for tube in last.snapshot.tubes.values()]
    assert known == [True, False, True]


def test_an_id_that_no_job_can_have_is_no_sample() -> None:
    server = Aged(1)
    server.jobs["t0"].id = 10**30
    assert watched(server, LIMIT + 10.0, [OLD]).fired_at == {}
    assert "peek-ready" in server.sent


# How the evaluation treats samples:


class Story:
    """Polls of one tube each second, whose first job is sampled now and then."""

    def __init__(self, rule: str, *, for_seconds: float = 0.0) -> None:
        self.alert = AlertRule(parse_rule(rule), "*", for_seconds)
        self.history = History()
        self.state = AlertState()
        self.at = 0.0
        self.puts = 1
        self.buried: int | None = 0

    @property
    def tube(self) -> Tube:
        return Tube("pdf", self.at, ready=1, buried=self.buried, total_jobs=self.puts)

    def poll(self, seconds: float = 1.0) -> bool:
        """Poll each second for so long. Return whether the alert fires then."""
        for _ in range(int(seconds)):
            self.at += 1.0
            snapshot = look(self.at, self.tube)
            self.history.add(snapshot, 1.0)
            self.state = evaluate(self.state, [self.alert], snapshot, self.history, 3.5)
        return bool(self.state.firing)

    def sample(self, age: int) -> None:
        job = FirstJob(self.at + 0.1, 1, age, moves_of(self.tube))
        self.history.sampled.note_first("pdf", "ready", job)


def test_it_fires_only_by_a_sample_from_after_the_limit() -> None:
    story = Story("oldest > 1m")
    story.poll()
    story.sample(age=50)
    assert not story.poll(30)  # by the clock it is 80 s old, if it is still there
    assert story.state.to_sample(1.0) == (set(), {"pdf"})
    story.sample(age=80)
    assert story.poll()
    [(field, value)] = story.state.firing[0].values
    assert field == "oldest"
    assert value == pytest.approx(80.9)
    assert story.state.to_sample(1.0) == ({"pdf"}, set())


def test_a_sample_that_shows_a_younger_job_fires_nothing() -> None:
    story = Story("oldest > 1m")
    story.poll()
    story.sample(age=50)
    story.poll(30)
    story.sample(age=2)
    assert not story.poll(30)
    assert story.state.alerts == {}


def test_an_alert_that_must_hold_needs_a_sample_at_its_end() -> None:
    story = Story("oldest > 1m", for_seconds=30.0)
    story.poll()
    story.sample(age=70)
    assert not story.poll(29)
    assert story.state.to_sample(1.0) == (set(), set())
    assert not story.poll(5)
    assert story.state.to_sample(1.0) == (set(), {"pdf"})
    story.sample(age=105)
    assert story.poll()


def test_while_the_first_job_is_not_known_an_alert_keeps_its_state() -> None:
    story = Story("oldest > 1m")
    story.poll()
    story.sample(age=70)
    assert story.poll()
    story.puts += 1  # it may be another job now
    assert story.poll(100)
    story.sample(age=3)
    assert not story.poll(2)


def test_while_a_number_of_jobs_is_not_known_the_oldest_one_is_not_and_an_alert_keeps_its_state() -> (
    None
):
    story = Story("oldest > 1m")
    story.poll()
    story.sample(age=70)
    assert story.poll()
    story.buried = None
    assert story.poll(100)
    assert story.history.oldest(story.tube) is None
    story.buried = 0
    story.sample(age=3)
    assert not story.poll(20)


def test_while_a_number_of_jobs_is_not_known_no_alert_fires() -> None:
    story = Story("oldest < 1m")
    story.buried = None
    story.poll()
    story.sample(age=2)
    assert not story.poll(20)


def test_an_unknown_age_does_not_hide_another_reason() -> None:
    story = Story("oldest > 1m or ready > 0")
    assert story.poll()
