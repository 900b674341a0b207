"""The real beanstalkd under a clock that we set: it stands until we move it (by libfaketime)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.beanstalkd import PATIENCE, wait_until

MICROSECOND = 1_000
"""In nanoseconds: the finest time that beanstalkd sees."""

HELLO = b"hello\r\n"  # no command, and in no count of the stats
ANSWER = b"UNKNOWN_COMMAND\r\n"


@contextmanager
def original(now: int, *options: str) -> "Iterator[Original]":
    """A server of its own, which ends with the block; `now` in nanoseconds since 1970."""
    with TemporaryDirectory(prefix="beantop-") as directory:
        server = Original(Path(directory), now, *options)
        try:
            yield server
        finally:
            server.stop()


class Original:
    """A process of beanstalkd on a Unix socket, with one connection of its own to it."""

    def __init__(self, directory: Path, now: int, *options: str) -> None:
        program = shutil.which("beanstalkd")
        assert program, "the tests need a real beanstalkd: apt-get install beanstalkd"
        self._address = str(directory / "socket")
        self._clock = os.open(directory / "clock", os.O_CREAT | os.O_WRONLY)
        self.set_clock(now)
        self._process = subprocess.Popen(
            [program, "-l", f"unix:{self._address}", *options],
            env=_under_clock(directory / "clock"),
            stderr=subprocess.DEVNULL,  # where it says that it is draining
        )
        try:
            wait_until(lambda: Path(self._address).is_socket(), "beanstalkd listens")
            self._control = self.connect()
            self.settle()
        except BaseException:
            self.stop()
            raise

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        wait_until(lambda: connection.connect_ex(self._address) == 0, "beanstalkd accepts")
        return connection

    def set_clock(self, now: int) -> None:
        """Let it be that time. What this brings has happened after `settle`.

        The half of a microsecond at the end is for libfaketime, which reads a float and cuts it.
        """
        at = datetime.fromtimestamp(now // 10**9, UTC)
        text = f"{at:%Y-%m-%d %H:%M:%S}.{now % 10**9 // MICROSECOND:06}5\n"
        os.pwrite(self._clock, text.encode(), 0)  # always as long: no reader sees half of it

    def settle(self, turns: int = 2) -> None:
        """Return when every connection has had so many turns.

        beanstalkd serves whoever is ready in turn, one step each: it looks at the clock, reads or
        writes on one connection, and goes on to the next. One of our hellos is one such round.
        """
        self._control.sendall(HELLO * turns)
        expected = ANSWER * turns
        handled_signals = b""
        while len(handled_signals) < len(expected):
            data = self._control.recv(len(expected) - len(handled_signals))
            assert data, "beanstalkd has gone"
            handled_signals += data
        assert handled_signals == expected

    def drain(self) -> None:
        """Switch to drain mode: no new jobs are taken."""
        self._process.send_signal(signal.SIGUSR1)
        self.settle()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._clock)
        if hasattr(self, "_control"):
            self._control.close()


def _under_clock(clock: Path) -> dict[str, str]:
    """The environment of a process that takes its time from that file, each time it asks."""
    preload = "DYLD_INSERT_LIBRARIES" if sys.platform == "darwin" else "LD_PRELOAD"
    return {
        **os.environ,
        preload: str(_libfaketime()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DYLD_FORCE_FLAT_NAMESPACE": "1",
        "TZ": "UTC",
    }


def _libfaketime() -> Path:
    """The library, which is installed beside the command: in lib, or lib/<machine>."""
    command = shutil.which("faketime")
    assert command, "the tests need libfaketime: apt-get install faketime"
    prefix = Path(command).resolve().parent.parent
    for pattern in ("lib*/faketime/libfaketime.*1*", "lib*/*/faketime/libfaketime.*1*"):
        for library in prefix.glob(pattern):
            return library
    raise AssertionError(f"the command faketime is here, but not its library: {prefix}")
