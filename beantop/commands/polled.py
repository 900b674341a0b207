"""Sub-commands that print what one poll of each server says, once or every few seconds."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from beantop.beanstalk import Error, describe_error, format_address
from beantop.commands.invocation import Invocation
from beantop.config import ServerConfig
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK
from beantop.monitor.snapshot import Snapshot
from beantop.report.output import say, write
from beantop.report.polls import poll_all
from beantop.report.rows import Fields, as_csv, as_json_lines

Row = TypeVar("Row")

CLEAR = "\x1b[2J\x1b[H"
"""Clears a terminal, before a table is printed again."""


def print_polls(
    invocation: Invocation,
    fields: Fields[Row],
    rows_of: Callable[[ServerConfig, Snapshot], Sequence[Row]],
    table_of: Callable[[Sequence[Row], Invocation], Sequence[str]],
) -> int:
    """Poll the servers, print their rows, and return the exit code; with `--watch`, do it again until
    a signal ends it."""
    options = invocation.options
    code = _print_once(invocation, fields, rows_of, table_of, is_first=True)
    while options.watch:
        time.sleep(options.watch)
        code = _print_once(invocation, fields, rows_of, table_of, is_first=False)
    return code


def _print_once(
    invocation: Invocation,
    fields: Fields[Row],
    rows_of: Callable[[ServerConfig, Snapshot], Sequence[Row]],
    table_of: Callable[[Sequence[Row], Invocation], Sequence[str]],
    *,
    is_first: bool,
) -> int:
    options = invocation.options
    answers = poll_all(invocation.servers)
    rows: list[Row] = []
    for server, answer in zip(invocation.servers, answers, strict=True):
        if isinstance(answer, Snapshot):
            rows += rows_of(server, answer)
    lines: Sequence[str] = ()
    if options.json:
        lines = as_json_lines(fields, rows)
    elif options.csv:
        lines = as_csv(fields, rows, headings=is_first)
    elif rows:
        lines = table_of(rows, invocation)
    clear = CLEAR if options.watch and not (options.json or options.csv) and _on_terminal() else ""
    if lines:
        write(clear + "\n".join(lines))
    return _report(invocation.servers, answers)


def _report(servers: Sequence[ServerConfig], answers: Sequence[Snapshot | Error]) -> int:
    """Say which servers did not answer, or only in part, and return the exit code."""
    lost = 0
    for server, answer in zip(servers, answers, strict=True):
        where = format_address(server.address)
        if isinstance(answer, Error):
            say(f"cannot poll {where}: {describe_error(answer)}")
            lost += 1
        elif answer.left_out:
            say(f"{where}: only {answer.listed} were read")
    if not lost:
        return OK
    return NO_CONNECTION if lost == len(servers) else INCOMPLETE


def _on_terminal() -> bool:
    return bool(sys.stdout and sys.stdout.isatty())
