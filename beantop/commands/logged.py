"""Say what a sub-command did, on standard error and in the file of `--log`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from beantop.exit_codes import INCOMPLETE, OK
from beantop.formatting import printable
from beantop.report.output import say

LOG_SECONDS = 2.0
"""Seconds to wait at the end for a log whose disk is slow."""

_SEVERITIES = {OK: "information", INCOMPLETE: "warning"}
"""How severe a sentence is, by the exit code; other codes mean an error."""


@contextmanager
def logged(name: str | None) -> Iterator[Callable[[int, str], int]]:
    """Yield a function that says a sentence, notes it in the log file with this name, if any, and returns
    the exit code. Raises `ConfigError` if the log cannot be written."""
    from beantop.app.session.log import Entry, open_log

    log = open_log(name)

    def tell(code: int, sentence: str) -> int:
        if sentence:
            say(sentence)
        if sentence and log:
            severity = _SEVERITIES.get(code, "error")
            log.note(Entry(time.time(), severity, printable(sentence)))
        return code

    try:
        yield tell
    finally:
        if log:
            log.settle(LOG_SECONDS)
