"""`beantop alert`: watch servers, and report alerts that fire and end."""

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from beantop.commands.arguments import add_log, duration_within, named
from beantop.commands.invocation import Invocation
from beantop.commands.logged import logged
from beantop.config import Settings
from beantop.exit_codes import INCOMPLETE, OK, USAGE
from beantop.preferences import alert_path
from beantop.report.output import print_text

if TYPE_CHECKING:
    from beantop.app.session.unattended import Unattended
    from beantop.report.outbox import Outbox
    from beantop.report.receivers import Receiver

DESCRIPTION = """\
Watch servers without a screen. Each alert of the configuration that fires or ends, and each server that is
lost, is reported once to the commands and webhooks of [[notify]], and on standard error."""

EXAMPLES = """\
  beantop alert
  beantop alert --log /var/log/beantop.log queue-1 queue-2
  beantop alert --systemd-unit
"""

LOST = "1m"

LAST_WAIT = 10.0
"""Seconds for the reports that are under way at the end."""

LONGEST = 86_400.0

_CODES = {"information": OK, "warning": INCOMPLETE}
"""The exit codes that `logged` has for severities."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lost",
        type=duration_within(1, LONGEST),
        default=LOST,
        metavar="TIME",
        help=f"report a server without a connection for TIME (default: {LOST})",
    )
    parser.add_argument(
        "--state",
        type=named,
        metavar="DIR",
        help="remember what was reported in DIR; each `beantop alert` needs its own",
    )
    parser.add_argument(
        "--systemd-unit", action="store_true", help="print a unit file for systemd, and end"
    )
    add_log(parser)


def run(invocation: Invocation) -> int:
    options = invocation.options
    if options.systemd_unit:
        from beantop.report.systemd import unit_file

        return print_text(unit_file().rstrip())
    return logged(options.log, lambda say: _watch(invocation, say))


def _watch(invocation: Invocation, say: Callable[[int, str], int]) -> int:
    from beantop.jobs.storage import describe_file_error
    from beantop.report.outbox import Outbox
    from beantop.report.receivers import receiver_of

    state, notify = invocation.options.state, invocation.settings.notify
    directory = Path(state) if state else alert_path(os.environ)
    receivers = {receiver.key: receiver for receiver in map(receiver_of, notify)}
    try:
        names = {key: receiver.name for key, receiver in receivers.items()}
        outbox = Outbox(directory, names, lambda text: say(INCOMPLETE, text))
    except OSError as error:
        return say(USAGE, f"cannot watch: {directory}: {describe_file_error(error)}")
    heartbeats = {receiver_of(one).key: one.heartbeat for one in notify if one.heartbeat}
    _start(list(receivers.values()), outbox, say)
    for sentence in (_summary(invocation, outbox), *_not_reported(invocation.settings)):
        say(OK, sentence)
    try:
        return _until_signal(_unattended(invocation, outbox, say), heartbeats)
    finally:
        outbox.close(LAST_WAIT)


def _start(receivers: "list[Receiver]", outbox: "Outbox", say: Callable[[int, str], int]) -> None:
    from beantop.report.courier import Courier

    for receiver in receivers:
        Courier(receiver, outbox, lambda text: say(INCOMPLETE, text)).start()


def _not_reported(settings: Settings) -> Iterator[str]:
    """Yield what is not reported because the configuration lacks something."""
    if not settings.alerts:
        yield (
            "there is no [[alert]] in the configuration: only a lost connection is reported"
            " (see beantop --default-config)"
        )
    if not any(one.command or one.url for one in settings.notify):
        yield (
            "there is no [[notify]] with a command or url in the configuration: alerts are only"
            " printed (see beantop --default-config)"
        )


def _summary(invocation: Invocation, outbox: "Outbox") -> str:
    from beantop.beanstalk import format_address
    from beantop.formatting import plural

    firing = sum(map(outbox.firing_at, {format_address(one.address) for one in invocation.servers}))
    since_before = f"; {plural(firing, 'alert')} still firing from the last run" if firing else ""
    settings, names = invocation.settings, [server.title for server in invocation.servers]
    rules, receivers = (
        plural(len(settings.alerts), "rule"),
        plural(len(settings.notify), "receiver"),
    )
    return f"watching {', '.join(names)}: {rules}, {receivers}{since_before}"


def _unattended(
    invocation: Invocation, outbox: "Outbox", say: Callable[[int, str], int]
) -> "Unattended":
    import time

    from beantop.app.session.server_session import ServerSession
    from beantop.app.session.unattended import Unattended
    from beantop.interval import INTERVAL
    from beantop.monitor.poller import Poller

    settings = invocation.settings
    servers = [
        ServerSession(
            Poller(server.address, settings.interval or INTERVAL), number, time.monotonic, server
        )
        for number, server in enumerate(invocation.servers, start=1)
    ]
    return Unattended(
        servers,
        settings.alerts,
        outbox,
        lambda text, severity: say(_CODES.get(severity, USAGE), text),
        lost_after=invocation.options.lost,
    )


def _until_signal(unattended: "Unattended", heartbeats: dict[str, float]) -> int:
    """Watch until a signal ends the program. Return the exit code."""
    import asyncio

    from beantop.ending import ended_by

    codes: list[int] = []

    async def watch() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def end(code: int) -> None:
            codes.append(code)
            loop.call_soon_threadsafe(ended.set)

        with ended_by(end, seconds=2 * LAST_WAIT):
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(unattended.run(heartbeats))
                telling = tasks.create_task(_tell_systemd())
                await ended.wait()
                watching.cancel()
                telling.cancel()

    asyncio.run(watch())
    return codes[0]


async def _tell_systemd() -> None:
    """Tell systemd that the program is ready, and then that its event loop runs."""
    import asyncio

    from beantop.report.systemd import tell, watchdog_seconds

    tell(os.environ, "READY=1")
    while seconds := watchdog_seconds(os.environ):
        tell(os.environ, "WATCHDOG=1")
        await asyncio.sleep(seconds)
