from collections.abc import Sequence
from typing import Any

import pytest

from beantop.monitor.conditions import Condition, conditions
from beantop.monitor.history import History
from beantop.monitor.snapshot import Snapshot, Tube
from tests.monitor.looks import history, look, server


def growing(ready: int, then: int, at: float = 60.0) -> History:
    """A tube that had `then` ready jobs first and has `ready` of them `at` seconds later."""
    looks = [look(0.0, Tube("a", 0.0, ready=then, total_jobs=then, deletes=0))]
    for seconds in (at - 1, at):
        puts = ready + int(seconds - at)
        looks.append(look(seconds, Tube("a", seconds, ready=ready, total_jobs=puts, deletes=0)))
    return history(*looks)


def signs_now(seen: History) -> list[tuple[str, str]]:
    """The signs of the tube with their sentences."""
    return told(seen.found("a"))


def told(found: Sequence[Condition]) -> list[tuple[str, str]]:
    return [(condition.code, condition.sentence) for condition in found]


def test_a_tube_that_works_has_no_sign() -> None:
    tube = Tube("a", 1.0, ready=5, buried=0, watching=1, pause_time_left=0)
    assert signs_now(history(look(0.0, tube), look(1.0, tube))) == []


def test_a_tube_of_which_nothing_is_known_has_no_sign() -> None:
    tube = Tube("a", 1.0)
    assert signs_now(history(look(0.0, tube), look(1.0, tube))) == []


def test_buried_jobs_are_a_sign_at_once() -> None:
    tube = Tube("a", 1.0, buried=1234)
    assert signs_now(history(look(1.0, tube))) == [("!", "1,234 buried")]


def test_a_pause_is_a_sign_with_its_seconds() -> None:
    tube = Tube("a", 1.0, pause=3600, pause_time_left=1800)
    assert signs_now(history(look(1.0, tube))) == [("P", "paused for 30m, 30m left")]


def test_a_pause_that_is_over_is_no_sign() -> None:
    tube = Tube("a", 1.0, pause=3600, pause_time_left=-1)
    assert signs_now(history(look(1.0, tube))) == []


@pytest.mark.parametrize(
    ("watching", "is_sign"), [([0], False), ([1, 0], False), ([0, 0], True), ([0, 1], False)]
)
def test_jobs_that_no_worker_watches_are_a_sign_at_the_second_look(
    watching: list[int], is_sign: bool
) -> None:
    looks = [look(at, Tube("a", at, ready=1, watching=count)) for at, count in enumerate(watching)]
    expected = [("W", "no worker watches it, 1 ready")] if is_sign else []
    assert signs_now(history(*looks)) == expected


def test_after_a_restart_workers_have_one_look_of_time_to_come_back() -> None:
    def tube(at: float) -> Tube:
        return Tube("a", at, ready=1, watching=0)

    before = [look(at, tube(at), of=server(at)) for at in (0.0, 1.0)]
    after = [look(at, tube(at), of=server(at, id="b")) for at in (2.0, 3.0)]
    assert signs_now(history(*before, *after[:1])) == []
    assert [code for code, _ in signs_now(history(*before, *after))] == ["W"]


def test_a_tube_without_jobs_needs_no_worker() -> None:
    tube = Tube("a", 1.0, ready=0, watching=0)
    assert signs_now(history(look(0.0, tube), look(1.0, tube))) == []


def test_a_backlog_that_grew_is_a_sign() -> None:
    sentence = "1,250 ready, +1,200/min for 1m: 20/s in, 0/s out"
    assert signs_now(growing(1250, then=50)) == [("^", sentence)]


@pytest.mark.parametrize(
    ("waiting", "sentence"),
    [
        (0, "700 ready, +590/min for 1m: 11/s in, 1.0/s out, no worker is free"),
        (2, "700 ready, +590/min for 1m: 11/s in, 1.0/s out"),
    ],
)
def test_of_a_backlog_with_workers_it_is_said_how_fast_they_are(
    waiting: int, sentence: str
) -> None:
    seen = History()
    for at in range(71):
        tube = Tube(
            "a", at, ready=10 * at, total_jobs=11 * at, deletes=at, watching=1, waiting=waiting
        )
        seen.add(look(at, tube), 1.0)
    assert ("^", sentence) in signs_now(seen)


