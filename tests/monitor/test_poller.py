import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from itertools import chain, count, pairwise
from typing import Literal

import pytest

from beantop.beanstalk import Address
from beantop.monitor import poller as module
from beantop.monitor.budget import SHARE
from beantop.monitor.poller import FIRST_WAIT, LONGEST_WAIT, Poller, Watched
from tests.beanstalkd import PATIENCE, Beanstalkd, free_port, wait_until
from tests.monitor.peer import HANG_UP, SILENCE, peer, server_of

State = Literal["connecting", "up", "down"]
Done = Callable[[list[Watched]], bool]
"""Whether enough was seen; may do something to the server, or to the poller."""

NO_TUBES = server_of({})
ONE_TUBE = server_of({"a": "name: a\n"})

TICK = 0.001  # seconds by which the event loop may be early

NEVER = 3600.0  # seconds from one poll to the next, where a test must not wait for one


def answer_late(line: str) -> bytes | None:
    """A server for which each tube is work."""
    time.sleep(0.02 if line.startswith("stats-tube") else 0.0)
    return ONE_TUBE(line)


def watch(poller: Poller, until: Done) -> list[Watched]:
    """What the poller tells, up to a condition."""

    async def story() -> list[Watched]:
        seen: list[Watched] = []
        async with asyncio.timeout(PATIENCE), aclosing(poller.watch()) as told:
            async for watched in told:
                seen.append(watched)
                if until(seen):
                    break
        return seen

    return asyncio.run(story())


def is_(state: State, times: int = 1) -> Done:
    """The link was told to be in that state so often."""
    return lambda seen: [watched.link.state for watched in seen].count(state) == times


def reason_of(address: Address) -> str:
    """Why the link to that server is down."""
    return watch(Poller(address), is_("down"))[-1].link.reason


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that are worth a test's time."""
    for name, seconds in {
        "FIRST_WAIT": 0.01,
        "LONGEST_WAIT": 0.02,
        "CONNECT_TIMEOUT": 0.1,
        "POLL_TIMEOUT": 0.1,
    }.items():
        monkeypatch.setattr(module, name, seconds)


