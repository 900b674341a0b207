"""The table of bad days: each fault, and what every screen says of it, as long as it lasts.

A server that was fine falls ill while it is watched: the screen of its tubes, the screen of a tube
and the screen of all servers say what is wrong, and each shows it is well again once it is. Then
the same fault from the first moment on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.beanstalk import Address
from beantop.monitor import poller
from beantop.monitor.poller import Poller
from tests.app.running import on_still
from tests.app.screen_text import text_of, until, until_shown
from tests.monitor.peer import HANG_UP, SILENCE, Answer, LastWords, body, peer

TUBE = (
    "name: emails\ncurrent-jobs-ready: 7\ncurrent-jobs-reserved: 0\ncurrent-jobs-delayed: 0\n"
    "current-jobs-buried: 0\ntotal-jobs: 7\ncmd-delete: 0\ncurrent-watching: 1\ncurrent-waiting: 0\n"
    "current-using: 0\npause: 0\npause-time-left: 0\n"
)
STATS = (
    "id: a\nuptime: 9\nversion: 1.13\ncurrent-jobs-ready: 7\ntotal-jobs: 7\ncmd-delete: 0\n"
    "current-connections: 3\ncurrent-waiting: 0\nrusage-utime: 0.1\nrusage-stime: 0.1\n"
)


def healthy(stats: str = STATS, tube: str = TUBE) -> Answer:
    def answer(line: str) -> bytes:
        match line.split():
            case ["stats"]:
                return body(stats)
            case ["list-tubes"]:
                return body("---\n- emails\n")
            case ["stats-tube", "emails"]:
                return body(tube)
            case ["use", name]:
                return f"USING {name}\r\n".encode()
        return b"NOT_FOUND\r\n"

    return answer


def instead(said: bytes | None) -> Callable[[Answer], Answer]:
    """Says that to whatever it is asked."""
    return lambda well: lambda line: said


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


FAULTS = [
    Fault("closes each connection", instead(HANG_UP), "the server closed the connection"),
    Fault("takes connections and says nothing", instead(SILENCE), "did not answer within"),
    Fault(
        "says garbage", instead(b"\x00\xff\xfe nonsense\r\n"), "answers, but not as a beanstalkd"
    ),
    Fault("is an HTTP server", instead(b"HTTP/1.1 400 Bad Request\r\n"), "answers, but not as a"),
    Fault("is an SSH server", instead(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "answers, but not as a"),
    Fault("breaks off in a reply", cut_off, "in the middle of a reply"),
    Fault("sends what nobody asked for", shifted, "nobody had asked for"),
    Fault("has no memory", instead(b"OUT_OF_MEMORY\r\n"), "the server is out of memory"),
    Fault("met a bug of its own", instead(b"INTERNAL_ERROR\r\n"), "an internal error"),
    Fault("mixes up its replies", of_another_tube, "not as a beanstalkd"),
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "POLL_TIMEOUT", 0.5)
    monkeypatch.setattr(poller, "LONGEST_WAIT", 0.5)


def app_on(*addresses: Address) -> BeantopApp:
    return BeantopApp([Poller(address, 0.5) for address in addresses])


def squeezed(text: str) -> str:
    return " ".join(text.split()).lower()


async def until_said(pilot: Pilot[None], words: str) -> str:
    """Wait until that is said; a table may have had no room for all of it."""
    await until(pilot, lambda: words.lower() in squeezed(text_of(pilot.app.screen)))
    return text_of(pilot.app.screen)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_screen_says_what_is_wrong_and_that_it_is_over(fault: Fault) -> None:
    with peer(healthy()) as ill, peer(healthy()) as well:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "emails", "[1/2]")
            ill.answer = fault.makes(healthy())
            screen = await until_said(pilot, fault.words)
            assert "LAST DATA" in screen
            assert "emails" in screen  # what was known stays
            await pilot.press("enter")
            await until_said(pilot, fault.words)
            await pilot.press("0")
            await until_shown(pilot, "1 of 2 servers answering")
            await until_said(pilot, fault.words)
            await pilot.press("K", "D", "P")  # of nothing that is not known anything is changed
            ill.answer = healthy()
            await until_shown(pilot, "2 of 2 servers answering")
            await pilot.press("1", "escape")
            await until_shown(pilot, "emails", "[1/2]")
            assert "LAST DATA" not in text_of(pilot.app.screen)

        on_still(app_on(ill.address, well.address), story, size=(140, 36))
        assert not [line for line in ill.received if line.startswith(("kick", "delete", "pause"))]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_first_screen_says_what_is_wrong_and_fills_in_when_it_is_over(fault: Fault) -> None:
    with peer(fault.makes(healthy())) as ill:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "No beanstalkd answered at", "Trying again")
            await until_said(pilot, fault.words)
            ill.answer = healthy()
            await until_shown(pilot, "emails")

        on_still(app_on(ill.address), story)


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
            await until_shown(pilot, "(now ", "polls take 0.")  # it is polled less often
            assert "LAST DATA" not in text_of(pilot.app.screen)

        on_still(app_on(ill.address), story, size=(140, 36))


OTHERS = {
    "1.4, without most keys": (
        "version: 1.4\ncurrent-jobs-ready: 7\n",
        "name: emails\ncurrent-jobs-ready: 7\n",
        ["beanstalkd 1.4", "emails", "CONNS –"],
    ),
    "tuber": (
        STATS.replace("1.13", '"tuber 0.5"'),
        TUBE + "processing-time-ewma: 0.5\n",
        ["tuber 0.5", "emails"],
    ),
    "beanstalkd-pi": (
        STATS.replace("1.13", '"beanstalkd-pi 0.1"') + "current-state: whatever\n",
        TUBE + "something-of-its-own: [1, 2]\n",
        ["beanstalkd-pi 0.1", "emails"],
    ),
    "nothing at all": ("---\n", "---\n", ["emails", "READY –"]),
    "words where numbers should be": (
        "version: [1]\nuptime: soon\ncurrent-jobs-ready: many\n",
        "name: emails\ncurrent-jobs-ready: many\npause: -\n",
        ["emails"],
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_other_implementations_are_shown_as_far_as_they_tell(other: str) -> None:
    stats, tube, words = OTHERS[other]
    with peer(healthy(stats, tube)) as server:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, *words)
            await pilot.press("enter")
            await until_shown(pilot, "› emails")
            await pilot.press("escape", "0")
            await until_shown(pilot, "── Server ──")

        on_still(app_on(server.address), story)


HOSTILE = "\x1b]52;c;aGFjaw==\x07\x1b[31m\x9b2J[/x][b=c]\u202e\ufeff"


def test_a_server_that_lies_puts_nothing_raw_on_the_terminal_and_ends_nothing() -> None:
    quoted = HOSTILE.replace("\\", "\\\\")
    stats = (
        f'id: "{quoted}"\nversion: "{quoted}"\nhostname: "{quoted}"\nos: "{quoted}"\n{quoted}: 1\n'
    )
    stats += "uptime: -5\ncurrent-jobs-ready: 99999999999999999999999\nrusage-utime: nan\n"
    stats += "draining: perhaps\ncurrent-connections: -1\nrusage-stime: inf\n"
    tube = f'name: "{quoted}"\ncurrent-jobs-ready: -7\npause-time-left: 99999999999999999\n'

    def answer(line: str) -> bytes:
        if line == "list-tubes":
            names = [HOSTILE, "emails", "emails", "", "a" * 5_000, "- - -", "💥"]
            return body_of("---\n" + "".join(f"- {name}\n" for name in names))
        return body_of(stats if line == "stats" else tube)

    def body_of(text: str) -> bytes:
        data = text.encode()
        return b"OK %d\r\n%b\r\n" % (len(data), data)

    with peer(answer) as liar, peer(healthy()) as well:

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "emails")
            for keys in (["enter"], ["escape"], ["0"], ["G", "enter"], ["m"], ["escape"], ["0"]):
                await pilot.press(*keys)
                await pilot.pause(0.3)
                assert_clean(text_of(pilot.app.screen))
            for size in ((80, 24), (40, 8), (20, 4), (200, 60)):
                await pilot.resize_terminal(*size)
                await pilot.pause(0.2)
                assert_clean(text_of(pilot.app.screen))

        on_still(app_on(liar.address, well.address), story)


def assert_clean(text: str) -> None:
    bad = [char for char in text if char != "\n" and (ord(char) < 32 or 127 <= ord(char) < 160)]
    assert not bad
    assert not {"\u202e", "\ufeff"} & set(text)
