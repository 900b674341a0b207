"""`beantop --demo` in a real terminal, as a newcomer runs it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import Terminal

BLOCKS = "▁▂▃▄▅▆▇█"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Terminal]:
    """The demo, without a beanstalkd, with an empty home directory."""
    terminal = Terminal("--demo", home=tmp_path, PATH="")
    yield terminal
    terminal.close()


@pytest.mark.long
def test_it_shows_servers_with_a_past_and_a_picture_that_moves(demo: Terminal) -> None:
    text = demo.until("email-transactional", "[1/3]", "paused, ")
    row = next(line for line in text.splitlines() if "email-transactional" in line)
    assert sum(row.count(block) for block in BLOCKS) == 10, "the sparkline is full from the start"
    before = _without_clock(text)
    for _ in range(20):
        demo.read(0.25)
        if _without_clock(demo.text) != before:
            break
    else:
        raise AssertionError("nothing moves")
    demo.press("3")
    demo.until("[3/3]")


@pytest.mark.long
def test_jobs_are_kicked_and_deleted_and_tubes_paused_for_real(demo: Terminal) -> None:
    demo.until("contact-form")
    _go_to(demo, "billing-charge")
    demo.press("P")
    demo.answer("Pause this tube?", "y")
    demo.until("paused for")
    demo.press("\r")
    demo.until("› billing-charge", "jobs found", "Inspect", "── Job ")
    demo.press("D")
    demo.answer("Delete job ", "y")
    demo.until("Deleted job")
    demo.press("q")
    demo.until("1 of")
    demo.press("\x1b")
    demo.until("tubes", without="filter:")
    _go_to(demo, "contact-form")
    demo.press("K")
    demo.until("Kick buried jobs")
    demo.press("1")
    demo.answer("Kick buried jobs", "\r")
    demo.until("Kicked 1")


@pytest.mark.long
def test_it_leaves_no_process_and_no_file(demo: Terminal, tmp_path: Path) -> None:
    demo.until("email-transactional", "- 1s +")
    demo.press("z", "+")
    demo.until("- 2s +")
    demo.press("q")  # to all servers
    demo.until("3 of 3 servers answering")
    demo.press("q")
    assert demo.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.process.pid, signal.SIGCONT)
    assert not list(tmp_path.iterdir())


def _go_to(demo: Terminal, tube: str) -> None:
    demo.until("/ Filter")
    demo.press("/" + tube + "\r")  # in one piece, as fast fingers and pastes do
    demo.until(f"filter: {tube}")


def _without_clock(text: str) -> str:
    return "\n".join(text.splitlines()[1:])
