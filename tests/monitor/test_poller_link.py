"""Servers that die, come back, talk nonsense or are not there: why the link is down, and for how long."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path

import pytest

from beantop.beanstalk import Address
from beantop.monitor import poller as module
from beantop.monitor.poller import FIRST_WAIT, LONGEST_WAIT, Poller, ServerStatus
from tests.beanstalkd import Beanstalkd, free_port
from tests.monitor.peer import HANG_UP, SILENCE, SILENT_SECONDS, body, peer
from tests.monitor.polling import NEVER, ONE_TUBE, is_, watch


def reason_of(address: Address) -> str:
    """Why the link to that server is down."""
    return watch(Poller(address), is_("down"))[-1].link.reason


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry delays short enough for a test."""
    for name, seconds in {
        "FIRST_WAIT": 0.01,
        "LONGEST_WAIT": 0.02,
        "CONNECT_TIMEOUT": SILENT_SECONDS,
        "POLL_TIMEOUT": SILENT_SECONDS,
    }.items():
        monkeypatch.setattr(module, name, seconds)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_dies_and_comes_back_is_watched_again(own_server: Beanstalkd) -> None:
    def done(seen: list[ServerStatus]) -> bool:
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
    def done(seen: list[ServerStatus]) -> bool:
        if seen[-1].link.state == "up":
            own_server.stop()
        return seen[-1].link.state == "down"

    seen = watch(Poller(own_server.address, NEVER), done)
    assert seen[-1].link.reason == "the server closed the connection"


def waits(chance: float, times: int) -> list[float]:
    """The seconds from each failure to the next attempt, where nothing listens."""
    poller = Poller(("127.0.0.1", free_port()), now=lambda: 100.0, chance=lambda: chance)

    def enough(seen: list[ServerStatus]) -> bool:
        poller.poke()  # do not really wait
        return is_("down", times)(seen)

    seen = watch(poller, enough)[1:]
    assert [watched.link.tries for watched in seen] == list(range(1, times + 1))
    return [watched.link.retry_at - 100.0 for watched in seen]


def test_waits_double_up_to_the_longest() -> None:
    assert waits(chance=1.0, times=7) == [FIRST_WAIT, 0.5, 1.0, 2.0, LONGEST_WAIT, 4.0, 4.0]


def test_waits_differ_by_chance_so_that_many_programs_do_not_come_back_as_one() -> None:
    assert waits(chance=0.0, times=6) == [0.1875, 0.375, 0.75, 1.5, 3.0, 3.0]


@pytest.mark.long
def test_it_never_gives_up() -> None:
    assert waits(chance=1.0, times=1100)[-1] == LONGEST_WAIT


def test_a_wait_is_really_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_WAIT", 0.1)
    poller = Poller(("127.0.0.1", free_port()), chance=lambda: 1.0)
    first, second = watch(poller, is_("down", 2))[1:]
    assert (
        second.link.retry_at - first.link.retry_at >= 0.2
    )  # the second wait comes after the first


def test_a_loss_is_told_at_once_even_while_the_server_is_left_in_peace(
    own_server: Beanstalkd,
) -> None:
    ticks = chain([0.0, 0.0, 0.0], repeat(NEVER))  # so that a look takes an hour
    poller = Poller(own_server.address, now=lambda: next(ticks))

    def poke_and_stop(seen: list[ServerStatus]) -> bool:
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

    def start(seen: list[ServerStatus]) -> bool:
        if seen[-1].link.state == "down":
            own_server.start()
            poller.poke()
        return seen[-1].seen

    assert [watched.link.state for watched in watch(poller, start)] == ["connecting", "down", "up"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            b"HTTP/1.1 400 Bad Request\r\n",
            "it answers, but not like beanstalkd: 'HTTP/1.1 400 Bad Request'",
        ),
        (b"\x00\x01\x02\r\n", "it answers, but not like beanstalkd: "),
        (b"\r\n", "it answers, but not like beanstalkd: the server sent a line without a word"),
        (b"x" * 2000, "it answers, but not like beanstalkd: the server sent a line of over 1,024"),
        (b"OK 4\r\nab", f"the server did not answer within {SILENT_SECONDS:g} s"),
        (SILENCE, f"the server did not answer within {SILENT_SECONDS:g} s"),
        (HANG_UP, "the server closed the connection"),
        (b"OUT_OF_MEMORY\r\n", "the server is out of memory"),
        (b"UNKNOWN_COMMAND\r\n", "the server does not know this command"),
        (b"USING a\r\n", "it answers, but not like beanstalkd: 'USING a'"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("asked", ["stats", "list-tubes", "stats-tube a"])
def test_an_answer_that_makes_no_sense_is_a_reason_to_be_down(
    said: bytes | None, reason: str, asked: str
) -> None:
    with peer(lambda line: said if line == asked else ONE_TUBE(line)) as odd:
        assert reason in reason_of(odd.address)


@pytest.mark.parametrize("said", ["[a]", "---\na\n", "---\n", ""])
def test_a_list_of_tubes_that_is_none_is_a_reason_to_be_down(said: str) -> None:
    with peer(lambda line: body(said) if line == "list-tubes" else ONE_TUBE(line)) as odd:
        assert "it answers, but not like beanstalkd: the server answered" in reason_of(odd.address)


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
    """An address where connections are neither accepted nor refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):
            yield address


@pytest.mark.usefixtures("impatient")
def test_a_place_that_takes_no_connection_is_down() -> None:
    with full_house() as address:
        assert reason_of(address).endswith(f"did not answer within {SILENT_SECONDS:g} s")


@pytest.mark.usefixtures("impatient")
def test_a_server_that_stops_answering_is_down_until_it_answers_again() -> None:
    with peer(ONE_TUBE) as other:

        def stall(seen: list[ServerStatus]) -> bool:
            is_up = seen[-1].link.state == "up"
            other.answer = (lambda _: SILENCE) if is_up else ONE_TUBE
            return seen[-1].polls == 2

        states = [watched.link.state for watched in watch(Poller(other.address, 0.01), stall)]
    assert "down" in states[states.index("up") :]
    assert states[-1] == "up"


def test_numbers_are_stale_when_they_are_late_or_the_link_is_down(own_server: Beanstalkd) -> None:
    clock = [0.0]
    poller = Poller(own_server.address, 2.0, now=lambda: clock[0])

    def stop(seen: list[ServerStatus]) -> bool:
        own_server.stop()
        poller.poke()
        return seen[-1].link.state == "down"

    start, up, down = watch(poller, lambda seen: seen[-1].seen and stop(seen))
    assert not start.is_stale(1000.0)
    assert [up.is_stale(now) for now in (0.0, 6.0, 6.1)] == [False, False, True]
    assert down.is_stale(0.0)


def test_it_tells_where_the_server_really_is(own_server: Beanstalkd, tmp_path: Path) -> None:
    link, socket_path = tmp_path / "link.sock", tmp_path / "b.sock"
    link.symlink_to(socket_path)
    other = Beanstalkd(socket_path=socket_path)
    try:
        assert watch(Poller(str(link)), is_("up"))[-1].peer == str(socket_path.resolve())
    finally:
        other.stop()
    named = Poller(("localhost", int(own_server.address[1])))
    assert watch(named, is_("up"))[-1].peer == own_server.address
