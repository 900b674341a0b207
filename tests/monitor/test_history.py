import tracemalloc

import pytest

from beantop.monitor.history import History
from beantop.monitor.rates import UNKNOWN, Rates
from beantop.monitor.snapshot import NOTHING_SEEN, Server, Snapshot, Tube
from tests.monitor.looks import history, look, server
from tests.variants import rest_is_slow


def busy(at: float, puts: int, deletes: int = 0) -> Tube:
    """The tube `a` after so many puts and deletes."""
    return Tube("a", at, ready=puts - deletes, total_jobs=puts, deletes=deletes)


def seen_last(series: list[float | None]) -> list[float]:
    """The values without the gaps."""
    return [value for value in series if value is not None]


def test_nothing_is_known_before_the_first_look() -> None:
    empty = History()
    assert empty.latest is NOTHING_SEEN
    assert empty.server_rates() == empty.tube_rates("a") == UNKNOWN
    assert empty.sample_before("a") is None


def test_a_rate_is_over_the_time_that_really_passed() -> None:
    first = look(10.0, busy(10.1, 100), of=server(10.0, jobs=1000))
    second = look(14.0, busy(14.6, 109, 3), of=server(14.0, jobs=1008, deletes=2))
    seen = history(first, second)
    assert seen.tube_rates("a") == Rates(put=2.0, delete=3 / 4.5)
    assert seen.server_rates() == Rates(put=2.0, delete=0.5, timeout=0.0)


def test_a_tube_that_was_seen_once_has_no_rate() -> None:
    seen = history(look(1.0), look(2.0, busy(2.0, 7)))
    assert seen.tube_rates("a") == UNKNOWN
    assert seen.tube_rates("b") == UNKNOWN


def test_a_tube_that_vanished_has_no_rate() -> None:
    seen = history(look(1.0, busy(1.0, 7)), look(2.0, busy(2.0, 8)), look(3.0))
    assert seen.tube_rates("a") == UNKNOWN


def test_a_tube_that_vanished_and_came_back_is_another_one() -> None:
    seen = history(look(1.0, busy(1.0, 7)), look(2.0), look(3.0, busy(3.0, 10)))
    assert seen.tube_rates("a") == UNKNOWN
    seen.add(look(4.0, busy(4.0, 15)), 1.0)
    assert seen.tube_rates("a").put == 5.0


def test_a_tube_that_was_made_anew_between_two_looks_is_another_one() -> None:
    looks = [look(float(at), busy(at, puts)) for at, puts in ((1, 7), (2, 2), (3, 10))]
    assert history(*looks[:2]).tube_rates("a") == UNKNOWN
    assert history(*looks).tube_rates("a").put == 8.0


def test_no_rate_spans_a_restart() -> None:
    first = look(1.0, busy(1.0, 7), of=server(1.0, jobs=7))
    second = look(2.0, busy(2.0, 9), of=server(2.0, jobs=9, id="b"))
    seen = history(first, second)
    assert seen.server_rates() == seen.tube_rates("a") == UNKNOWN
    seen.add(look(3.0, busy(3.0, 12), of=server(3.0, jobs=12, id="b")), 1.0)
    assert seen.server_rates().put == seen.tube_rates("a").put == 3.0


def test_no_rate_spans_a_restart_of_a_server_without_an_id() -> None:
    before = look(1.0, busy(1.0, 7), of=Server(1.0, {"uptime": 9, "total-jobs": 7}))
    younger = look(2.0, busy(2.0, 9), of=Server(2.0, {"uptime": 1, "total-jobs": 9}))
    fewer = look(2.0, busy(2.0, 9), of=Server(2.0, {"uptime": 9, "total-jobs": 5}))
    for after in (younger, fewer):
        assert history(before, after).server_rates() == UNKNOWN
        assert history(before, after).tube_rates("a") == UNKNOWN


def test_rates_are_taken_over_the_last_five_seconds() -> None:
    puts = [0, 100, 100, 100, 100, 100, 100]
    looks = [look(float(at), of=server(float(at), jobs=jobs)) for at, jobs in enumerate(puts)]
    rates = [history(*looks[: end + 1]).server_rates().put for end in range(len(looks))]
    assert rates == [None, 100.0, 50.0, 100 / 3, 25.0, 20.0, 0.0]


def test_at_a_slow_pace_rates_are_taken_between_the_last_two_looks() -> None:
    looks = [look(at, of=server(at, jobs=int(at))) for at in (0.0, 30.0, 60.0)]
    looks.append(look(90.0, of=server(90.0, jobs=60)))
    assert history(*looks, interval=30.0).server_rates().put == 0.0


def test_the_series_show_ready_jobs_and_rates() -> None:
    looks = [look(at, busy(at, int(at)), of=server(at, int(at))) for at in (0.0, 2.0, 4.0)]
    seen = history(*looks, interval=2.0)
    assert seen_last(seen.ready["a"].last(60, 4.0)) == [0.0, 2.0, 4.0]
    assert seen_last(seen.put.last(60, 4.0)) == [1.0, 1.0]
    assert seen_last(seen.delete.last(60, 4.0)) == [0.0, 0.0]


