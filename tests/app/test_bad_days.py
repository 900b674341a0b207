"""The table of bad days: each fault, and what every screen says of it, as long as it lasts.

A server that was fine falls ill while it is watched: the screen of its tubes, the screen of a tube
and the screen of all servers say what is wrong, and each shows it is well again once it is. Then
the same fault from the first moment on. One program lives through all of the table.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot

from tests.app.bad_days import app_on, be_impatient, healthy, instead, telling, until_said
from tests.app.running import on_still
from tests.app.screen_text import text_of, until_shown
from tests.monitor.peer import HANG_UP, SILENCE, Answer, LastWords, Peer, peer

pytestmark = pytest.mark.usefixtures("every_frame")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    be_impatient(monkeypatch)


def shifted(well: Answer) -> Answer:
    """Each reply comes with one that nobody asked for."""
    return lambda line: (well(line) or b"") + b"OK 5\r\nhello\r\n"


def cut_off(well: Answer) -> Answer:
    """Half of a reply, and then the end."""
    return lambda line: LastWords((well(line) or b"")[:-9])


def of_another_tube(well: Answer) -> Answer:
    """The replies to two questions have changed places."""
    return lambda line: (well("list-tubes") if line == "stats" else well("stats")) or b""


@dataclass(frozen=True)
class Fault:
    name: str
    makes: Callable[[Answer], Answer]
    words: str
    """What is said of it, on every screen."""
    greeting: bytes | None = b""


FAULTS = [
    Fault("closes each connection", instead(HANG_UP), "the server closed the connection"),
    Fault("has no room for us", instead(HANG_UP), "closed the connection", greeting=HANG_UP),
    Fault("takes connections and says nothing", instead(SILENCE), "did not answer within"),
    Fault(
        "says garbage", instead(b"\x00\xff\xfe nonsense\r\n"), "answers, but not like beanstalkd"
    ),
    Fault("is an HTTP server", instead(b"HTTP/1.1 400 Bad Request\r\n"), "answers, but not like"),
    Fault("is an SSH server", instead(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "answers, but not like"),
    Fault("breaks off in a reply", cut_off, "in the middle of a reply"),
    Fault("sends what nobody asked for", shifted, "nobody had asked for"),
    Fault("has no memory", instead(b"OUT_OF_MEMORY\r\n"), "the server is out of memory"),
    Fault("met a bug of its own", instead(b"INTERNAL_ERROR\r\n"), "an internal error"),
    Fault("mixes up its replies", of_another_tube, "not like beanstalkd"),
]


@pytest.mark.slow
def test_every_screen_says_what_is_wrong_and_that_it_is_over() -> None:
    async def lives_through(pilot: Pilot[None], ill: Peer, fault: Fault) -> None:
        pilot.app.clear_notifications()  # those of the fault before
        await until_shown(pilot, "emails", "[1/2]", "RW")
        ill.greeting, ill.answer = fault.greeting, fault.makes(healthy())
        screen = await until_said(pilot, fault.words)
        assert "LAST DATA" in screen
        assert "emails" in screen  # what was known stays
        await pilot.press("enter")
        await until_said(pilot, fault.words)
        await pilot.press("0")
        await until_shown(pilot, "1 of 2 servers answering")
        await until_said(pilot, fault.words)
        await pilot.press("K", "D", "P")  # of nothing that is not known anything is changed
        ill.greeting, ill.answer = b"", healthy()
        await until_shown(pilot, "2 of 2 servers answering")
        await pilot.press("1", "escape")
        await until_shown(pilot, "emails", "[1/2]")
        assert "LAST DATA" not in text_of(pilot.app.screen)

    with peer(healthy()) as ill, peer(healthy()) as well:

        async def story(pilot: Pilot[None]) -> None:
            for fault in FAULTS:
                with telling(fault.name):
                    await lives_through(pilot, ill, fault)

        on_still(app_on(ill.address, well.address), story, size=(140, 24))
        assert not [line for line in ill.received if line.startswith(("kick", "delete", "pause"))]


@pytest.mark.long
def test_the_first_screen_says_what_is_wrong_and_fills_in_when_it_is_over() -> None:
    """Each fault is that of a server of its own; `]` goes to the next."""
    with ExitStack() as stack:
        ill = [stack.enter_context(peer(fault.makes(healthy()))) for fault in FAULTS]
        for one, fault in zip(ill, FAULTS, strict=True):
            one.greeting = fault.greeting

        async def story(pilot: Pilot[None]) -> None:
            for number, (one, fault) in enumerate(zip(ill, FAULTS, strict=True), 1):
                with telling(fault.name):
                    await until_shown(pilot, f"[{number}/", "No beanstalkd answered at", "Retrying")
                    await until_said(pilot, fault.words)
                    one.greeting, one.answer = b"", healthy()
                    await until_shown(pilot, "emails")
                    pilot.app.clear_notifications()
                    await pilot.press("]")

        on_still(app_on(*[one.address for one in ill]), story)


@pytest.mark.long
def test_a_greeting_that_no_beanstalkd_gives_is_told() -> None:
    with peer(healthy()) as ill:
        ill.greeting = b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n"

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "No beanstalkd answered at")
            ill.greeting = b""
            await until_shown(pilot, "emails")

        on_still(app_on(ill.address), story)


def test_a_slow_server_is_said_to_be_late_and_not_away() -> None:
    def slow(line: str) -> bytes | None:
        time.sleep(0.3)
        return healthy()(line)

    with peer(healthy()) as ill:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "emails")
            ill.answer = slow
            await until_shown(pilot, "(now ", "polls take ")  # it is polled less often
            assert "LAST DATA" not in text_of(pilot.app.screen)

        on_still(app_on(ill.address), story, size=(140, 24))
