"""A real beanstalkd for a test: started on a free port, waited for, stopped by its process id."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from beantop.beanstalk import Client, Stats

PATIENCE = 10.0  # seconds until a condition that never comes is an error


def wait_until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Return as soon as the condition holds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:g} s in vain: {what}")
        time.sleep(0.005)


class Beanstalkd:
    """One server process, on a TCP port of 127.0.0.1 or on a Unix socket."""

    def __init__(self, *options: str, socket_path: Path | None = None, binary: str = "") -> None:
        self.options = options
        self.binary = binary
        """The path of a beanstalkd other than the installed one."""
        self.address: tuple[str, int] | str = (
            str(socket_path) if socket_path else ("127.0.0.1", free_port())
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @staticmethod
    def program() -> list[str]:
        """The command line before the options."""
        program = shutil.which("beanstalkd")
        assert program, "the tests need a real beanstalkd: apt-get install beanstalkd"
        return [program]

    def start(self) -> None:
        if isinstance(self.address, str):
            where = ["-l", f"unix:{self.address}"]
        else:
            where = ["-l", self.address[0], "-p", str(self.address[1])]
        program = [self.binary] if self.binary else self.program()
        self.process = subprocess.Popen([*program, *where, *self.options])
        wait_until(self._answers, "beanstalkd answers")

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, "beanstalkd ended at once"
        try:
            with self.raw() as connection:  # it listens before it is ready for signals
                connection.sendall(b"hello\r\n")  # which is in no count of its stats
                return connection.recv(100) == b"UNKNOWN_COMMAND\r\n"
        except OSError:
            return False

    def client(self, use: str = "default", watch: str = "default") -> Client[str]:
        return Client(self.address, use=use, watch=watch)

    def tubes(self) -> list[str]:
        """The names of all tubes."""
        with self.client() as client:
            return client.tubes()

    def stats(self) -> Stats:
        with self.client() as client:
            return client.stats()

    def raw(self) -> socket.socket:
        """A bare socket, for bytes that our clients would never send."""
        kind = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        connection = socket.socket(kind, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        if kind == socket.AF_INET:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send_signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def drain(self) -> None:
        """Switch to drain mode: no new jobs are taken."""
        self.send_signal(signal.SIGUSR1)
        with self.client() as client:
            wait_until(lambda: client.stats().get("draining") == "true", "the server drains")

    def stop(self) -> None:
        """Kill it, as an accident would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
