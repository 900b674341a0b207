"""Print the new jobs of a tube as they come. None is reserved."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from beantop.beanstalk import Error, describe_error, format_address
from beantop.commands.found import Wanted, code_of
from beantop.commands.invocation import Invocation
from beantop.commands.listed import job_printer
from beantop.commands.printer import Printer
from beantop.config import ServerConfig
from beantop.exit_codes import NO_CONNECTION, OK
from beantop.formatting import duration, grouped, plural
from beantop.jobs.connection import ActingConnection
from beantop.jobs.follow import Follow, NewJob
from beantop.report.jobs import JobRow, job_row
from beantop.report.output import say

POLL_SECONDS = 0.1
"""Seconds between polls: jobs that live longer are seen. A poll without new jobs costs two commands."""

RETRY_SECONDS = 1.0
"""Seconds until the next poll after one that failed."""

MISSED_SECONDS = 10.0
"""Seconds for which nothing more is said about missed jobs."""

RATE = 3_000.0
"""Maximum commands per second: about 2% of a server's time."""


def follow(invocation: Invocation, wanted: Wanted) -> int:
    """Print new jobs until a signal ends it, or as many as the limit allows. Return the exit code."""
    printer = job_printer(invocation, at_once=True)
    followed = [
        Followed(server, wanted, printer, with_bodies=invocation.options.bodies)
        for server in invocation.servers
    ]
    try:
        return code_of(asyncio.run(_follow_all(followed)))
    finally:
        for each in followed:
            each.say_counts()


async def _follow_all(followed: "Sequence[Followed]") -> Sequence[int]:
    return await asyncio.gather(*(each.run() for each in followed))


class Followed:
    """A tube of one server."""

    def __init__(
        self, server: ServerConfig, wanted: Wanted, printer: Printer[JobRow], *, with_bodies: bool
    ) -> None:
        self._server, self._wanted, self._printer = server, wanted, printer
        self._with_bodies = with_bodies
        self._passes = _test(wanted)
        self._follow: Follow | None = None
        self._problem = ""
        self._missed, self._said_at = 0, -math.inf

    async def run(self) -> int:
        """Print new jobs until enough were printed. Return the exit code: `NO_CONNECTION` if the first
        connection fails, else `OK`."""
        with closing(ActingConnection(self._server.address)) as connection:
            follow = Follow(connection, self._wanted.tube, lambda: RATE)
            while not self._printer.is_full:
                try:
                    new = await follow.poll()
                except Error as error:
                    if self._follow is None:
                        say(f"cannot follow {self._place}: {describe_error(error)}")
                        return NO_CONNECTION
                    self._note(f"lost, trying again: {describe_error(error)}")
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                self._follow = follow
                self._note("")
                self._print(new)
                self._note_missed(follow)
                await asyncio.sleep(POLL_SECONDS)
        return OK

    @property
    def _place(self) -> str:
        return f"{self._wanted.tube} of {format_address(self._server.address)}"

    def _note(self, problem: str) -> None:
        """Say that the connection was lost, or that it is there again, once."""
        if problem != self._problem:
            say(f"{self._place}: {problem or 'connected again'}")
            self._problem = problem

    def _note_missed(self, follow: Follow) -> None:
        """Say how many jobs were missed by now, if there are more, but not all the time."""
        now = time.monotonic()
        if follow.missed > self._missed and now - self._said_at >= MISSED_SECONDS:
            self._missed, self._said_at = follow.missed, now
            say(f"{self._place}: {grouped(follow.missed)} missed so far")

    def _print(self, new: Sequence[NewJob]) -> None:
        rows = [
            job_row(
                self._server.title, job, body, self._wanted.reading, with_body=self._with_bodies
            )
            for job, body in new
            if self._passes(NewJob(job, body))
        ]
        if rows:
            self._printer.print(rows)

    def say_counts(self) -> None:
        """Say how many jobs came, and how many of them could not be read."""
        follow = self._follow
        if follow is None:
            return
        passed = duration(max(0, time.monotonic() - follow.began_at))
        words = f"{plural(follow.put, 'new job')} in {passed}"
        if follow.missed:
            words += f", {grouped(follow.missed)} missed: gone before they were read, or too many"
        if follow.may_have_missed_more:
            words += "; more may have been missed"
        say(f"{self._place}: {words}")


def _test(wanted: Wanted) -> Callable[[NewJob], bool]:
    """Return whether a new job is printed. A job that was gone before its body was read has none."""
    chosen, state = wanted.filter, wanted.state
    if chosen is None:
        return lambda new: state in (None, new.job.state)
    from beantop.beanstalk import Job

    match = chosen.matcher(lambda id: wanted.reading)

    def passes(new: NewJob) -> bool:
        job, body = new
        found = match(Job(job.id, body)) if body is not None else None
        return state in (None, job.state) and chosen.keeps(job, {job.id: found} if found else {})

    return passes
