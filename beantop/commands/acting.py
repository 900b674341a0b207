"""Run an action for a command line: the code of the keys, with their guards, on one server."""

import argparse
import asyncio
import math
import os
import time
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

from beantop.app.action_context import ActionContext
from beantop.app.questions import Question
from beantop.app.session.options import Options
from beantop.app.session.session import Session
from beantop.beanstalk import (
    Address,
    AsyncClient,
    Error,
    commands,
    describe_error,
    format_address,
)
from beantop.beanstalk.blocking import BlockingPipeline
from beantop.beanstalk.replies import BODY_LIMIT
from beantop.commands.chosen_jobs import NotFound
from beantop.commands.command_user import Answers, CommandUser
from beantop.commands.invocation import Invocation
from beantop.commands.logged import logged
from beantop.config import ServerConfig, Settings
from beantop.ending import code_of_signal
from beantop.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import take_snapshot
from beantop.preferences import journal_path, parking_path, trash_path
from beantop.report.output import NoReader, write

TIMEOUT = 5.0
"""Seconds to connect, and for each step of a poll."""


@dataclass(frozen=True)
class Site:
    """A server that was reached, and what an action needs there."""

    verb: str
    """The command: "kick"."""
    options: argparse.Namespace
    context: ActionContext
    user: CommandUser
    tell: Callable[[int, str], int]
    """Says a sentence, and returns the exit code that it is given."""

    def report(
        self, tally: Tally, tube: str | None, more: Mapping[str, object] | None = None
    ) -> int:
        """Print the tally if JSON is wanted, and return the exit code."""
        unread = OK
        if self.options.json:
            import json

            server = self.context.view.known.title
            members = {"server": server, "tube": tube, "action": self.verb, **tally.as_members()}
            new_ids = {"new_ids": list(tally.new_ids.values())} if tally.new_ids else {}
            try:
                write(json.dumps({**members, **new_ids, **(more or {})}))
            except NoReader as end:
                unread = end.code
        is_well = tally.done + tally.of(Outcome.NOT_PAUSED) == tally.total
        code = OK if is_well else self.user.ended or INCOMPLETE
        return code or (INCOMPLETE if unread and self.user.has_begun else unread)

    def report_nothing(self) -> int:
        """Return the exit code of an action without a tally, which has said why."""
        if self.user.ended or self.user.is_unanswered:
            return self.user.ended or USAGE
        if self.user.has_failed:
            return INCOMPLETE if self.user.has_changed else USAGE
        return OK if self.user.has_changed else INCOMPLETE

    def report_question(self, tube: str | None, tally: Tally | None) -> int:
        """Report what came of an action. With `--dry-run`, print the question that it began with."""
        if not (self.options.dry_run and self.user.asked):
            return self.report(tally, tube) if tally else self.report_nothing()
        asked, number = self.user.asked, self.user.number
        if not self.options.json:
            lines = ["".join(text for text, _ in line) for line in asked.lines]
            if asked.about == "how many":
                lines.append(f" {self.verb:<7} {number:,}")
            write("\n".join([f"{asked.title} Nothing was changed: this is a dry run.", *lines]))
        return self.report(_expected(asked, number, tube), tube, {"dry_run": True})


def _expected(asked: Question[Any], number: int, tube: str | None) -> Tally:
    """Return what should come of a change of this number of jobs or tubes."""
    if tube is None or asked.about != "how many":
        return Tally(number, done=number)
    tally = Tally(1)
    tally.note_tube(tube, Reason(Outcome.DONE), number)
    return tally


Work: TypeAlias = Callable[[Site], Coroutine[Any, Any, int]]


def act(
    invocation: Invocation,
    verb: str,
    answers: Answers,
    work: Work,
    there: ServerConfig | None = None,
    before: Callable[[], None] | None = None,
) -> int:
    """Reach the server, and the one that jobs go to, if that is another one; do the work, and return the
    exit code. `before` is called before the server is polled, for slow input. Both may raise ValueError with
    a sentence."""
    server = invocation.server
    servers = [server, *([there] if there else [])]

    def reach_and_do(tell: Callable[[int, str], int]) -> int:
        user = CommandUser(answers, tell)
        try:
            if before:
                before()
            return asyncio.run(_reach_and_do(servers, invocation, verb, user, work, tell))
        except NotFound as error:
            return tell(USAGE, f"{error}; nothing was changed")
        except _NotReached as error:
            return tell(NO_CONNECTION, f"cannot {verb} {error}")
        except Error as error:
            where = format_address(server.address)
            return tell(NO_CONNECTION, f"cannot {verb} on {where}: {describe_error(error)}")
        except ValueError as error:
            return tell(USAGE, str(error))
        except MemoryError:
            if user.has_begun:
                raise
            return tell(USAGE, "there is not enough memory for all jobs: nothing was changed")
        except (KeyboardInterrupt, SystemExit) as error:
            end = "" if user.has_begun else ": nothing was changed"
            return tell(code_of_signal(error) or INTERRUPTED, f"stopped{end}")

    return logged(invocation.options.log, reach_and_do)


