"""What polls cost a server at most, and that errors of the estimate ask for less, never for more."""

import random
from itertools import pairwise

import pytest

from beantop.monitor import poller as poller_module
from beantop.monitor.budget import MIN_COUNT
from beantop.monitor.poller import Poller, ServerStatus
from tests.monitor.costly import Costly, polled, sizes
from tests.monitor.peer import SILENCE, peer, server_of
from tests.monitor.polling import is_, watch

PROMISED = 0.05
"""The part of a server's time that polling may take."""

slow = pytest.mark.slow

REPORTS = pytest.mark.parametrize(
    "reports", [True, pytest.param(False, marks=slow)], ids=["rusage", "no rusage"]
)


def growth(looks: list[ServerStatus]) -> float:
    """The largest increase from one poll to the next."""
    return max(after / before for before, after in pairwise(sizes(looks)))


@pytest.mark.long
@pytest.mark.parametrize(
    ("tubes", "load", "reports"),
    [
        (10_000, 0.0, True),
        (10_000, 1.0, False),
        *(
            pytest.param(tubes, load, reports, marks=slow)
            for tubes in (1_000, 10_000, 30_000, 100_000)
            for load in (0.0, 1.0)
            for reports in (True, False)
        ),
    ],
)
def test_the_server_is_left_in_peace_from_the_first_poll_on(
    tubes: int, load: float, reports: bool
) -> None:
    server = Costly(tubes, load=load, reports=reports)
    polled(server, 12.0, wanted=server.tubes[:40])
    assert server.worst <= PROMISED


@pytest.mark.parametrize(
    ("tubes", "few"), [(10_000, 200), (30_000, 80), pytest.param(100_000, 40, marks=slow)]
)
def test_the_first_poll_of_many_tubes_asks_for_few(tubes: int, few: int) -> None:
    first, *_ = polled(Costly(tubes), 0.001)
    assert len(first.snapshot.asked) <= few


@pytest.mark.long
@REPORTS
@pytest.mark.parametrize("tubes", [1, 40, 1_000])
def test_an_ordinary_server_is_polled_whole_each_second(tubes: int, reports: bool) -> None:
    looks = polled(Costly(tubes, load=0.5, reports=reports), 10.0)
    assert set(sizes(looks)) == {tubes}
    assert [look.pace for look in looks] == [1.0] * 10


@pytest.mark.long
@REPORTS
def test_one_slow_answer_makes_no_poll_larger(reports: bool) -> None:
    """It looks as if the way was long and the tubes cost nothing."""
    server = Costly(10_000, reports=reports)
    server.delay = lambda command: 0.5 if command == "stats" and 8 < server.clock < 9 else 0.0
    looks = polled(server, 20.0)
    assert max(sizes(looks)) <= 1.1 * sizes(looks)[6]
    assert server.worst <= PROMISED


@pytest.mark.long
@REPORTS
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=slow) for n in range(1, 9))])
def test_an_uneven_network_makes_no_poll_dearer(reports: bool, seed: int) -> None:
    chance = random.Random(seed)
    server = Costly(10_000, reports=reports)
    server.delay = lambda command: chance.expovariate(50) if command != "stats-tube" else 0.0
    looks = polled(server, 20.0)
    assert server.worst <= PROMISED
    assert growth(looks) <= 2


@pytest.mark.long
def test_a_poll_asks_for_at_most_twice_as_many_tubes_as_the_one_before() -> None:
    server = Costly(10_000, load=4.0)

    def rush() -> None:
        server.load = 0.0

    looks = polled(server, 20.0, between=lambda: rush() if server.clock > 8 else None)
    assert sizes(looks)[-1] > 3 * sizes(looks)[6]
    assert growth(looks) <= 2


@pytest.mark.long
@pytest.mark.parametrize(
    "loses_connection", [pytest.param(False, marks=slow), True], ids=["tubes appear", "failover"]
)
@pytest.mark.parametrize(
    ("interval", "few", "many"),
    [(1.0, 2_000, 20_000), pytest.param(10.0, 5_500, 50_000, marks=slow)],
)
def test_a_server_that_has_many_more_tubes_at_once_is_left_in_peace(
    interval: float, few: int, many: int, loses_connection: bool
) -> None:
    server = Costly(few)

    def grow() -> None:
        if server.clock > 6 * interval and len(server.tubes) == few:
            server.have(many)
            server.closed = "connection lost" if loses_connection else ""

    looks = polled(server, 12 * interval, interval=interval, between=grow)
    assert len(looks[-1].snapshot.tubes) == many
    assert server.worst <= PROMISED