def test_snapshots_come_one_after_the_other(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:

        def put_and_wait(seen: list[Watched]) -> bool:
            client.put("")
            return len(seen) == 4

        first, *looks = watch(Poller(server.address, 0.01), put_and_wait)
    assert (first.link.state, first.seen, first.polls) == ("connecting", False, 0)
    assert [watched.link.state for watched in looks] == ["up"] * 3
    assert [watched.polls for watched in looks] == [1, 2, 3]
    assert [watched.snapshot.tubes[tube].ready for watched in looks] == [1, 2, 3]
    assert looks[-1].history.latest is looks[-1].snapshot


def test_the_next_look_comes_an_interval_after_the_last_one(server: Beanstalkd) -> None:
    *_, first, second = watch(Poller(server.address, 0.1), is_("up", 2))
    assert second.snapshot.taken_at - first.snapshot.taken_at >= 0.1


def test_a_look_that_took_longer_than_the_interval_is_followed_by_half_its_time_of_rest() -> None:
    clock = [0.0]

    def answer(line: str) -> bytes | None:
        clock[0] += 0.02
        return NO_TUBES(line)

    with peer(answer) as far_away:
        seen = watch(Poller(far_away.address, 0.01, now=lambda: clock[0]), is_("up", 1))[-1]
    assert seen.pace == pytest.approx(1.5 * 0.04)
    assert seen.stretched


def test_the_watching_connection_says_nothing_but_questions() -> None:
    with peer(ONE_TUBE) as other:
        watch(Poller(other.address, 0.0), is_("up", 3))
    assert other.received[:6] == ["stats", "list-tubes", "stats-tube a"] * 2


@pytest.mark.usefixtures("impatient")
def test_a_server_that_dies_and_comes_back_is_watched_again(own_server: Beanstalkd) -> None:
    def done(seen: list[Watched]) -> bool:
        if is_("up")(seen) and own_server.process and seen[-1].link.state == "up":
            own_server.stop()
        if is_("down", 4)(seen) and not own_server.process:
            own_server.start()
        return seen[-1].polls > 1 and seen[-1].link.state == "up"

    seen = watch(Poller(own_server.address, 0.01), done)
    up, down, back = seen[1], [look for look in seen if look.link.state == "down"], seen[-1]
    assert down[0].link.reason == "the server closed the connection"
    assert down[3].link.reason == "connection refused"
    assert [watched.link.tries for watched in down] == list(range(1, len(down) + 1))
    assert {watched.link.since for watched in down} == {down[0].link.since}
    assert all(watched.snapshot is up.snapshot for watched in down)
    assert (back.link.tries, back.link.reason, back.polls) == (0, "", 2)
    assert back.link.since >= down[-1].link.since
    assert back.snapshot.server.id != up.snapshot.server.id
    assert back.history.server_rates().put is None


def test_a_loss_is_told_at_once_however_long_the_interval(own_server: Beanstalkd) -> None:
    def done(seen: list[Watched]) -> bool:
        if seen[-1].link.state == "up":
            own_server.stop()
        return seen[-1].link.state == "down"

    seen = watch(Poller(own_server.address, NEVER), done)
    assert seen[-1].link.reason == "the server closed the connection"


def waits(chance: float, times: int) -> list[float]:
    """The seconds from each failure to the next attempt, where nothing listens."""
    poller = Poller(("127.0.0.1", free_port()), now=lambda: 100.0, chance=lambda: chance)

    def enough(seen: list[Watched]) -> bool:
        poller.poke()  # do not really wait
        return is_("down", times)(seen)

    seen = watch(poller, enough)[1:]
    assert [watched.link.tries for watched in seen] == list(range(1, times + 1))
    return [watched.link.retry_at - 100.0 for watched in seen]


def test_waits_double_up_to_the_longest() -> None:
    assert waits(chance=1.0, times=7) == [FIRST_WAIT, 0.5, 1.0, 2.0, LONGEST_WAIT, 4.0, 4.0]


def test_waits_differ_by_chance_so_that_many_programs_do_not_come_back_as_one() -> None:
    assert waits(chance=0.0, times=6) == [0.1875, 0.375, 0.75, 1.5, 3.0, 3.0]


def test_it_never_gives_up() -> None:
    assert waits(chance=1.0, times=1100)[-1] == LONGEST_WAIT


def test_a_wait_is_really_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.1)
    poller = Poller(("127.0.0.1", free_port()), chance=lambda: 1.0)
    first, second = watch(poller, is_("down", 2))[1:]
    assert (
        second.link.retry_at - first.link.retry_at >= 0.2
    )  # the second wait comes after the first


def test_a_poke_polls_at_once(server: Beanstalkd) -> None:
    poller = Poller(server.address, NEVER)

    def poked(seen: list[Watched]) -> bool:
        poller.poke()
        return seen[-1].polls == 3

    assert watch(poller, poked)[-1].link.state == "up"


def test_one_poke_is_one_look(server: Beanstalkd) -> None:
    poller = Poller(server.address, 0.1)

    def poke_once(seen: list[Watched]) -> bool:
        if seen[-1].polls == 1:
            poller.poke()
        return seen[-1].polls == 3

    *_, poked, usual = [look.snapshot.taken_at for look in watch(poller, poke_once)]
    assert usual - poked >= 0.1


def test_pokes_make_polls_come_no_closer_than_the_server_can_bear() -> None:
    with peer(answer_late) as slow:
        poller = Poller(slow.address, 0.0)

        def hurry(seen: list[Watched]) -> bool:
            poller.poke()
            return seen[-1].polls == 3

        _, *looks = watch(poller, hurry)
    for look, after in pairwise(looks):
        assert look.pace > 0
        assert after.snapshot.taken_at - look.snapshot.taken_at >= look.pace - TICK


