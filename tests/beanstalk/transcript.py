"""Plays conversations that are written down as text against a server: any that speaks the protocol.

    # A deleted job is gone.        a story begins, with a server of its own
    ## Why it is told.              a comment
    > put 0 0 60 5                  a client sends this line, and CR LF
    > hello
    < INSERTED 1                    the server answers this line, next
    worker> reserve                 another connection, by its name
    worker< RESERVED 1 5
    worker< hello
    > stats-job 1
    < OK                            a map or a list, of any length, with at least these lines:
    <   state: reserved
    <   age: *                      an asterisk stands for any text
    ! drain                         the server is told to take no new jobs
    > quit
    |                               the server closes the connection

`{a*200}` is written for 200 times `a`. When a story ends no connection may have more to say.
"""

import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

FOLDER = Path(__file__).parent / "transcripts"

_LINE = re.compile(r"(?P<name>\w*)(?P<sign>[<>|!]) ?(?P<text>.*)")
_REPEAT = re.compile(r"\{(.)\*([0-9]+)\}")


class Server(Protocol):
    """What a story needs of a server: a bare connection to it, and drain mode."""

    def raw(self) -> socket.socket: ...
    def drain(self) -> None: ...


class Story(NamedTuple):
    """One conversation: the sentence it shows, and its lines."""

    title: str
    lines: list[str]


def stories() -> list[Story]:
    """All that are written down."""
    found: list[Story] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in filter(None, path.read_text("ascii").splitlines()):
            if line.startswith("# "):
                found.append(Story(line[2:], []))
            elif not line.startswith("## "):
                found[-1].lines.append(line)
    return found


def play(story: Story, server: Server) -> list[bytes]:
    """Hold the conversation; returns every byte that each connection received."""
    connections: dict[str, _Connection] = {}
    with ExitStack() as stack:
        for line in story.lines:
            name, sign, text = _parts(line)
            if sign == "!":
                assert text == "drain", line
                server.drain()
                continue
            if name not in connections:
                connections[name] = stack.enter_context(_Connection(server.raw()))
            try:
                connections[name].steps[sign](text)
            except AssertionError as error:
                raise AssertionError(f"{story.title}\n{line}\n{error}") from None
        for connection in connections.values():
            connection.end()
    return [connection.received for connection in connections.values()]


def _parts(line: str) -> tuple[str, str, str]:
    match = _LINE.fullmatch(line)
    assert match, f"not a line of a transcript: {line}"
    text = _REPEAT.sub(lambda repeat: repeat[1] * int(repeat[2]), match["text"])
    return match["name"], match["sign"], text


class _Connection:
    """One client of the conversation."""

    def __init__(self, connection: socket.socket) -> None:
        self.received = b""
        self.steps: dict[str, Callable[[str], None]] = {
            ">": self._send,
            "<": self._expect,
            "|": self._expect_end,
        }
        self._socket = connection
        self._file = connection.makefile("rb")
        self._map: list[str] = []
        self._ended = False

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()
        self._socket.close()

    def end(self) -> None:
        """Say goodbye; whatever the server still says was not expected."""
        if not self._ended:
            self._send("quit")
            self._expect_end("")

    def _send(self, text: str) -> None:
        self._socket.sendall(text.encode("ascii") + b"\r\n")

    def _expect(self, text: str) -> None:
        if text.startswith("  "):
            pattern = re.escape(text.strip()).replace(r"\*", ".+")
            assert any(re.fullmatch(pattern, line) for line in self._map), self._map
        elif text == "OK":
            self._map = self._read_map()
        else:
            line = self._read_line()
            assert line == text, f"the server answered {line[:100]!r}"

    def _expect_end(self, _: str) -> None:
        rest = self._file.read()
        self._ended = True
        assert not rest, f"the server said more: {rest[:100]!r}"

    def _read_map(self) -> list[str]:
        word, _, size = self._read_line().partition(" ")
        assert word == "OK", f"the server answered {word!r}"
        body = self._read(int(size))
        assert self._read(2) == b"\r\n"
        return body.decode("ascii").replace('"', "").splitlines()

    def _read_line(self) -> str:
        line = self._file.readline()
        self.received += line
        assert line.endswith(b"\r\n"), f"not a whole line: {line!r}"
        return line[:-2].decode("ascii")

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.received += data
        return data
