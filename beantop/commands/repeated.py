"""`--watch`: print again every few seconds, until a signal ends it."""

import time
from collections.abc import Callable
from typing import TypeVar

from beantop.commands.invocation import Invocation
from beantop.exit_codes import NO_CONNECTION, USAGE
from beantop.report.output import clear_before_next
from beantop.report.rows import Field, Fields

Row = TypeVar("Row")


def repeat(invocation: Invocation, print_once: Callable[[bool], int]) -> int:
    """Call `print_once`; with `--watch`, call it again until it returns `USAGE`, since there is no such tube or
    job. Return its last exit code. Its argument is True until a server has answered."""
    options = invocation.options
    if not options.watch:
        return print_once(True)
    is_first = True
    while True:
        if not (options.json or options.csv):
            clear_before_next()
        began = time.monotonic()
        if (code := print_once(is_first)) == USAGE:
            return code
        is_first = is_first and code == NO_CONNECTION
        took = time.monotonic() - began
        # What takes long is much work for a server: it rests for as long.
        time.sleep(max(options.watch - took, took))


def with_time(invocation: Invocation, fields: Fields[Row]) -> Fields[Row]:
    """Return the fields for the round that begins now: with `--watch`, JSON and CSV also have its time."""
    if not invocation.options.watch or any(field.key == "taken_at" for field in fields):
        return fields
    from beantop.report.facts import iso

    taken_at = iso(time.time())
    return [*fields, Field("taken_at", lambda _: taken_at)]