def test_the_series_of_a_tube_goes_with_it() -> None:
    seen = history(look(1.0, busy(1.0, 7), Tube("b", 1.0, ready=1)), look(2.0, busy(2.0, 7)))
    assert set(seen.ready) == {"a"}


def test_unknown_numbers_are_a_gap_in_the_series() -> None:
    seen = history(look(1.0, Tube("a", 1.0)), look(2.0, Tube("a", 2.0)))
    assert "a" not in seen.ready
    seen = history(look(1.0, busy(1.0, 3)), look(4.0, Tube("a", 4.0)))
    assert seen.ready["a"].last(60, 4.0)[-3:] == [3.0, None, None]
    no_counters = [Snapshot(at, 0.0, Server(at), {}) for at in (1.0, 2.0)]
    assert history(*no_counters).put.last(1, 2.0) == [None]


def test_a_slow_pace_leaves_no_gaps_but_a_lost_connection_does() -> None:
    slow = [look(at, busy(at, 3)) for at in (0.0, 10.0)]
    assert seen_last(history(*slow, interval=10.0).ready["a"].last(60, 10.0)) == [3.0] * 6
    lost = [look(at, busy(at, 3)) for at in (0.0, 10.0)]
    assert seen_last(history(*lost, interval=1.0).ready["a"].last(60, 10.0)) == [3.0] * 2


def test_a_restart_leaves_a_gap_in_the_ready_jobs_even_at_a_slow_pace() -> None:
    looks = [look(at, busy(at, 3), of=server(at, id=id)) for at, id in ((0.0, "a"), (10.0, "b"))]
    assert seen_last(history(*looks, interval=10.0).ready["a"].last(60, 10.0)) == [3.0] * 2


def test_a_restart_leaves_a_gap_in_the_rates_even_at_a_slow_pace() -> None:
    jobs = {0.0: ("a", 0), 10.0: ("a", 50), 20.0: ("b", 0), 30.0: ("b", 10)}
    looks = [look(at, of=server(at, count, id=id)) for at, (id, count) in jobs.items()]
    series = history(*looks, interval=10.0).put.last(60, 30.0)
    assert series[-16:] == [
        5.0 if at == 10 else 1.0 if at == 30 else None for at in range(0, 32, 2)
    ]


def test_a_backlog_is_compared_with_that_of_a_minute_ago() -> None:
    looks = [look(at, Tube("a", at, ready=int(at))) for at in map(float, range(0, 100, 2))]
    seen = history(*looks, interval=2.0)
    assert seen.a_minute_ago(seen.latest.tubes["a"], "ready") == 38.0
    assert history(*looks[:20]).a_minute_ago(looks[19].tubes["a"], "ready") is None
    assert seen.a_minute_ago(Tube("b", 98.0, ready=1), "ready") is None


def test_a_copy_no_longer_goes_on() -> None:
    seen = history(look(0.0, busy(0.0, 1)), look(2.0, busy(2.0, 3), of=server(2.0, jobs=4)))
    copy = seen.copy()
    assert copy.tube_rates("a") == seen.tube_rates("a") == Rates(1.0, 0.0)
    seen.add(look(4.0, busy(4.0, 99), of=server(4.0, jobs=99)), 2.0)
    assert copy.latest.taken_at == 2.0
    assert (copy.tube_rates("a").put, copy.server_rates().put) == (1.0, 2.0)
    assert seen_last(copy.ready["a"].last(60, 4.0)) == [1.0, 3.0]
    assert seen_last(copy.put.last(60, 4.0)) == [2.0]


def test_the_original_does_not_change_with_its_copy() -> None:
    seen = history(look(0.0, busy(0.0, 1)))
    seen.copy().add(look(2.0, busy(2.0, 9), Tube("b", 2.0, ready=1)), 2.0)
    assert (seen.latest.taken_at, set(seen.ready)) == (0.0, {"a"})
    assert seen_last(seen.ready["a"].last(60, 2.0)) == [1.0]


def watch(seen: History, start: int, stop: int) -> None:
    """Look for 12 seconds of every two minutes, so that both a quick and a slow pace occur."""
    for at in (at for at in range(start, stop) if at % 120 < 12):
        tubes = [Tube(name, at, ready=at, total_jobs=at) for name in "abc"]
        seen.add(look(at, *tubes, of=server(at, jobs=at)), 30.0)
        seen.tube_rates("a")


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("hours", rest_is_slow(2, 24))
def test_hours_are_remembered_in_no_more_memory_than_ten_minutes(hours: int) -> None:
    seen = History()
    tracemalloc.start()
    watch(seen, 1000, 1600)
    after_ten_minutes, _ = tracemalloc.get_traced_memory()
    watch(seen, 1600, 1600 + hours * 3600)
    after_hours, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Keeping every poll would take ten times as much after two hours.
    assert after_hours <= 1.5 * after_ten_minutes
