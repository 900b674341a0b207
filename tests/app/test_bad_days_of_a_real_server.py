"""The tables of what a real server goes through, and of actions that were under way as one was lost:
what the screen says of it. One program lives through all of a table."""

import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.app.bad_days import (
    app_on,
    be_impatient,
    healthy,
    instead,
    telling,
    until_gone,
    until_said,
)
from tests.app.running import answer, go_to_tube, on_still
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import HANG_UP, LastWords, Peer, peer


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)


@dataclass(frozen=True)
class Day:
    """Something that happens to a real server."""

    name: str
    begins: Callable[[Beanstalkd], None]
    words: list[str]
    ends: Callable[[Beanstalkd], None] = lambda server: None
    words_after: list[str] = field(default_factory=list)
    no_more: str = "LAST DATA"
    """Words that disappear from the screen after that."""


def restart(server: Beanstalkd) -> None:
    server.stop()
    server.start()


def freeze(server: Beanstalkd) -> None:
    server.send_signal(signal.SIGSTOP)


def wake(server: Beanstalkd) -> None:
    server.send_signal(signal.SIGCONT)


def pause(server: Beanstalkd) -> None:
    with server.client() as client:
        client.pause_tube("emails", 1000)


RESTARTED = "was restarted"

DAYS = [
    Day("is paused and restarted", pause, ["P paused"], restart, [RESTARTED], "P paused"),
    Day(
        "is killed",
        Beanstalkd.stop,
        ["connection refused", "LAST DATA"],
        Beanstalkd.start,
        [RESTARTED, "is back after"],
    ),
    Day(
        "is frozen",
        freeze,
        ["the server did not answer within 0.5 s", "LAST DATA"],
        wake,
        ["is back after"],
    ),
    Day("is to take no more jobs", Beanstalkd.drain, ["DRAIN", "takes no new jobs (drain mode)"]),
]


@pytest.mark.long
def test_what_a_real_server_goes_through_is_told(tmp_path: Path) -> None:
    server = Beanstalkd("-b", str(tmp_path), "-f0")
    with server.client(use="emails") as client:
        client.put("hello")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "emails", "READY 1 ")
        for day in DAYS:
            with telling(day.name):
                pilot.app.clear_notifications()
                day.begins(server)
                for words in day.words:
                    await until_said(pilot, words)
                day.ends(server)
                for words in day.words_after:
                    await until_said(pilot, words)
                await until_gone(pilot, day.no_more)
        await go_to_tube(pilot, "emails")
        await pilot.press("C")
        await answer(pilot, "Copy which jobs?", "r")
        await answer(pilot, "to which tube?", *"copies", "enter")
        await answer(pilot, "Create this tube?", "y")
        await until_said(pilot, "Job 1 was refused (put)")

    try:
        on_still(app_on(server.address), story, size=(140, 24))
    finally:
        server.stop()


def test_a_line_that_swallows_everything_is_told_and_waited_for(own_server: Beanstalkd) -> None:
    """Simulate a cut network: connections are not even refused."""
    own_server.stop()
    with ExitStack() as stack:
        assert not isinstance(own_server.address, str)
        stack.enter_context(socket.create_server(own_server.address, backlog=0))
        stack.enter_context(own_server.raw())  # and now it is full

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "No beanstalkd answered at", "did not answer within 0.5 s")
            stack.close()
            own_server.start()
            await until_shown(pilot, "default")

        on_still(app_on(own_server.address), story)


PAUSE = "pause-tube emails 60"


@dataclass(frozen=True)
class Loss:
    """When a server is lost during an action, and the message about it."""

    name: str
    dies_of: str
    """The command after which the server stops answering."""
    says: bytes | None
    """The server's answer to that command."""
    words: str
    sent: int
    """How often the action reaches that command in total."""


LOSSES = [
    Loss("before", "stats-tube emails", HANG_UP, "Tube emails was left unchanged: ", 0),
    Loss("in the middle", PAUSE, HANG_UP, "Tube emails is of unknown outcome: ", 1),
    Loss("after", PAUSE, LastWords(b"PAUSED\r\n"), "Paused tube emails for 1m0s.", 1),
]


@pytest.mark.long
def test_of_an_action_that_was_under_way_is_said_what_is_known_and_it_is_not_sent_again() -> None:
    async def lives_through(pilot: Pilot[None], ill: Peer, loss: Loss) -> None:
        def dying(line: str) -> bytes | None:
            if line == loss.dies_of:
                ill.answer, ill.greeting = instead(HANG_UP)(well), HANG_UP
                return loss.says
            return well(line)

        pilot.app.clear_notifications()
        before = ill.received.count(PAUSE)
        await pilot.press("P")
        await until_shown(pilot, "Pause this tube?")
        ill.answer = dying
        await answer(pilot, "Pause this tube?", "y")
        await until_said(pilot, loss.words)
        await until_shown(pilot, "LAST DATA")
        ill.answer, ill.greeting = well, b""
        await until_gone(pilot, "LAST DATA")
        looks = ill.received.count("list-tubes")
        await until(pilot, lambda: ill.received.count("list-tubes") > looks + 2)
        assert ill.received.count(PAUSE) == before + loss.sent

    well = healthy()
    with peer(well) as ill:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "emails")
            for loss in LOSSES:
                with telling(loss.name):
                    await lives_through(pilot, ill, loss)

        on_still(app_on(ill.address), story)