async def _reach_and_do(
    servers: Sequence[ServerConfig],
    invocation: Invocation,
    verb: str,
    user: CommandUser,
    work: Work,
    tell: Callable[[int, str], int],
) -> int:
    options = invocation.options
    tube: str | None = getattr(options, "tube", None)
    session = _session(servers, invocation.settings, tube, writes=options.write)
    await _poll(session, tell)
    server = session.fleet.servers[0]
    user.why_off = session.fleet.why_readonly(server)
    with closing(server.connection):
        context = ActionContext(
            user, server.connection, session.services, lambda: session.views()[0]
        )
        if user.why_off and not options.dry_run:
            return tell(USAGE, user.why_off)
        code = await work(Site(verb, options, context, user, tell))
    if session.services.journal and (problem := session.services.journal.settle()):
        tell(INCOMPLETE, problem)
        return code or INCOMPLETE
    return code


def _session(
    servers: Sequence[ServerConfig], settings: Settings, tube: str | None, *, writes: bool
) -> Session:
    """Return a session of the servers with the usual stores, in which only this tube is polled. Options answer
    every question, so the configuration cannot switch questions off."""
    options = Options(
        settings._replace(confirm="all"),
        writes=writes,
        trash=Trash(trash_path(os.environ)) if settings.trash else None,
        parking=Parking(parking_path(os.environ)),
        journal=Journal(journal_path(os.environ)),
    )
    watchers = [PolledOnce(server.address, tube) for server in servers]
    return Session(watchers, options, servers, time.monotonic, time.time)


class _NotReached(Exception):
    """A server could not be polled. The text says which, and why, as the end of a sentence."""


async def _poll(session: Session, tell: Callable[[int, str], int]) -> None:
    """Poll all servers once, and find out which rules of the configuration hold for them. Raises
    `_NotReached`."""
    for server in session.fleet.servers:
        try:
            async for status in server.watcher.watch():
                session.take(server, status)
        except Error as error:
            to = "on" if server is session.fleet.servers[0] else "to"
            where = format_address(server.watcher.address)
            raise _NotReached(f"{to} {where}: {describe_error(error)}") from error
    guarding = session.fleet.guarding
    while guarding.wants_look_up:
        for news in await guarding.look_up():
            tell(INCOMPLETE, news.sentence)
    for news in await guarding.ask_ids():
        tell(INCOMPLETE, news.sentence)


def largest_body(server: ServerConfig) -> int:
    """Return the size of the largest body that a server takes now, as far as beanstalkd can be told to
    take one. Raises `Error`."""
    with BlockingPipeline(server.address, TIMEOUT) as connection:
        stats = connection.call(commands.stats(), TIMEOUT)
    return min(stats.get("max-job-size", BODY_LIMIT), BODY_LIMIT)


class PolledOnce:
    """A source of the status of a server that polls only once, and of its tubes only one: there may be very
    many."""

    def __init__(self, address: Address, tube: str | None) -> None:
        self.address = address
        self._tube = tube
        self.interval = math.inf
        self.own_connections: Callable[[], int] = lambda: 1
        self.wanted: Callable[[], Collection[str]] = tuple
        self.spares = False

    def poke(self) -> None:
        pass

    def _chosen(self, names: list[str]) -> list[str]:
        return [name for name in names if name == self._tube]

    async def watch(self) -> AsyncGenerator[ServerStatus, None]:
        """Yield the status of the server. It is never late. Raises `Error`."""
        client = await AsyncClient.connect(self.address, timeout=TIMEOUT)
        with closing(client):
            snapshot = await take_snapshot(client, TIMEOUT, choose=self._chosen)
        link = Link("up", snapshot.taken_at)
        yield ServerStatus(self.address, link, snapshot, polls=1, pace=math.inf, peer=client.peer)
