"""Running a program of the user's in this terminal, with a private file, and coming back."""

import os
import shlex
import signal
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from textual.app import App, SuspendNotSupported

from beantop.ending import LAST_WAIT, Way, handled_signals, last_resort

PROGRAM_WAIT = 2.0
"""Seconds for the program to end when it is asked to."""


def run_outside(
    app: App[None],
    variables: Sequence[str],
    usual: str,
    file: str,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run the program that one of these environment variables names, or the usual one, on a file.
    Why that could not be, as a sentence, or nothing."""
    named = next((name for name in variables if os.environ.get(name)), "")
    try:
        command = shlex.split(os.environ.get(named) or usual) or [usual]
    except ValueError:
        return f"${named} is {os.environ[named]!r}, in which a quotation mark is not closed."
    try:
        with app.suspend():  # which does not come back from an exception
            why = _run([*command, file], environment or {})
    except SuspendNotSupported:
        return "There is no terminal to show another program in."
    return why and f"{command[0]} could not be run: {why}. ${variables[0]} names another one."


def _run(command: list[str], more: Mapping[str, str]) -> str:
    programs: list[subprocess.Popen[bytes]] = []
    ends: list[int] = []

    def end(number: int, frame: object) -> None:
        ends.append(number)
        for program in programs:
            _end(program)

    try:
        with _modes_kept(), _signals_taken(end, ends):
            programs.append(subprocess.Popen(command, env={**os.environ, **more}))
            if ends:  # it came while the program started
                _end(programs[0])
            code = programs[0].wait()
    except (OSError, ValueError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    return f"it ended with exit code {code}" if code else ""


def _end(program: subprocess.Popen[bytes]) -> None:
    """Ask the program to end; a little later it is not asked any more."""
    program.terminate()
    kill = threading.Timer(PROGRAM_WAIT, program.kill)
    kill.daemon = True
    kill.start()


@contextmanager
def _modes_kept() -> Iterator[None]:
    """A program that is killed leaves the terminal as it had it, and Textual would take that for how
    the terminal was found."""
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):  # it may be gone by now
            termios.tcsetattr(0, termios.TCSANOW, before)


@contextmanager
def _signals_taken(end: Callable[[int, object], None], ends: Sequence[int]) -> Iterator[None]:
    """ctrl+c is for the program, which shares our terminal. What is to end us comes to `end`, and,
    when the block is over, from `ends` to whoever heard it before."""
    ending = set(handled_signals()) - {signal.SIGINT}
    before = {number: signal.signal(number, end) for number in ending}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with last_resort.going(Way(LAST_WAIT + PROGRAM_WAIT, ending)):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for sent in ends:
            os.kill(os.getpid(), sent)
