"""`beantop record`: record what servers say, for `beantop replay`."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing, closing, suppress

from beantop.beanstalk import format_address
from beantop.commands.arguments import check_file_name, file_name, interval, read_with
from beantop.commands.invocation import Invocation
from beantop.config import ServerConfig
from beantop.ending import ended_by
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from beantop.formatting import parse_duration, plural, read_size, size
from beantop.interval import INTERVAL
from beantop.jobs.storage import describe_file_error
from beantop.monitor.frames import Full
from beantop.monitor.poller import Poller, ServerStatus
from beantop.monitor.recording import Recorder
from beantop.report.output import say
from beantop.report.recorded import FOR_SECONDS, FULL, MAX_SIZE, open_recorder

DESCRIPTION = """\
Poll the servers and append each poll to FILE, compressed, until a limit or ctrl-c ends it. A file that
exists is continued. `beantop replay FILE` shows it."""

EXAMPLES = """\
  beantop record night.rec queue-1 queue-2
  beantop record --for 2h --max-size 100M incident.rec queue-1
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=file_name, metavar="FILE")
    parser.add_argument(
        "--max-size",
        type=_size,
        default=MAX_SIZE,
        metavar="SIZE",
        help="end before the file is larger than SIZE, such as 500M (default: 1G)",
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        type=_duration,
        default=FOR_SECONDS,
        metavar="TIME",
        help="end after TIME, such as 30m (default: 24h)",
    )
    parser.add_argument(
        "-i", "--interval", type=interval, metavar="SECS", help="poll every SECS (default: 1)"
    )


def run(invocation: Invocation) -> int:
    options, servers = invocation.options, invocation.servers
    check_file_name(options, invocation.settings)
    interval = options.interval or invocation.settings.interval or INTERVAL
    recorder = open_recorder(options.file, servers, interval, options.max_size)
    say(f"recording {plural(len(servers), 'server')} into {options.file}; ctrl-c ends it")
    with closing(recorder):
        try:
            code = asyncio.run(_Run(recorder, servers, interval).until(options.seconds))
        finally:
            say(f"{options.file}: {plural(recorder.polls, 'poll')}, {size(recorder.size)}")
    return code


class _Run:
    """One run of the command."""

    def __init__(
        self, recorder: Recorder, servers: Sequence[ServerConfig], interval: float
    ) -> None:
        self._recorder, self._servers, self._interval = recorder, servers, interval
        self._answered = [False] * len(servers)
        self._code: int | None = None
        self._end = asyncio.Event()

    async def until(self, seconds: float) -> int:
        """Record for this time, unless something ends it earlier. Return the exit code."""
        loop = asyncio.get_running_loop()

        def end(code: int) -> None:
            loop.call_soon_threadsafe(self._end_with, code)

        with ended_by(end):
            async with asyncio.TaskGroup() as group:
                numbered = enumerate(self._servers, 1)
                tasks = [group.create_task(self._watch(number, one)) for number, one in numbered]
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await self._end.wait()
                for task in tasks:
                    task.cancel()
        return self._result() if self._code is None else self._code

    def _end_with(self, code: int | None) -> None:
        self._code = code
        self._end.set()

    def _result(self) -> int:
        if all(self._answered):
            return OK
        return INCOMPLETE if any(self._answered) else NO_CONNECTION

    async def _watch(self, number: int, server: ServerConfig) -> None:
        """Record one server until a limit is reached or the file cannot be written."""
        before = ""
        try:
            async with aclosing(Poller(server.address, self._interval).watch()) as statuses:
                async for status in statuses:
                    self._recorder.note(number, status, time.time())
                    self._answered[number - 1] |= status.seen
                    before = _say_change(before, server, status)
        except Full:
            say(FULL)
            self._end_with(None)
        except OSError as error:
            say(f"the recording cannot be written: {describe_file_error(error)}")
            self._end_with(USAGE)


def _say_change(before: str, server: ServerConfig, status: ServerStatus) -> str:
    """Say that the connection was lost, or is back. Return the state of the connection."""
    state, where = status.link.state, format_address(server.address)
    if state == "down" and before != "down":
        say(f"cannot poll {where}: {status.link.reason}; trying again")
    elif state == "up" and before == "down":
        say(f"{where} answers again")
    return state


def _size(text: str) -> int:
    return read_with(read_size, text)


def _duration(text: str) -> float:
    return read_with(parse_duration, text)
