"""Alerts over many polls: when they fire, when they end, and when they do neither."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.alerts import AlertRule, AlertState, evaluate
from beantop.monitor.history import History
from beantop.monitor.rules import parse_rule
from beantop.monitor.snapshot import Server, Snapshot, Tube
from tests.monitor import looks
from tests.monitor.looks import server

BURIED = AlertRule(parse_rule("buried > 0"), "email-*", for_seconds=5.0)

START = 100.0


def tube(buried: int | None, name: str = "email-a") -> Tube:
    return Tube(name, 0.0, ready=0, buried=buried)


def look(at: float, *tubes: Tube, of: Server | None = None) -> Snapshot:
    """A poll that asked for all of these tubes."""
    return looks.look(at, *(tube._replace(taken_at=at) for tube in tubes), of=of)


def after(looks: Iterable[Snapshot], *alerts: AlertRule) -> AlertState:
    """The state of the alerts after all these polls, at most 3.5 s apart."""
    standing = AlertState()
    for snapshot in looks:
        standing = evaluate(standing, alerts or (BURIED,), snapshot, History(), 3.5)
    return standing


def each_second(*counts: int | None) -> list[Snapshot]:
    """Polls of one tube with these numbers of buried jobs."""
    return [look(START + at, tube(buried)) for at, buried in enumerate(counts)]


def test_it_fires_when_the_rule_has_held_for_as_long_as_it_says() -> None:
    assert after(each_second(1, 1, 1, 1, 1)).firing == []
    [alert] = after(each_second(1, 1, 1, 1, 1, 17)).firing
    assert (alert.tube, alert.since, alert.values) == ("email-a", START, (("buried", 17),))


def test_without_a_time_it_fires_at_once() -> None:
    assert after(each_second(1), AlertRule(parse_rule("buried > 0"), "*")).firing


def test_a_moment_in_between_begins_the_time_anew() -> None:
    assert after(each_second(1, 1, 1, 1, 0, 1, 1)).firing == []


def test_it_goes_on_over_a_moment_and_ends_after_a_while() -> None:
    fired = [1] * 6
    assert after(each_second(*fired, *[0] * 9)).firing
    assert not after(each_second(*fired, *[0] * 10)).firing
    assert after(each_second(*fired, *[0] * 9, 1, *[0] * 9)).firing


def test_one_that_held_long_is_slow_to_end() -> None:
    slow = AlertRule(parse_rule("buried > 0"), "*", for_seconds=60.0)
    counts = [1] * 61
    assert after(each_second(*counts, *[0] * 29), slow).firing
    assert not after(each_second(*counts, *[0] * 30), slow).firing


def test_unknown_fires_nothing() -> None:
    assert not after(each_second(*[None] * 10)).firing


def test_only_tubes_of_the_pattern_count() -> None:
    looks = [look(START + at, tube(1), tube(1, "sms"), tube(1, "email-b")) for at in range(6)]
    assert [alert.tube for alert in after(looks).firing] == ["email-a", "email-b"]


def test_a_tube_that_vanishes_ends_its_alert_later() -> None:
    gone = [look(START + 6 + at) for at in range(11)]
    assert after([*each_second(*[1] * 6), *gone[:9]]).firing
    assert not after([*each_second(*[1] * 6), *gone]).firing


def test_time_that_nobody_saw_does_not_count() -> None:
    assert not after([look(START, tube(1)), look(START + 60, tube(1))]).firing
    looks = [*each_second(*[1] * 6), look(START + 300, tube(1))]
    [alert] = after(looks).firing
    assert alert.since == START


def test_nor_does_it_end_an_alert() -> None:
    fired = each_second(*[1] * 6)
    after_a_gap = [look(START + 300 + at, tube(0), of=server(START, id="b")) for at in range(11)]
    assert after([*fired, *after_a_gap[:10]]).firing
    assert not after([*fired, *after_a_gap]).firing


def test_a_tube_that_was_not_asked_for_stands_as_it_stood() -> None:
    old = tube(1)._replace(taken_at=START)
    unasked = [looks.look(START + at, old) for at in range(1, 60)]
    assert not after([look(START, tube(1)), *unasked]).firing
    assert after([look(START, tube(1)), *unasked, look(START + 60, tube(1))]).firing
    fired = each_second(*[1] * 6)
    later = [looks.look(START + at, old) for at in range(6, 60)]
    assert after([*fired, *later]).firing
    assert not after([*fired, *later, look(START + 60, tube(0))]).firing


def test_a_restart_begins_anew_what_did_not_fire_yet() -> None:
    def looks(id: str) -> list[Snapshot]:
        later = [START + at for at in (3, 4, 5)]
        return [look(at, tube(1), of=server(at, id=id)) for at in later]

    before = [look(START + at, tube(1)) for at in (0, 1, 2)]
    assert after([*before, *looks("a")]).firing
    assert not after([*before, *looks("b")]).firing


def test_the_same_look_again_changes_nothing() -> None:
    [snapshot] = each_second(1)
    standing = after([snapshot])
    assert evaluate(standing, (BURIED,), snapshot, History(), 3.5) is standing


def test_a_rule_about_the_server() -> None:
    rule = AlertRule(parse_rule("total > 10", "server"))
    [alert] = after([look(START, of=server(START, jobs=11))], rule).firing
    assert (alert.tube, alert.values) == (None, (("total", 11),))


def test_what_fired_and_what_ended_since() -> None:
    looks = each_second(*[1] * 6, *[0] * 10)
    before, firing, ended = after(looks[:5]), after(looks[:6]), after(looks)
    assert [alert.tube for alert in firing.fired_since(before)] == ["email-a"]
    assert [alert.tube for alert in ended.ended_since(firing)] == ["email-a"]
    assert firing.fired_since(firing) == firing.ended_since(before) == []


def test_the_newest_comes_first() -> None:
    looks = [look(START + at, tube(1), tube(1 if at >= 2 else 0, "email-b")) for at in range(8)]
    assert [alert.tube for alert in after(looks).firing] == ["email-b", "email-a"]


@given(st.lists(st.sampled_from([0, 0, 1, None]), min_size=1, max_size=60))
def test_it_never_comes_and_goes_within_its_times(counts: list[int | None]) -> None:
    standing, changes = AlertState(), list[float]()
    for snapshot in each_second(*counts):
        before = bool(standing.firing)
        standing = evaluate(standing, (BURIED,), snapshot, History(), 3.5)
        if bool(standing.firing) != before:
            changes.append(snapshot.taken_at)
    waits = [later - earlier for earlier, later in itertools.pairwise(changes)]
    assert all(wait >= 5.0 for wait in waits)
    assert all(wait >= 10.0 for wait in waits[::2])


@pytest.mark.parametrize("pattern", ["", "[", "[z-a]", "*" * 50, "\n", "[!"])
def test_any_pattern_is_one(pattern: str) -> None:
    looks = [look(START, tube(1, "a" * 200))]
    after(looks, AlertRule(parse_rule("buried > 0"), pattern))
