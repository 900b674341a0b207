"""What the stories of bad days have in common: a healthy server of ours, and how long is waited."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.beanstalk import Address
from beantop.monitor import poller
from beantop.monitor.poller import Poller
from tests.app.screen_text import text_of, until
from tests.monitor.peer import Answer, body

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
    """Gives the same answer to every question."""
    return lambda well: lambda line: said


def be_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeout and the retry delay."""
    for name in ("CONNECT_TIMEOUT", "POLL_TIMEOUT", "LONGEST_WAIT"):
        monkeypatch.setattr(poller, name, 0.5)


def app_on(*addresses: Address) -> BeantopApp:
    return BeantopApp([Poller(address, 0.5) for address in addresses])


def squeezed(text: str) -> str:
    return " ".join(text.split()).lower()


async def until_said(pilot: Pilot[None], words: str) -> str:
    """Wait until these words are shown; a table may have cut them."""
    await until(pilot, lambda: words.lower() in squeezed(text_of(pilot.app.screen)))
    return text_of(pilot.app.screen)


async def until_gone(pilot: Pilot[None], words: str) -> None:
    await until(pilot, lambda: words not in text_of(pilot.app.screen))


@contextmanager
def telling(name: str) -> Iterator[None]:
    """Add the name of the table row to every failure."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"This was the row “{name}”.")
        raise