def test_a_poke_while_the_server_must_be_left_in_peace_is_no_second_look() -> None:
    with peer(answer_late) as slow:
        poller = Poller(slow.address, 1.2)

        def poke_twice(seen: list[Watched]) -> bool:
            if seen[-1].polls == 1:
                poller.poke()
                asyncio.get_running_loop().call_soon(poller.poke)
            return seen[-1].polls == 3

        first, poked, usual = [look.snapshot.taken_at for look in watch(poller, poke_twice)[1:]]
    assert poked - first < 1.2
    assert usual - poked >= 1.2 - TICK


def test_a_loss_is_told_at_once_even_while_the_server_is_left_in_peace(
    own_server: Beanstalkd,
) -> None:
    ticks = chain([0.0, 0.0, 0.0], count(NEVER, NEVER))  # so that a look takes hours
    poller = Poller(own_server.address, now=lambda: next(ticks))

    def poke_and_stop(seen: list[Watched]) -> bool:
        if seen[-1].link.state == "up":
            poller.poke()
            asyncio.get_running_loop().call_later(0.05, own_server.stop)
        return seen[-1].link.state == "down"

    seen = watch(poller, poke_and_stop)
    assert [watched.polls for watched in seen] == [0, 1, 1]
    assert seen[-1].link.reason == "the server closed the connection"


