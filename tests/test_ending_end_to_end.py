"""The program ends when it should, whatever it is doing, and restores the terminal."""

import os
import signal
import sys
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd, wait_until
from tests.terminal import COMMAND, ENDING, PATIENCE, Terminal
from tests.variants import rest_is_slow

ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
MOUSE_ON, MOUSE_OFF = b"\x1b[?1003h", b"\x1b[?1003l"
SHOW_CURSOR = b"\x1b[?25h"


def assert_restored(terminal: Terminal) -> None:
    """Check that the modes are as before, and that the alternate screen was left."""
    assert terminal.modes == terminal.modes_before
    written = terminal.written
    for on, off in ((ENTER_SCREEN, LEAVE_SCREEN), (MOUSE_ON, MOUSE_OFF)):
        assert written.rfind(off) >= written.rfind(on)
    if ENTER_SCREEN in written:
        assert written.rfind(SHOW_CURSOR) > written.rfind(ENTER_SCREEN)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (b"\x1b]11;?", signal.SIGTERM),
        *((ENTER_SCREEN, number) for number in ENDING),
        (MOUSE_ON, signal.SIGHUP),
        (b"\x1b[?2004h", signal.SIGTERM),
    ],
)
def test_a_signal_at_any_moment_of_the_start_leaves_the_terminal_as_it_was(
    moment: bytes, number: signal.Signals
) -> None:
    with Terminal("127.0.0.1:1") as terminal:
        terminal.until_written(moment)
        terminal.send_signal(number)
        assert terminal.wait() == 128 + number
        assert_restored(terminal)


LEADER = """
sh -c 'echo $$ > "$NOTES/pid"; exec "$0" "$@"' "$@"
echo $? > "$NOTES/code"
exec sleep 99
"""
"""A shell that has the terminal until the test is over: with the one that leads a session, what it
wrote last goes, too."""


class Unread(Terminal):
    """The program in a terminal that reads nothing of it any longer, and has taken all it can."""

    def __init__(self, server: Beanstalkd, notes: Path) -> None:
        self._notes = notes
        command: list[str | Path] = ["sh", "-c", LEADER, "sh", COMMAND]
        super().__init__(format_address(server.address), command=command, NOTES=str(notes))
        self.until("default")
        for _ in range(40):
            for size in ((200, 60), (199, 60)):
                self.resize(*size)
                os.kill(self.pid, signal.SIGWINCH)
                self.press("j" * 6)
                self.sleep(0.02)

    @property
    def pid(self) -> int:
        return int((self._notes / "pid").read_text())

    def code(self) -> int:
        """Wait for the end of the program; its exit code."""
        noted = self._notes / "code"
        wait_until(lambda: noted.exists() and noted.read_text(), "the program ends")
        self.read_rest()
        return int(noted.read_text())


@pytest.mark.long
@pytest.mark.parametrize("number", rest_is_slow(*ENDING))
def test_a_signal_ends_it_though_nobody_reads_the_terminal(
    own_server: Beanstalkd, number: signal.Signals, tmp_path: Path
) -> None:
    with Unread(own_server, tmp_path) as terminal:
        os.kill(terminal.pid, number)
        assert terminal.code() == 128 + number
        assert_restored(terminal)


@pytest.mark.long
def test_ctrl_q_ends_it_though_nobody_reads_the_terminal(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    with Unread(own_server, tmp_path) as terminal:
        terminal.press("\x11")
        assert terminal.code() == 0
        assert_restored(terminal)


@pytest.mark.long
def test_a_terminal_that_reads_again_shows_what_is_there_by_then(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    with Unread(own_server, tmp_path) as terminal:
        terminal.resize(120, 36)
        os.kill(terminal.pid, signal.SIGWINCH)
        with own_server.client(use="meanwhile") as client:
            client.put("job")
            terminal.until("meanwhile", "READY 1 ", "? Help")


STUCK = {
    "in a loop": "while True: pass",
    "at a lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "at a file": "import os; os.mkfifo(path); open(path)",
}


def stuck_at(what: str, home: str) -> Terminal:
    """The program with a bug that blocks the event loop when ? is pressed."""
    script = (
        f"import sys\n"
        f"from beantop.app.app import BeantopApp\n"
        f"from beantop.cli import main\n"
        f"def stuck(app):\n"
        f"    path = {home!r} + '/fifo'\n"
        f"    app._driver.write('it is stuck')\n"
        f"    {STUCK[what]}\n"
        f"BeantopApp.action_help = stuck\n"
        f"sys.exit(main(sys.argv[1:]))\n"
    )
    terminal = Terminal("127.0.0.1:1", command=[sys.executable, "-c", script])
    terminal.until("No beanstalkd answered")
    terminal.press("?")
    terminal.until_written(b"it is stuck")
    return terminal


@pytest.mark.long
@pytest.mark.parametrize(("what", "number"), rest_is_slow(*zip(STUCK, ENDING, strict=True)))
def test_a_signal_ends_it_though_a_bug_holds_it(
    what: str, number: signal.Signals, tmp_path: Path
) -> None:
    with stuck_at(what, str(tmp_path)) as terminal:
        terminal.send_signal(number)
        assert terminal.wait() == 128 + number
        assert_restored(terminal)


@pytest.mark.long
def test_it_ends_without_a_terminal_though_a_bug_holds_it_and_no_signal_comes() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` has it
    try:
        with stuck_at("in a loop", "") as terminal:
            terminal.hang_up()
            assert terminal.process.wait(PATIENCE) == 128 + signal.SIGHUP
    finally:
        signal.signal(signal.SIGHUP, before)
