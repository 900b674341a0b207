"""Running a program of the user's in this terminal, with a private file, and coming back."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from textual.app import App, SuspendNotSupported


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
    try:
        environment = {**os.environ, **more}
        with subprocess.Popen(command, env=environment) as program, _signals_for(program):
            code = program.wait()
    except (OSError, ValueError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    return f"it ended with exit code {code}" if code else ""


@contextmanager
def _signals_for(program: subprocess.Popen[bytes]) -> Iterator[None]:
    """ctrl+c is for the program, which shares our terminal. What is to end us ends it first."""
    ends: list[int] = []

    def end(number: int, frame: object) -> None:
        ends.append(number)
        program.terminate()

    loop_wakes_by = signal.set_wakeup_fd(-1)  # asyncio would hear of them later
    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, end),
        signal.SIGHUP: signal.signal(signal.SIGHUP, end),
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(loop_wakes_by)
        for number in ends:
            os.kill(os.getpid(), number)