def standing_still(seconds: int, **counts: Any) -> list[str]:
    """The sentence about a tube whose workers finished no job for this long."""
    seen = History()
    for at in range(seconds + 1):
        tube = Tube(
            "a", at, ready=5, deletes=3, **{"watching": 2, "waiting": 0, "reserved": 2, **counts}
        )
        seen.add(look(at, tube), 1.0)
    return [f"{sign.code} {sign.sentence}" for sign in conditions(tube, seen)]


def test_a_tube_stands_still_when_its_workers_finish_nothing() -> None:
    assert standing_still(29) == []
    assert standing_still(45) == ["S no job finished for over 45s: workers hold 2 jobs, 5 ready"]


def test_workers_that_ask_for_no_job_are_told_of() -> None:
    (sentence,) = standing_still(60, reserved=0)
    watch = "2 connections watch it, but none waits for a job"
    assert sentence == f"S no job finished for over 1m: {watch}, 5 ready"


@pytest.mark.parametrize("counts", [{"watching": 0}, {"ready": 0}, {"pause_time_left": 9}])
def test_a_tube_that_cannot_move_does_not_stand_still(counts: dict[str, Any]) -> None:
    seen = History()
    for at in range(60):
        known: dict[str, Any] = {
            "ready": 5,
            "deletes": 3,
            "watching": 2,
            "waiting": 0,
            "reserved": 2,
        }
        tube = Tube("a", at, **known | counts)
        seen.add(look(at, tube), 1.0)
    assert "S" not in [sign.code for sign in conditions(tube, seen)]


def test_a_tube_that_comes_and_goes_says_so_for_a_while() -> None:
    seen = history(look(0.0), look(1.0, Tube("a", 1.0)))
    assert told(conditions(Tube("a", 1.0), seen)) == [("+", "new")]
    assert told(conditions(Tube("a", 12.0), seen)) == []
    seen.add(look(13.0), 1.0)
    (gone,) = seen.lifetimes.gone
    assert [sign.code for sign in seen.conditions(gone)] == ["-"]


@pytest.mark.parametrize(
    ("ready", "then", "is_sign"),
    [
        (100, 0, True),
        (99, 0, False),
        (10_100, 10_000, True),
        (10_099, 10_000, False),
        (20_199, 20_000, False),
        (20_200, 20_000, True),
        (1_010_000, 1_000_000, True),
        (1_009_999, 1_000_000, False),
    ],
)
def test_a_backlog_must_grow_by_a_hundred_and_by_a_hundredth(
    ready: int, then: int, is_sign: bool
) -> None:
    assert bool(signs_now(growing(ready, then))) is is_sign


def test_a_backlog_is_not_judged_before_a_minute_has_passed() -> None:
    assert signs_now(growing(5000, then=0, at=50.0)) == []


def test_a_backlog_that_shrinks_by_now_is_no_sign() -> None:
    seen = History()
    for at in range(70):
        puts, deletes = (5000 if at >= 30 else 0), max(0, at - 60)
        tube = Tube("a", at, ready=puts - deletes, total_jobs=puts, deletes=deletes)
        seen.add(look(at, tube), 1.0)
    assert (tube.ready, seen.a_minute_ago(tube, "ready")) == (4991, 0)
    assert told(conditions(tube, seen)) == []


def all_at(at: float, ready: int, puts: int, buried: int = 1) -> Snapshot:
    """A tube with several conditions at once."""
    odd = Tube(
        "a",
        at,
        ready=ready,
        buried=buried,
        watching=0,
        total_jobs=puts,
        deletes=0,
        pause_time_left=5,
    )
    return look(at, odd)


