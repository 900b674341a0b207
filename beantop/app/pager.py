"""Showing a text in the user's pager, and coming back."""

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import App, SuspendNotSupported


def page(app: App[None], text: str) -> str:
    """Show a text, safe to show, in $PAGER or `less`; why that could not be, or nothing.

    The file that the pager reads is the user's alone, and is deleted afterwards.
    """
    command = shlex.split(os.environ.get("PAGER") or "less")
    with tempfile.NamedTemporaryFile("w", prefix="beantop-", suffix=".txt") as file:
        file.write(text)
        file.flush()
        try:
            with app.suspend():  # which does not come back from an exception
                return _run([*command, file.name])
        except SuspendNotSupported:
            return "There is no terminal to show a pager in."


def _run(command: list[str]) -> str:
    environment = {**os.environ, "LESSSECURE": "1"}  # a body is no place to start a shell from
    try:
        with subprocess.Popen(command, env=environment) as pager, _signals_for(pager):
            pager.wait()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        return f"The pager {command[0]} could not be run: {why}. $PAGER names another one."
    return ""


@contextmanager
def _signals_for(pager: subprocess.Popen[bytes]) -> Iterator[None]:
    """ctrl+c is for the pager, which shares our terminal. What is to end us ends the pager first."""
    ends: list[int] = []

    def end(number: int, frame: object) -> None:
        ends.append(number)
        pager.terminate()

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
