"""The data of a poller, and the commands it sends for it."""

import asyncio
from contextlib import aclosing

import pytest

from beantop.beanstalk import Address
from beantop.monitor.poller import Poller, ServerStatus
from tests.beanstalkd import Beanstalkd, wait_until
from tests.monitor.peer import SILENCE, peer, server_of
from tests.monitor.polling import ONE_TUBE, Done, is_, watch


def test_snapshots_come_one_after_the_other(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:

        def put_and_wait(seen: list[ServerStatus]) -> bool:
            client.put("")
            return len(seen) == 4

        first, *looks = watch(Poller(server.address, 0.01), put_and_wait)
    assert (first.link.state, first.seen, first.polls) == ("connecting", False, 0)
    assert [watched.link.state for watched in looks] == ["up"] * 3
    assert [watched.polls for watched in looks] == [1, 2, 3]
    assert [watched.snapshot.tubes[tube].ready for watched in looks] == [1, 2, 3]
    assert looks[-1].history.latest is looks[-1].snapshot


def test_the_watching_connection_says_nothing_but_questions() -> None:
    with peer(ONE_TUBE) as other:
        watch(Poller(other.address, 0.0), is_("up", 3))
    assert other.received[:6] == ["stats", "list-tubes", "stats-tube a"] * 2


@pytest.mark.long
def test_each_poll_ends_with_what_it_cost_where_the_server_counts_that() -> None:
    usage = iter(range(100))

    def count(line: str) -> bytes | None:
        times = f"rusage-utime: {next(usage)}.5\nrusage-stime: 0.25\n" if line == "stats" else ""
        return server_of({"a": "---\n"}, times)(line)

    with peer(count) as other:
        looks = [look.snapshot for look in watch(Poller(other.address, 0.0), is_("up", 2))[1:]]
    assert other.received[:8] == ["stats", "list-tubes", "stats-tube a", "stats"] * 2
    assert [look.cpu for look in looks] == [1.0, 1.0]


@pytest.mark.long
def test_a_server_that_counts_nothing_is_not_asked_again_what_a_poll_cost() -> None:
    still = server_of({"a": "---\n"}, "rusage-utime: 0.5\nrusage-stime: 0.25\n")
    with peer(still) as other:
        watch(Poller(other.address, 0.0), is_("up", 3))
    once = ["stats", "list-tubes", "stats-tube a"]
    assert other.received[:10] == [*once, "stats", *once, *once]


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


def test_our_own_connections_are_left_out_however_many_they_are_by_now() -> None:
    tubes = server_of({"default": "current-watching: 5\n"}, stats="current-connections: 7\n")
    with peer(tubes) as other:
        poller = Poller(other.address, 0.0)

        def connect_once_more(seen: list[ServerStatus]) -> bool:
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
    frozen: list[ServerStatus] = []

    def freeze(seen: list[ServerStatus]) -> bool:
        if seen[-1].polls == 1:
            frozen.append(seen[-1].frozen())
        return seen[-1].polls == 2

    last = watch(Poller(server.address, 0.01), freeze)[-1]
    assert frozen[0].history.latest is frozen[0].snapshot
    assert last.history.latest is last.snapshot is not frozen[0].snapshot
