"""Running an external program in this terminal, as an editor on a private file."""

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
"""Seconds that the program has to end after SIGTERM, before it is killed."""


def run_outside(
    app: App[None],
    variables: Sequence[str],
    usual: str,
    file: str,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run the program named by the first of these environment variables that is set, or the usual
    one, on a file. Return why that failed, as a sentence, or ""."""
    named = next((name for name in variables if os.environ.get(name)), "")
    try:
        command = shlex.split(os.environ.get(named) or usual) or [usual]
    except ValueError:
        return f"${named} has an unclosed quotation mark: {os.environ[named]!r}."
    try:
        with app.suspend():  # must not raise: suspend() would not resume the app
            why = _run([*command, file], environment or {})
    except SuspendNotSupported:
        return "Other programs cannot run here: beantop cannot suspend itself in this terminal."
    return why and f"{command[0]} failed: {why}. Set ${variables[0]} to use another program."


def _run(command: list[str], environment: Mapping[str, str]) -> str:
    """Return why the program failed, or ""."""
    programs: list[subprocess.Popen[bytes]] = []
    received: list[int] = []

    def end(number: int, frame: object) -> None:
        received.append(number)
        for program in programs:
            _end(program)

    try:
        with _modes_restored(), _signals_handled(end, received):
            programs.append(subprocess.Popen(command, env={**os.environ, **environment}))
            if received:  # a signal came while the program started
                _end(programs[0])
            code = programs[0].wait()
    except (OSError, ValueError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    return f"it ended with exit code {code}" if code else ""


def _end(program: subprocess.Popen[bytes]) -> None:
    """Terminate the program; kill it if it has not ended after a while."""
    program.terminate()
    kill = threading.Timer(PROGRAM_WAIT, program.kill)
    kill.daemon = True
    kill.start()


@contextmanager
def _modes_restored() -> Iterator[None]:
    """Restore the terminal's modes after the block.

    A killed program leaves its own modes, which Textual would take for the original ones.
    """
    try:
        before = termios.tcgetattr(0)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal may be gone by now
            termios.tcsetattr(0, termios.TCSANOW, before)


@contextmanager
def _signals_handled(end: Callable[[int, object], None], received: Sequence[int]) -> Iterator[None]:
    """Handle signals while the program runs.

    SIGINT from ctrl+c is left to the program, which shares our terminal. Termination signals call
    `end`; those in `received` are sent to this process again after the block, so that the previous
    handlers get them.
    """
    ending = set(handled_signals()) - {signal.SIGINT}
    before = {signum: signal.signal(signum, end) for signum in ending}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with last_resort.going(Way(LAST_WAIT + PROGRAM_WAIT, ending)):
            yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
        for sent in received:
            os.kill(os.getpid(), sent)
