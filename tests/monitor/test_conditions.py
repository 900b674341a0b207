from typing import Any

import pytest

from beantop.monitor.conditions import Condition, conditions
from beantop.monitor.history import History
from beantop.monitor.snapshot import Server, Snapshot, Tube
from tests.monitor.looks import history, look, server


def growing(ready: int, then: int, at: float = 60.0) -> History:
    """A tube that had `then` ready jobs first and has `ready` of them `at` seconds later."""
    looks = [look(0.0, Tube("a", 0.0, ready=then, total_jobs=then, deletes=0))]
    for seconds in (at - 1, at):
        puts = ready + int(seconds - at)
        looks.append(look(seconds, Tube("a", seconds, ready=ready, total_jobs=puts, deletes=0)))
    return history(*looks)


def signs_now(seen: History) -> list[Condition]:
    return conditions(seen.latest.tubes["a"], seen)


def test_a_tube_that_works_has_no_sign() -> None:
    tube = Tube("a", 1.0, ready=5, buried=0, watching=1, pause_time_left=0)
    assert signs_now(history(look(0.0, tube), look(1.0, tube))) == []


def test_a_tube_of_which_nothing_is_known_has_no_sign() -> None:
    tube = Tube("a", 1.0)
    assert signs_now(history(look(0.0, tube), look(1.0, tube))) == []


def test_buried_jobs_are_a_sign_at_once() -> None:
    tube = Tube("a", 1.0, buried=1234)
    assert signs_now(history(look(1.0, tube))) == [Condition("!", "1,234 buried")]


def test_a_pause_is_a_sign_with_its_seconds() -> None:
    tube = Tube("a", 1.0, pause=3600, pause_time_left=1800)
    assert signs_now(history(look(1.0, tube))) == [Condition("P", "paused, 30m0s left")]


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
    expected = [Condition("W", "no worker watches this tube")] if is_sign else []
    assert signs_now(history(*looks)) == expected


def test_after_a_restart_workers_have_one_look_of_time_to_come_back() -> None:
    def tube(at: float) -> Tube:
        return Tube("a", at, ready=1, watching=0)

    before = [look(at, tube(at), of=server(at)) for at in (0.0, 1.0)]
    after = [look(at, tube(at), of=server(at, id="b")) for at in (2.0, 3.0)]
    assert signs_now(history(*before, *after[:1])) == []
    assert [sign.code for sign in signs_now(history(*before, *after))] == ["W"]


def test_a_tube_without_jobs_needs_no_worker() -> None:
    tube = Tube("a", 1.0, ready=0, watching=0)
    assert signs_now(history(look(0.0, tube), look(1.0, tube))) == []


def test_a_backlog_that_grew_is_a_sign() -> None:
    assert signs_now(growing(1250, then=50)) == [Condition("^", "grew by 1,200 in a minute")]


@pytest.mark.parametrize(
    ("waiting", "sentence"),
    [
        (0, "grew by 590 in a minute; now 10/s in, 0/s out, no worker is free"),
        (2, "grew by 590 in a minute; now 10/s in, 0/s out"),
    ],
)
def test_of_a_backlog_with_workers_it_is_said_how_fast_they_are(
    waiting: int, sentence: str
) -> None:
    seen = History()
    for at in range(71):
        tube = Tube(
            "a", at, ready=10 * at, total_jobs=10 * at, deletes=0, watching=1, waiting=waiting
        )
        seen.add(look(at, tube), 1.0)
    assert sentence in [sign.sentence for sign in conditions(tube, seen)]


def standing_still(seconds: int, *, timeouts: int = 0, **counts: Any) -> list[str]:
    """The sentence about a tube whose workers finished no job for this long."""
    seen = History()
    for at in range(seconds + 1):
        tube = Tube(
            "a", at, ready=5, deletes=3, **{"watching": 2, "waiting": 0, "reserved": 2, **counts}
        )
        stats = server(at).stats
        stats["job-timeouts"] = at * timeouts
        seen.add(look(at, tube, of=Server(at, stats)), 1.0)
    return [f"{sign.code} {sign.sentence}" for sign in conditions(tube, seen)]


def test_a_tube_stands_still_when_its_workers_finish_nothing() -> None:
    assert standing_still(29) == []
    assert standing_still(45) == ["S no job finished for 45s: workers hold 2 jobs"]


def test_that_jobs_time_out_is_said_where_nothing_gets_done() -> None:
    (sentence,) = standing_still(45, timeouts=1)
    assert sentence.endswith("and jobs time out on this server: is the ttr too short?")


def test_workers_that_ask_for_no_job_are_told_of() -> None:
    (sentence,) = standing_still(60, reserved=0)
    assert sentence == "S no job finished for 1m0s: 2 connections watch it, but none asks for a job"


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
    assert conditions(Tube("a", 1.0), seen) == [Condition("+", "new")]
    assert conditions(Tube("a", 12.0), seen) == []
    seen.add(look(13.0), 1.0)
    (gone,) = seen.lives.gone
    assert [sign.code for sign in conditions(gone, seen)] == ["-"]


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
    assert (tube.ready, seen.ready_a_minute_ago(tube)) == (4991, 0)
    assert conditions(tube, seen) == []


def all_at(at: float, ready: int, puts: int) -> Snapshot:
    """A tube with every condition."""
    odd = Tube(
        "a", at, ready=ready, buried=1, watching=0, total_jobs=puts, deletes=0, pause_time_left=5
    )
    return look(at, odd)


def test_the_worst_comes_first() -> None:
    seen = history(all_at(0.0, 0, 0), all_at(59.0, 999, 999), all_at(60.0, 1000, 1000))
    assert [sign.code for sign in signs_now(seen)] == ["W", "!", "P", "^"]