def test_the_worst_comes_first_by_the_number_of_jobs() -> None:
    def codes(buried: int) -> str:
        seen = history(
            all_at(0.0, 0, 0, buried),
            all_at(59.0, 999, 999, buried),
            all_at(60.0, 1000, 1000, buried),
        )
        return "".join(code for code, _ in signs_now(seen))

    assert codes(buried=1) == "WP!"
    assert codes(buried=30_000) == "!WP"


def test_growth_is_no_condition_of_its_own_where_its_cause_tells_it() -> None:
    seen = history(all_at(0.0, 0, 0), all_at(59.0, 999, 999), all_at(60.0, 1000, 1000))
    assert ("P", "paused for over 1m, 5s left, 1,000 waiting, +1,000/min") in signs_now(seen)
    assert "^" not in dict(signs_now(seen))


def minutes(*polls: dict[str, Any], pace: float = 10.0) -> History:
    """Polls of one tube at this pace, each for a minute."""
    seen = History()
    at = 0.0
    for counts in polls:
        for _ in range(6):
            seen.add(look(at, Tube("a", at, **{"ready": 0, **counts})), pace)
            at += pace
    return seen


def test_it_is_said_since_when_if_its_beginning_was_seen() -> None:
    healthy, broken = {"ready": 7, "watching": 1}, {"ready": 7, "watching": 0}
    assert ("W", "no worker for 1m, 7 ready") in signs_now(minutes(healthy, broken, broken))
    assert ("W", "no worker for over 1m, 7 ready") in signs_now(minutes(broken, broken))


def test_a_condition_from_before_the_first_poll_has_no_known_beginning() -> None:
    seen = History()
    for at in range(20):  # a tube answers a little after its poll began
        seen.add(look(float(at), Tube("a", at + 0.01, ready=7, watching=0)), 1.0)
    assert signs_now(seen) == [("W", "no worker watches it, 7 ready")]


def test_how_fast_buried_jobs_come_is_said_after_a_minute() -> None:
    seen = minutes({"buried": 3}, {"buried": 3}, {"buried": 9})
    assert signs_now(seen) == [("!", "9 buried, +6/min")]
    assert signs_now(minutes({"buried": 9}, {"buried": 2})) == [("!", "2 buried, -7/min")]


def test_buried_jobs_have_a_beginning_if_there_were_none_before() -> None:
    seen = minutes({"buried": 0}, {"buried": 4}, {"buried": 4}, {"buried": 4})
    assert signs_now(seen) == [("!", "4 buried for 2m")]


def test_a_pause_tells_how_many_wait_and_since_when() -> None:
    paused = Tube("a", 1.0, ready=1800, pause=3600, pause_time_left=3420)
    assert signs_now(history(look(1.0, paused))) == [
        ("P", "paused for 3m, 57m left, 1,800 waiting")
    ]


def _each_second(seconds: int, *, a_second: float, missing: range = range(0)) -> History:
    """A tube that grows by so many jobs a second; it was not polled in the `missing` seconds."""
    looks = []
    for at in range(seconds + 1):
        if at not in missing:
            ready = 50 + int(at * a_second)
            tube = Tube("a", float(at), ready=ready, watching=1, total_jobs=ready + at, deletes=at)
            looks.append(look(float(at), tube))
    return history(*looks)


def test_a_backlog_that_grows_slowly_for_long_is_a_sign() -> None:
    assert "^" not in dict(signs_now(_each_second(300, a_second=0.5)))
    assert "350 ready, +29/min" in dict(signs_now(_each_second(600, a_second=0.5)))["^"]


def test_growth_is_known_although_no_poll_succeeded_a_minute_ago() -> None:
    whole = _each_second(125, a_second=10.0)
    with_a_gap = _each_second(125, a_second=10.0, missing=range(60, 68))
    assert "+600/min" in dict(signs_now(whole))["^"]
    assert "+600/min" in dict(signs_now(with_a_gap))["^"]
