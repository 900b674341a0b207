"""The installed command in a real pseudo-terminal, seen as a terminal emulator shows it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pyte
from pyte import modes as mo
from pyte.screens import Char
from wcwidth import wcwidth

COMMAND = Path(sys.executable).parent / "beantop"
PATIENCE, LONG_PATIENCE = 15.0, 60.0  # seconds

SIZE = (120, 36)
"""Columns and lines, unless a test says otherwise."""

ASKED, ANSWER = b"\x1b[c", "\x1b]11;rgb:1414/1717/1c1c\x1b\\\x1b[?62;c"
"""What a program asks its terminal last at the start, and what terminals answer at once."""

ENDING = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]
"""The signals that end a program in a terminal."""


@cache
def _cell(attributes: Char, character: str) -> Char:
    return attributes._replace(data=character)


class Screen(pyte.Screen):
    """Draws plain text faster: pyte measures each character, and makes a cell of it, each time."""

    def draw(self, data: str) -> None:
        cursor = self.cursor
        end = cursor.x + len(data)
        if end > self.columns or self.charset or mo.IRM in self.mode or not _is_narrow(data):
            super().draw(data)
            return
        line, attributes = self.buffer[cursor.y], cursor.attrs
        line.update((x, _cell(attributes, data[x - end])) for x in range(cursor.x, end))
        cursor.x = end
        self.dirty.add(cursor.y)


@cache
def _is_narrow(text: str) -> bool:
    return all(wcwidth(character) == 1 for character in text)


_STYLE = re.compile("\x1b\\[([0-9;]*)m")


class Stream(pyte.ByteStream):
    """Reads styles faster: pyte reads them letter by letter, and most of a frame are styles."""

    def feed(self, data: bytes) -> None:  # type: ignore[override]  # pyte has it so
        text, *rest = _STYLE.split(self.utf8_decoder.decode(data))
        pyte.Stream.feed(self, text)
        for style, text in zip(rest[::2], rest[1::2], strict=True):
            self._feed_style(style)
            pyte.Stream.feed(self, text)

    def _feed_style(self, style: str) -> None:
        if self.listener and self._taking_plain_text:
            self.listener.select_graphic_rendition(*(int(part or 0) for part in style.split(";")))
        else:  # in the middle of another sequence
            pyte.Stream.feed(self, f"\x1b[{style}m")


class Terminal:
    """One run of `beantop`, or of another command, in a terminal of its own, at home in a directory
    of its own.

    With `home` it is at home there, and what it leaves there stays: for the run after it. `folder` is
    its current directory.
    """

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = SIZE,
        home: Path | None = None,
        folder: Path | None = None,
        command: Sequence[str | Path] = (COMMAND,),
        **environment: str,
    ) -> None:
        columns, lines = size
        self.screen = Screen(columns, lines)
        self._stream = Stream(self.screen)
        self._text: str | None = None
        self._answers = 0
        self.written = b""
        """All bytes that the program sent to the terminal."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self._master, self._slave = master, slave
        self._own_home = TemporaryDirectory(prefix="beantop-home-")
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=self._take_terminal,
            cwd=folder,
            env=_environment(home or Path(self._own_home.name)) | environment,
        )

    def _take_terminal(self) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def text(self) -> str:
        """The text on the screen."""
        if self._text is None:
            self._text = "\n".join(map(self._line, range(self.screen.lines)))
        return self._text

    def _line(self, number: int) -> str:
        """The rows as `screen.display` has them, but faster: that measures each character again."""
        cells = self.screen.buffer[number]
        return "".join(cells[x].data for x in range(self.screen.columns)).rstrip()

    @property
    def modes(self) -> list[object]:
        """The terminal's modes now (termios)."""
        return list(termios.tcgetattr(self._slave))

    def press(self, *keys: str) -> None:
        for key in keys:
            os.write(self._master, key.encode())

    def read(self, seconds: float) -> None:
        """Take what the program writes for that long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._show(self._take(left))

    def sleep(self, seconds: float) -> None:
        """Read nothing for that long."""
        time.sleep(seconds)

    def discard(self, seconds: float) -> None:
        """Read what the program writes for that long without interpreting it: a terminal in Python
        is slower than the program. Only the end of it is kept in `written`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.written = (self.written + self._take(left))[-65536:]

    def _show(self, data: bytes) -> None:
        if data:
            self.written += data
            self._stream.feed(data)
            self._text = None

    def _take(self, seconds: float) -> bytes:
        """The next that the program writes within that time."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        return os.read(self._master, 65536) if ready else b""

    def until(self, *words: str, without: str = "") -> str:
        """Wait until all these words are on the screen, and `without` is not."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in self.text for word in words) or (without and without in self.text):
            assert time.monotonic() < deadline, f"waited for {words} in vain:\n{self.text}"
            assert self.process.poll() is None, f"the program ended:\n{self.text}"
            self.read(0.05)
        while rest := self._take(0.02):  # of a frame that is there in part
            self._show(rest)
        return self.text

    def answer(self, question: str, key: str) -> None:
        """Press the key as soon as this dialog listens, and wait until it is closed."""
        self.until(question)
        deadline = time.monotonic() + PATIENCE
        while not self.listens:
            assert time.monotonic() < deadline, f"no answer is taken:\n{self.text}"
            self.read(0.05)
        self.press(key)
        while question in self.text:
            assert time.monotonic() < deadline, f"it is not closed:\n{self.text}"
            self.read(0.2)

    @property
    def listens(self) -> bool:
        """Whether a question on the screen listens: then its keys are bold."""
        for y, line in enumerate(self.text.splitlines()):
            if no := re.search(r" · (n|esc) ", line):
                buttons = line[: no.start()].rfind("│") + 1
                first = buttons + len(line[buttons:]) - len(line[buttons:].lstrip())
                return bool(self.screen.buffer[y][first].bold)
        return False

    def until_written(self, *sequences: bytes) -> None:
        """Wait until all these bytes were sent to the terminal."""
        deadline = time.monotonic() + PATIENCE
        while not all(sequence in self.written for sequence in sequences):
            assert time.monotonic() < deadline, f"waited for {sequences} in vain:\n{self.written!r}"
            assert self.process.poll() is None, f"the program ended:\n{self.text}"
            self.read(0.02)

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self._text = None
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.send_signal(signal.SIGWINCH)

    def state(self) -> str:
        """The state of the process as `ps` tells it: R, S, T for stopped, …"""
        done = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()[:1]

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end of the program; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"the program does not end:\n{self.text}"
            self.read(0.05)
        self.read(0.1)
        return self.process.returncode

    def receive_until(self, marker: bytes) -> None:
        """Read until these bytes were sent to the terminal, without interpreting any: a terminal in Python is
        slower than the program. What it asks its terminal at the start is answered."""
        deadline = time.monotonic() + LONG_PATIENCE
        while marker not in self.written:
            assert self._receive(deadline), f"the program ended:\n{self.written!r}"

    def receive_all(self) -> bytes:
        """Read so until the program has ended. Return all that it wrote."""
        deadline = time.monotonic() + LONG_PATIENCE
        while self._receive(deadline):
            pass
        return self.written

    def _receive(self, deadline: float) -> bool:
        """Read and answer once. Return whether more may follow."""
        assert time.monotonic() < deadline, f"the program took too long:\n{self.written[-2000:]!r}"
        data = self._take(0.1)
        is_running = bool(data) or self.process.poll() is None
        data = data or self._take(0)
        self.written += data
        if self.written.count(ASKED) > self._answers:
            self._answers += 1
            self.press(ANSWER)
        return bool(data) or is_running

    def read_rest(self) -> None:
        """Read everything that was written, without interpreting it."""
        while data := self._take(0.1):
            self.written += data

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._own_home.cleanup()


def configure(home: Path, text: str) -> Path:
    """Write the configuration of programs with this home directory."""
    path = home / ".config" / "beantop" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def state_in(home: Path) -> Path:
    """The preferences file of programs with this home directory."""
    return home / ".local" / "state" / "beantop" / "state.json"


_DEVELOPERS = {"BEANTOP_CONFIG", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY"}
_OF_PICTURES = {"COLUMNS", "LINES"}


def _environment(home: Path) -> dict[str, str]:
    """Ours, less what the developer chose for himself, and the size that pictures in other tests set."""
    unwanted = _DEVELOPERS | _OF_PICTURES
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TZ": "UTC",
    }
