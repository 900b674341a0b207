"""A program in a terminal of its own, and what it writes there."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

COLUMNS, LINES = 120, 36

PATIENCE = 60.0
"""Seconds that a program may take for what is expected of it."""


class Terminal:
    """The other end of a program's terminal."""

    def __init__(self, number: int, process: int) -> None:
        self._number = number
        self.process = process
        """The id of the program's process."""
        self._deadline = time.monotonic() + PATIENCE
        self.written = b""
        """All output of the program read so far."""

    def read_until(self, marker: bytes) -> None:
        """Read until these words were written."""
        while marker not in self.written:
            assert self._read_on(), (
                f"the program ended without {marker!r}: {self.written[-2000:]!r}"
            )

    def read_for(self, seconds: float) -> None:
        """Read for so long, whatever is written."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self._number], [], [], left)[0]:
                self._read_on()

    def read_to_end(self) -> bytes:
        """Read until the program has ended: all that it wrote."""
        while self._read_on():
            pass
        return self.written

    def _read_on(self) -> bytes:
        data = b""
        left = max(0.0, self._deadline - time.monotonic())
        ready, _, _ = select.select([self._number], [], [], left)
        assert ready, f"the program took over {PATIENCE} s: {self.written[-2000:]!r}"
        with suppress(OSError):  # EIO: the program has left
            data = os.read(self._number, 2**16)
        self.written += data
        return data


@contextmanager
def in_terminal(command: Sequence[str], folder: Path = Path()) -> Iterator[Terminal]:
    """Start a program in a new terminal; it is killed, if need be, when the block is left."""
    process, number = pty.fork()
    if process == 0:
        os.chdir(folder)
        _become(command)
    try:
        yield Terminal(number, process)
    finally:
        os.kill(process, signal.SIGKILL)
        os.close(number)
        os.waitpid(process, 0)


def _become(command: Sequence[str]) -> None:
    """What the child does: turn into that program, in a terminal of our size and colors."""
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    for name in ("COLUMNS", "LINES", "NO_COLOR"):
        environment.pop(name, None)
    os.execvpe(command[0], list(command), environment)