def test_a_poke_tries_to_connect_at_once(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT", NEVER)
    monkeypatch.setattr(module, "LONGEST_WAIT", NEVER)
    own_server.stop()
    poller = Poller(own_server.address)

    def start(seen: list[Watched]) -> bool:
        if seen[-1].link.state == "down":
            own_server.start()
            poller.poke()
        return seen[-1].seen

    assert [watched.link.state for watched in watch(poller, start)] == ["connecting", "down", "up"]


def test_a_new_interval_counts_from_the_next_poke_on(server: Beanstalkd) -> None:
    poller = Poller(server.address, NEVER)

    def hurry(seen: list[Watched]) -> bool:
        if seen[-1].polls == 1:
            poller.interval = 0.01
            poller.poke()
        return seen[-1].polls == 3

    _, slow, *quick = [watched.pace for watched in watch(poller, hurry)]
    assert slow == NEVER
    assert all(pace < NEVER for pace in quick)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            b"HTTP/1.1 400 Bad Request\r\n",
            "it answers, but not as a beanstalkd: 'HTTP/1.1 400 Bad Request'",
        ),
        (b"\x00\x01\x02\r\n", "it answers, but not as a beanstalkd: "),
        (b"\r\n", "it answers, but not as a beanstalkd: the server sent a line without a word"),
        (b"x" * 2000, "it answers, but not as a beanstalkd: the server sent a line of over 1,024"),
        (b"OK 4\r\nab", "the server did not answer within 0.1 s"),
        (SILENCE, "the server did not answer within 0.1 s"),
        (HANG_UP, "the server closed the connection"),
        (b"OUT_OF_MEMORY\r\n", "the server is out of memory"),
        (b"UNKNOWN_COMMAND\r\n", "the server does not know this command"),
        (b"USING a\r\n", "it answers, but not as a beanstalkd: 'USING a'"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("asked", ["stats", "list-tubes", "stats-tube a"])
def test_an_answer_that_makes_no_sense_is_a_reason_to_be_down(
    said: bytes | None, reason: str, asked: str
) -> None:
    with peer(lambda line: said if line == asked else ONE_TUBE(line)) as odd:
        assert reason in reason_of(odd.address)


def test_a_server_that_speaks_first_is_down() -> None:
    with peer(lambda _: HANG_UP) as mail:
        mail.greeting = b"220 mail ESMTP\r\n"
        reason = reason_of(mail.address)
    assert "220 mail ESMTP" in reason or "a reply that nobody had asked for" in reason


def test_a_server_that_says_more_than_it_was_asked_is_down() -> None:
    with peer(lambda line: (ONE_TUBE(line) or b"") * 2) as chatty:
        assert "a reply that nobody had asked for" in reason_of(chatty.address)


def test_a_socket_that_is_not_there_is_down() -> None:
    assert reason_of("/nowhere/beanstalkd.sock") == "there is no such socket"


@contextmanager
def full_house() -> Iterator[Address]:
    """A place where a connection is neither taken nor refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):
            yield address


@pytest.mark.usefixtures("impatient")
def test_a_place_that_takes_no_connection_is_down() -> None:
    with full_house() as address:
        assert reason_of(address).endswith("did not answer within 0.1 s")


@pytest.mark.usefixtures("impatient")
def test_a_server_that_stops_answering_is_down_until_it_answers_again() -> None:
    with peer(ONE_TUBE) as other:

        def stall(seen: list[Watched]) -> bool:
            is_up = seen[-1].link.state == "up"
            other.answer = (lambda _: SILENCE) if is_up else ONE_TUBE
            return seen[-1].polls == 2

        states = [watched.link.state for watched in watch(Poller(other.address, 0.01), stall)]
    assert states == ["connecting", "up", "down", "up"]


@pytest.mark.parametrize("done", [is_("connecting"), is_("up")], ids=["connecting", "up"])
def test_closing_the_iterator_closes_the_connection(done: Done) -> None:
    with peer(ONE_TUBE) as other:
        watch(Poller(other.address), done)
        wait_until(lambda: other.open_connections == 0, "the poller hangs up")


def test_cancelling_the_watcher_closes_the_connection() -> None:
    async def story(address: Address) -> None:
        async with asyncio.timeout(0.1), aclosing(Poller(address).watch()) as told:
            async for _ in told:
                pass

    with peer(lambda _: SILENCE) as other:
        with pytest.raises(TimeoutError):
            asyncio.run(story(other.address))
        assert other.received == ["stats"]
        wait_until(lambda: other.open_connections == 0, "the poller hangs up")


def test_the_pace_leaves_a_busy_server_in_peace() -> None:
    clock = [0.0]

    def answer_slowly(line: str) -> bytes | None:
        clock[0] += 0.5 if line.startswith("stats-tube") else 0.01
        return ONE_TUBE(line)

    with peer(answer_slowly) as busy:
        seen = watch(Poller(busy.address, now=lambda: clock[0]), is_("up"))[-1]
    assert seen.snapshot.took == pytest.approx(0.52)
    assert seen.pace == pytest.approx((0.52 - 3 * 0.01) / SHARE)


def test_a_far_server_is_no_busy_one() -> None:
    clock = [0.0]

    def answer_from_afar(line: str) -> bytes | None:
        clock[0] += 0.2
        return ONE_TUBE(line)

    with peer(answer_from_afar) as far:
        seen = watch(Poller(far.address, 1.0, now=lambda: clock[0]), is_("up"))[-1]
    assert seen.snapshot.took == pytest.approx(0.6)
    assert seen.pace == 1.0


def test_the_pace_is_that_of_the_cheapest_of_the_last_three_polls() -> None:
    clock = [0.0]
    costs = iter([1.0, 0.0, 2.0, 3.0, 4.0, 0.5, 1.0])

    def answer_now_and_then_slowly(line: str) -> bytes | None:
        clock[0] += next(costs) if line.startswith("stats-tube") else 0.0
        return ONE_TUBE(line)

    def wait(seen: list[Watched]) -> bool:
        clock[0] += seen[-1].pace
        return seen[-1].polls == 7

    with peer(answer_now_and_then_slowly) as uneven:
        _, *looks = watch(Poller(uneven.address, 2.0, now=lambda: clock[0]), wait)
    busy = [1.0, 0.0, 0.0, 0.0, 2.0, 0.5, 0.5]
    assert [look.pace for look in looks] == pytest.approx([max(2.0, cost / SHARE) for cost in busy])
    assert [look.stretched for look in looks] == [cost > 0 for cost in busy]


def test_a_far_away_server_is_not_a_busy_one() -> None:
    clock = [0.0]

    def answer_from_afar(line: str) -> bytes | None:
        clock[0] += 0.3
        return ONE_TUBE(line)

    with peer(answer_from_afar) as far:
        seen = watch(Poller(far.address, 7.0, now=lambda: clock[0]), is_("up"))[-1]
    assert seen.pace == 7.0


def test_numbers_are_stale_when_they_are_late_or_the_link_is_down(own_server: Beanstalkd) -> None:
    clock = [0.0]
    poller = Poller(own_server.address, 2.0, now=lambda: clock[0])

    def stop(seen: list[Watched]) -> bool:
        own_server.stop()
        poller.poke()
        return seen[-1].link.state == "down"

    start, up, down = watch(poller, lambda seen: seen[-1].seen and stop(seen))
    assert not start.is_stale(1000.0)
    assert [up.is_stale(now) for now in (0.0, 6.0, 6.1)] == [False, False, True]
    assert down.is_stale(0.0)


def test_our_own_connections_are_left_out_however_many_they_are_by_now() -> None:
    tubes = server_of({"default": "current-watching: 5\n"}, stats="current-connections: 7\n")
    with peer(tubes) as other:
        poller = Poller(other.address, 0.0)

        def connect_once_more(seen: list[Watched]) -> bool:
            poller.own_connections = lambda: seen[-1].polls + 1
            return seen[-1].polls == 3

        _, *looks = [watched.snapshot for watched in watch(poller, connect_once_more)]
    assert [look.server.connections for look in looks] == [6, 5, 4]
    assert [look.tubes["default"].watching for look in looks] == [4, 3, 2]


def test_a_poller_alone_sees_a_server_that_nobody_else_is_connected_to(
    own_server: Beanstalkd,
) -> None:
    look = watch(Poller(own_server.address), is_("up"))[-1].snapshot
    assert (look.server.connections, look.tubes["default"].watching) == (0, 0)


def test_a_frozen_look_no_longer_goes_on(server: Beanstalkd) -> None:
    frozen: list[Watched] = []

    def freeze(seen: list[Watched]) -> bool:
        if seen[-1].polls == 1:
            frozen.append(seen[-1].frozen())
        return seen[-1].polls == 2

    last = watch(Poller(server.address, 0.01), freeze)[-1]
    assert frozen[0].history.latest is frozen[0].snapshot
    assert last.history.latest is last.snapshot is not frozen[0].snapshot


def test_of_many_tubes_those_that_are_wanted_are_seen_each_time_and_all_in_turn() -> None:
    clock = [0.0]
    tubes = {f"t{number}": "name: a\ncurrent-jobs-ready: 1\n" for number in range(1_500)}
    well = server_of(tubes)

    def answer(line: str) -> bytes | None:
        clock[0] += 0.001 if line.startswith("stats-tube") else 0.0
        return well(line)

    def pass_time(seen: list[Watched]) -> bool:
        clock[0] += seen[-1].pace
        return seen[-1].polls == 60

    with peer(answer) as crowded:
        poller = Poller(crowded.address, 1.0, now=lambda: clock[0])
        poller.wanted = lambda: {"t1499"}
        _, first, *looks = watch(poller, pass_time)
        poller.poke()
    assert len(first.snapshot.tubes) == 1_500
    assert first.snapshot.tubes["t1400"].ready is None  # not asked for yet: unknown
    for look in looks[5:]:
        wanted = look.snapshot.tubes["t1499"]
        assert look.snapshot.taken_at - wanted.taken_at < 2 * look.pace
        assert "t1499" in look.snapshot.asked
        assert look.cost <= 0.05
    assert all(tube.ready == 1 for tube in looks[-1].snapshot.tubes.values())
