"""The destination of `beantop move` and `beantop copy`: a tube, here or on another server."""

import argparse
from dataclasses import replace
from functools import partial

from beantop.app.action_context import ActionContext
from beantop.app.actions.destination import exists, read_destination
from beantop.beanstalk import identity
from beantop.commands import on_jobs
from beantop.commands.arguments import name_first
from beantop.commands.invocation import Invocation
from beantop.commands.on_jobs import JobVerb, add_choice, change_jobs
from beantop.config.servers import servers_of
from beantop.formatting import is_digits

OTHER = 2
"""The number of the other server, as the screen has it before a tube: 2:emails."""


def add_destination(parser: argparse.ArgumentParser) -> None:
    """Take the jobs, and the tube that they go to."""
    add_choice(parser, destination="a tube, or SERVER:TUBE for a tube of another server")
    parser.add_argument(
        "--create", action="store_true", help="go to a tube that does not exist yet"
    )


def sort_out(options: argparse.Namespace) -> None:
    """Tell the jobs from the destination, and that from the servers."""
    on_jobs.sort_out(options, "destination")
    server, _, tube = options.destination.rpartition(":")
    is_port = server and is_digits(tube) and not options.hosts
    if is_port or (server and tube.startswith("/")):  # unix:/path, tcp://host
        raise ValueError(name_first(options.destination, "destination"))


def to_destination(invocation: Invocation, verb: JobVerb) -> int:
    """Move or copy the jobs to the destination: TUBE, or SERVER:TUBE."""
    options = invocation.options
    server, _, tube = options.destination.rpartition(":")
    if is_digits(server) and not invocation.settings.server_named(server):
        raise ValueError(
            f"{server} is not a server: name it, as in queue-{server}:{tube}, or by its address"
        )
    there = servers_of([server], invocation.settings)[0] if server else None
    if there and identity(there.address) == identity(invocation.server.address):
        there = None
    if verb.name == "move" and there is None and tube == options.tube:
        raise ValueError(f"the jobs of {tube} are already there")
    text = f"{OTHER}:{tube}" if there else tube
    if not options.create:
        verb = replace(verb, why_not_there=partial(_missing, text=text))
    return change_jobs(invocation, verb, there, text=text, creates=options.create)


async def _missing(context: ActionContext, text: str) -> str:
    """Return a sentence if the destination does not exist, else ""."""
    destination = read_destination(context.view, text)
    if await exists(context, destination):
        return ""
    return f"There is no tube {destination.words}. Nothing would be changed: add --create."
