"""A peer in a thread that answers each line as it is told to, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

HANG_UP = None
SILENCE = b""

SILENT_SECONDS = 0.5
"""A timeout for tests of silence: what a peer does say comes within it on a busy machine too."""

Answer = Callable[[str], bytes | None]
"""The answer to a line: bytes, `SILENCE` or `HANG_UP`."""


class LastWords(bytes):
    """The bytes sent before hanging up."""


def body(text: str) -> bytes:
    """The reply to a question that is answered by a map or a list."""
    data = text.encode("latin-1")
    return b"OK %d\r\n%b\r\n" % (len(data), data)


def server_of(tubes: dict[str, str], stats: str = "id: a\nuptime: 1\n") -> Answer:
    """A server with these tubes; one without stats has vanished since it was listed."""

    def answer(line: str) -> bytes:
        command, _, name = line.partition(" ")
        if command == "stats":
            return body(stats)
        if command == "list-tubes":
            return body("---\n" + "".join(f"- {name}\n" for name in tubes))
        if command == "stats-tube":
            return body(tubes[name]) if tubes[name] else b"NOT_FOUND\r\n"
        return b"UNKNOWN_COMMAND\r\n"

    return answer


class Peer(ThreadingTCPServer):
    """Listens on a free port; change `answer` and `greeting` at any time."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answer = answer
        self.greeting: bytes | None = b""
        """The greeting of a connection, in the form of an answer."""
        self.received: list[str] = []
        self.open_connections = 0
        self.connections = 0
        """All connections ever made."""

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.server_address[:2]
        return str(host), int(port)


class _Conversation(StreamRequestHandler):
    server: Peer

    def handle(self) -> None:
        self.server.open_connections += 1
        self.server.connections += 1
        with suppress(ConnectionError):
            self._say(self.server.greeting)
        self.server.open_connections -= 1

    def _say(self, said: bytes | None) -> None:
        """Send the greeting, then the answer to each line, up to the final bytes."""
        lines = iter(self.rfile)
        while said is not HANG_UP:
            self.wfile.write(said)
            if isinstance(said, LastWords) or (line := next(lines, None)) is None:
                break
            command = line.decode("ascii", "backslashreplace").rstrip("\r\n")
            self.server.received.append(command)
            said = self.server.answer(command)


@contextmanager
def peer(answer: Answer) -> Iterator[Peer]:
    """A peer for the length of the block."""
    with Peer(answer) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=[0.01])
        thread.start()
        try:
            yield listening
        finally:
            listening.shutdown()
            thread.join()
