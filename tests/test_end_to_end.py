"""The installed command, in a real terminal, on a real beanstalkd, from the first frame to the last byte."""

import re
import signal
from collections.abc import Callable, Iterator

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.terminal import ENDING, Terminal
from tests.variants import rest_is_slow

Start = Callable[..., Terminal]

LEAVE_ALTERNATE_SCREEN = b"\x1b[?1049l"
MOUSE_OFF = b"\x1b[?1000l"
SHOW_CURSOR = b"\x1b[?25h"


@pytest.fixture
def start(own_server: Beanstalkd) -> Iterator[Start]:
    """Starts the command on the server; ends it after the test."""
    started: list[Terminal] = []

    def start(*options: str, size: tuple[int, int] = (120, 36)) -> Terminal:
        address = format_address(own_server.address)
        started.append(Terminal(address, "-i", "0.5", *options, size=size))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


@pytest.mark.long
def test_tubes_appear_and_follow_a_change(own_server: Beanstalkd, start: Start) -> None:
    with own_server.client(use="emails") as client:
        client.put("one")
        terminal = start()
        terminal.until("emails", "READY 1 ")
        client.use("invoices")
        for _ in range(3):
            client.put("two")
        assert "3" in terminal.until("invoices", "READY 4 ")


@pytest.mark.long
def test_a_buried_job_is_kicked_by_keys(own_server: Beanstalkd, start: Start) -> None:
    with own_server.client(use="emails", watch="emails") as client:
        client.put("hello")
        client.bury(client.reserve(timeout=0))
        terminal = start(size=(80, 24))
        terminal.until("emails", "BUR 1 !")
        terminal.until("! 1 buried")
        terminal.press("\r")
        terminal.until("› emails", "buried", "hello")
        terminal.press("K")
        terminal.answer("Kick job 1 to ready?", "y")
        terminal.until("Kicked job 1")
        stats = client.stats_tube("emails")
        assert (stats["current-jobs-ready"], stats["current-jobs-buried"]) == (1, 0)


@pytest.mark.long
def test_the_screen_recovers_when_the_server_comes_back(
    own_server: Beanstalkd, start: Start
) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
    terminal = start()
    terminal.until("emails")
    own_server.stop()
    terminal.until("×", "retry now", "emails", "stale")
    own_server.start()
    with own_server.client(use="after-restart") as client:
        client.put("hello")
        terminal.until("●", "after-restart", "is back after", without="stale")


def test_a_server_that_is_not_there_yet_is_waited_for(own_server: Beanstalkd, start: Start) -> None:
    own_server.stop()
    terminal = start(size=(80, 24))
    terminal.until("No beanstalkd answered at", "connection refused")
    own_server.start()
    terminal.until("default", "No jobs yet", without="No beanstalkd answered")


@pytest.mark.long
def test_a_hostile_body_leaves_no_raw_escape(own_server: Beanstalkd, start: Start) -> None:
    evil = "\x1b]0;PWNED\x07\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b31m[red]x[/] [@click=app.quit]y[/]"
    with own_server.client(use="emails") as client:
        client.put(evil)
        terminal = start()
        terminal.until("emails")
        terminal.press("\r")
        terminal.until("› emails", "␛]0;PWNED␇")
        terminal.press("\r")
        terminal.until("job 1", "␛]52;c;ZXZpbA==␇", "[@click=app.quit]y[/]")
        terminal.press("v", "y")  # hex, and a copy of it
        terminal.until("[hex]", "Copied")
    assert b"PWNED\x07" not in terminal.written
    assert b"\x1b]52;c;ZXZpbA" not in terminal.written
    assert b"\xc2\x9b" not in terminal.written


@pytest.mark.long
@pytest.mark.parametrize("end", rest_is_slow("q", "\x03", "\x11"), ids=["q", "ctrl+c", "ctrl+q"])
def test_leaving_by_key_restores_the_terminal(start: Start, end: str) -> None:
    terminal = start()
    terminal.until("default")
    terminal.press(end)
    assert terminal.wait() == 0
    _assert_restored(terminal)


@pytest.mark.long
@pytest.mark.parametrize("number", rest_is_slow(*ENDING))
def test_a_signal_restores_the_terminal(start: Start, number: signal.Signals) -> None:
    terminal = start()
    terminal.until("default")
    terminal.send_signal(number)
    assert terminal.wait() == 128 + number
    _assert_restored(terminal)


@pytest.mark.long
def test_ctrl_z_goes_to_the_shell_and_back(own_server: Beanstalkd, start: Start) -> None:
    terminal = start()
    terminal.until("default")
    terminal.press("\x1a")
    _until_stopped(terminal)
    _assert_restored(terminal)
    with own_server.client(use="meanwhile") as client:
        client.put("job")
        terminal.send_signal(signal.SIGCONT)
        terminal.until("meanwhile")


@pytest.mark.long
def test_a_terminal_that_vanishes_ends_the_program(start: Start) -> None:
    terminal = start()
    terminal.until("default")
    terminal.hang_up()
    assert terminal.process.wait(timeout=15) == 128 + signal.SIGHUP


@pytest.mark.long
def test_resizing_never_breaks_the_screen(start: Start) -> None:
    terminal = start()
    terminal.until("default")
    for columns, lines in [(80, 24), (40, 8), (38, 7), (20, 4), (200, 60), (1, 1), (120, 36)]:
        terminal.resize(columns, lines)
        terminal.read(0.2)
    terminal.until("default", "beanstalkd 1.")


def _until_stopped(terminal: Terminal) -> None:
    while terminal.state() != "T":
        terminal.read(0.05)
    terminal.read(0.2)  # what it wrote before that


def _assert_restored(terminal: Terminal) -> None:
    for sequence in (LEAVE_ALTERNATE_SCREEN, MOUSE_OFF, SHOW_CURSOR):
        assert sequence in terminal.written
    assert terminal.modes == terminal.modes_before


@pytest.mark.long
def test_no_color_means_not_one_color_code(own_server: Beanstalkd) -> None:
    with Terminal(format_address(own_server.address), NO_COLOR="1") as terminal:
        terminal.until("default")
        row = next(line for line in terminal.screen.buffer.values() if line[4].data == "d")
        assert row[4].reverse  # the cursor
        terminal.press("?")
        terminal.until("Half a page down")
        terminal.press("q")
        terminal.until("? Help", without="Half a page down")
        terminal.press("c")
        terminal.until("Columns")
        terminal.press("\r")
        terminal.until("? Help", without="Columns")
        terminal.press("d")
        terminal.until("Delete is D (capital)")  # a toast
        assert b"\x1b]11;?" not in terminal.written, "the background is not asked for"
    codes = {
        code
        for match in re.finditer(rb"\x1b\[([0-9;]*)m", terminal.written)
        for code in match[1].split(b";")
    }
    colored = {b"%d" % number for number in [*range(30, 50), *range(90, 108)]} - {b"39", b"49"}
    assert not codes & colored
