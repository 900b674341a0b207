"""Say what a sub-command did, on standard error and in the file of `--log`."""

import time
from collections.abc import Callable

from beantop.exit_codes import INCOMPLETE, OK
from beantop.formatting import printable
from beantop.report.output import say

LOG_SECONDS = 2.0
"""Seconds to wait at the end for a log whose disk is slow."""

_SEVERITIES = {OK: "information", INCOMPLETE: "warning"}
"""How severe a sentence is, by the exit code; other codes mean an error."""


def logged(name: str | None, work: Callable[[Callable[[int, str], int]], int]) -> int:
    """Call `work` with a function `tell(code, sentence)`, which prints the sentence, appends it to the log file
    `name`, if any, and returns the code. Return the code of `work`, or `INCOMPLETE` instead of `OK` if lines of
    the log are missing. Raises `ConfigError` if the log cannot be opened."""
    from beantop.app.session.log import Entry, open_log

    log = open_log(name)
    problems: list[str] = []

    def report_problem() -> None:
        if log and (problem := log.new_problem()):
            problems.append(problem)
            say(problem)

    def tell(code: int, sentence: str) -> int:
        if sentence:
            say(sentence)
        if sentence and log:
            severity = _SEVERITIES.get(code, "error")
            log.note(Entry(time.time(), severity, printable(sentence)))
            report_problem()
        return code

    try:
        code = work(tell)
    finally:
        if log:
            log.settle(LOG_SECONDS)
            report_problem()
    return INCOMPLETE if problems and code == OK else code
