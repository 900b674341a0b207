"""`o` on a job: the body in the user's pager, in a real terminal, and back to the screen."""

import signal
from collections.abc import Iterator

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal

PAGER = """sh -c 'echo "--- $LESSSECURE"; cat "$0"; ls -l "$0"; echo ---; read word'"""


def open_the_job(terminal: Terminal) -> None:
    terminal.until("emails")
    terminal.press("/", "emails", "\r", "\r")
    terminal.until("› emails", "hello")
    terminal.press("\r")
    terminal.until("── Body")


@pytest.fixture
def at_the_body(own_server: Beanstalkd) -> Iterator[Terminal]:
    """The pager is open on a job with a nasty body."""
    with own_server.client(use="emails") as client:
        client.put("hello \x1b[31mred")
    terminal = Terminal(format_address(own_server.address), "-i", "0.5", PAGER=PAGER)
    try:
        open_the_job(terminal)
        terminal.press("o")
        terminal.until("--- 1", "hello ␛[31mred", "-rw-------", "beantop-")
        yield terminal
    finally:
        terminal.close()


@pytest.mark.long
def test_the_pager_shows_the_body_and_comes_back(at_the_body: Terminal) -> None:
    at_the_body.press("\r")
    at_the_body.until("Body 14 B", "q Back")
    at_the_body.press("q", "q")
    at_the_body.until("READY 1 ")


@pytest.mark.long
def test_ctrl_c_is_for_the_pager(at_the_body: Terminal) -> None:
    at_the_body.press("\x03")
    at_the_body.until("Body 14 B", "q Back")
    at_the_body.press("q")
    at_the_body.until("── Jobs ──")


@pytest.mark.long
def test_whoever_ends_the_program_ends_the_pager_too(at_the_body: Terminal) -> None:
    at_the_body.process.send_signal(signal.SIGTERM)
    assert at_the_body.process.wait(10) == 128 + signal.SIGTERM


@pytest.mark.long
def test_a_pager_that_is_not_there_is_told(own_server: Beanstalkd) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
    terminal = Terminal(format_address(own_server.address), "-i", "0.5", PAGER="/no/such")
    try:
        open_the_job(terminal)
        terminal.press("o")
        terminal.until("/no/such failed")
    finally:
        terminal.close()