@pytest.mark.long
def test_a_server_that_becomes_slow_is_asked_for_less() -> None:
    server = Costly(5_000)
    costs = {command: 3 * cost for command, cost in server.costs.items()}

    def slow_down() -> None:
        if server.clock > 8:
            server.costs = costs

    looks = polled(server, 30.0, between=slow_down)
    assert looks[-1].cost is not None
    assert looks[-1].cost <= PROMISED
    assert sizes(looks)[-1] < 0.5 * sizes(looks)[6]


@pytest.mark.long
@pytest.mark.parametrize("tubes", [10_000, pytest.param(30_000, marks=slow)])
def test_what_is_wanted_is_no_reason_to_ask_for_too_much(tubes: int) -> None:
    """All tubes are wanted: they are marked, or each has an alert."""
    server = Costly(tubes)
    looks = polled(server, 25.0, wanted=server.tubes)
    assert server.worst <= PROMISED
    for look in looks[5:]:
        assert set(server.tubes[:40]) <= set(look.snapshot.asked)  # which the user sees
    assert len({name for look in looks for name in look.snapshot.asked}) > 25 * MIN_COUNT


@pytest.mark.long
@pytest.mark.parametrize("tubes", [1_000, 10_000, pytest.param(30_000, marks=slow)])
def test_rows_on_the_screen_are_never_older_than_two_polls(tubes: int) -> None:
    server = Costly(tubes, load=1.0)
    on_screen = server.tubes[-40:]
    for look in polled(server, 20.0, wanted=on_screen)[4:]:
        oldest = min(look.snapshot.tubes[name].taken_at for name in on_screen)
        assert look.snapshot.taken_at - oldest <= 2 * look.pace


@pytest.mark.long
@pytest.mark.parametrize(
    ("tubes", "least"),
    [(40, 500), (1_000, 500), (10_000, 10), pytest.param(30_000, 5, marks=slow)],
)
def test_what_is_asked_beside_the_polls_is_limited_where_commands_are_dear(
    tubes: int, least: int
) -> None:
    server = Costly(tubes)
    look = polled(server, 12.0, wanted=server.tubes[:40])[-1]
    assert look.cost
    assert look.aside
    assert look.cost + look.aside * server.costs["stats-tube"] / look.pace <= PROMISED
    assert look.aside > least


@pytest.mark.long
def test_each_tube_has_its_turn() -> None:
    server = Costly(10_000)
    last = polled(server, 35.0, wanted=server.tubes[:40])[-1]
    assert all(tube.ready == 1 for tube in last.snapshot.tubes.values())


@pytest.mark.parametrize("usage", ["0.5", "nan", "-1e300", "many", ""])
def test_a_rusage_that_tells_nothing_is_replaced_by_the_time_the_poll_took(usage: str) -> None:
    clock = [0.0]
    well = server_of({"a": "---\n"}, f"id: a\nrusage-utime: {usage}\nrusage-stime: 1\n")

    def answer(line: str) -> bytes | None:
        clock[0] += 0.02 if line == "stats-tube a" else 0.001
        return well(line)

    with peer(answer) as other:
        look = watch(Poller(other.address, now=lambda: clock[0]), is_("up"))[-1]
    assert look.cost == pytest.approx(0.02, rel=0.2)


def test_a_cost_is_never_nothing_and_unknown_before_the_first_poll() -> None:
    with peer(server_of({"a": "---\n"}, "rusage-utime: 0.5\nrusage-stime: 0.5\n")) as other:
        before, look = watch(Poller(other.address, now=lambda: 0.0), is_("up"))
    assert before.cost is None
    assert look.cost
    assert look.cost > 0


@pytest.mark.long
def test_after_a_poll_that_was_not_answered_in_time_less_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller_module, "POLL_TIMEOUT", 0.3)
    well = server_of({f"t{number}": "---\n" for number in range(3_000)})

    def answer(line: str) -> bytes | None:
        asked.append(line)
        return well(line) if len(asked) < 150 else SILENCE

    asked: list[str] = []

    def begin_anew(seen: list[ServerStatus]) -> bool:
        if seen[-1].link.state == "down":
            asked.clear()
        return seen[-1].polls == 1

    with peer(answer) as overworked:
        seen = watch(Poller(overworked.address, chance=lambda: 0.0), begin_anew)
    assert len(seen) > 2
    assert len(seen[-1].snapshot.asked) < 150
