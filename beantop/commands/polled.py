"""Sub-commands that print what one poll of each server says, once or every few seconds."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from beantop.beanstalk import Address, Error, describe_error, format_address
from beantop.commands.invocation import Invocation
from beantop.commands.repeated import repeat, with_time
from beantop.config import ServerConfig
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK
from beantop.monitor.snapshot import Snapshot
from beantop.report.output import say, write_lines
from beantop.report.polls import poll_all, poll_once
from beantop.report.rows import Fields, as_csv, as_json_lines

Row = TypeVar("Row")


def print_polls(
    invocation: Invocation,
    fields: Fields[Row],
    rows_of: Callable[[ServerConfig, Snapshot], Sequence[Row]],
    table_of: Callable[[Sequence[Row], Invocation], Sequence[str]],
    poll: Callable[[Address], Snapshot] = poll_once,
) -> int:
    """Poll the servers by `poll`, print their rows, and return the exit code."""
    options = invocation.options

    def print_once(is_first: bool) -> int:
        columns = with_time(invocation, fields)
        answers = poll_all(invocation.servers, poll)
        rows: list[Row] = []
        for server, answer in zip(invocation.servers, answers, strict=True):
            if isinstance(answer, Snapshot):
                rows += rows_of(server, answer)
        if options.json:
            write_lines(as_json_lines(columns, rows))
        elif options.csv and rows:
            write_lines(as_csv(columns, rows, headings=is_first))
        elif rows:
            write_lines(table_of(rows, invocation))
        return _report(invocation.servers, answers)

    return repeat(invocation, print_once)


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
