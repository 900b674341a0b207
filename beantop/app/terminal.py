"""Leaving the terminal as it was found, however the program ends."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

LAST_WAIT = 2.0
"""Seconds for an orderly end. Textual waits for ever for a terminal that takes no more output."""


def end_on_signals(end: Callable[[int], None]) -> None:
    """Call `end` with the usual exit code, 128 + the signal's number."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, end, 128 + number)


def end_by_force(code: int) -> None:
    """End the process a little later, should it still be there."""
    last_resort = threading.Timer(LAST_WAIT, os._exit, [code])
    last_resort.daemon = True
    last_resort.start()


def terminal_is_gone() -> bool:
    """Whether there is no terminal any more. SIGHUP tells of that only who leads the session."""
    try:
        os.tcgetpgrp(0)
    except OSError:
        return True
    return False
