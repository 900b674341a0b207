"""Destinations of moves and copies: a tube on this server or on another watched one."""

from collections.abc import Iterable
from contextlib import closing, nullcontext
from typing import NamedTuple

from beantop.app.action_context import ActionContext
from beantop.app.actions.confirmation import production_word, server_line
from beantop.app.questions import Confirm, read_count
from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.beanstalk import NotFoundError, commands, format_address
from beantop.config import ServerConfig
from beantop.config.settings import same_name
from beantop.did_you_mean import similar
from beantop.formatting import printable
from beantop.jobs.connection import ActingConnection
from beantop.jobs.known_server import KnownServer


class Destination(NamedTuple):
    """A tube, and its server if that is another one."""

    tube: str
    server: ServerConfig | None = None
    identity: KnownServer | None = None
    """What is known to recognize that server."""

    @property
    def words(self) -> str:
        """Return it as the end of a sentence; safe to show."""
        tube = printable(self.tube)
        return f"{tube} on {printable(self.server.title)}" if self.server else tube

    @property
    def line(self) -> Line:
        """Return the line of a question that names it."""
        line: Line = [(" to      ", "dim"), (self.words, "bold")]
        production = self.server is not None and self.server.production
        return [*line, *production_word(production)]

    @property
    def server_line(self) -> Line:
        """Return the line of a question that names its server, if that is another one."""
        if self.server is None:
            return []
        line: Line = [(" server  ", "dim"), (printable(self.server.title), "")]
        return [*line, *production_word(self.server.production)]

    def is_on(self, here: KnownServer) -> bool:
        """Return whether it is a tube of that server, also if this is watched under another name."""
        return self.server is None or bool(self.identity and self.identity.is_same(here))

    def connect(self) -> ActingConnection | None:
        """Return a connection of its own to the other server; None for the same server."""
        return ActingConnection(self.server.address) if self.server else None


def read_destination(view: ServerView, text: str) -> Destination:
    """Read what a user typed: `name`, or `2:name` for that tube on server 2, which may also be typed by its
    name or address. Raises ValueError with a sentence."""
    before, colon, tube = text.rpartition(":")
    if colon and not before:
        raise ValueError("The server before the colon is missing.")
    number = _number_of(view, before) if colon else view.number
    if number is None or not 1 <= number <= max(1, len(view.fleet)):
        raise ValueError(f"There is no server {before}.")
    here = number == view.number
    if not here and view.fleet[number - 1].readonly:
        raise ValueError(f"Server {number} is read-only.")
    try:
        commands.check_tube(tube)
    except ValueError as error:
        raise ValueError(f"{error}.") from None
    if here:
        return Destination(tube)
    known = view.identities[number - 1] if view.identities else None
    return Destination(tube, view.fleet[number - 1], known)


def _number_of(view: ServerView, text: str) -> int | None:
    """Return the number of the server that a user typed, or named; None if it is none."""
    if (number := read_count(text)) is not None:
        return number
    return next(
        (
            number
            for number, server in enumerate(view.fleet, 1)
            if text == format_address(server.address)
            or (server.name and same_name(server.name, text))
        ),
        None,
    )


def what_is_wrong(view: ServerView, text: str) -> str:
    """Return why a text is not a destination; "" if it is one."""
    try:
        read_destination(view, text)
    except ValueError as error:
        return str(error)
    return ""


def completed(view: ServerView, text: str) -> str:
    """Return the first destination that begins with what a user typed, and is longer; "" if there is
    none."""
    before, colon, name = text.rpartition(":")
    number = _number_of(view, before) if colon else view.number
    matches = (tube for tube in _tubes(view, number) if tube.startswith(name) and tube != name)
    first = min(matches, default="")
    return f"{before}{colon}{first}" if first else ""


def _tubes(view: ServerView, number: int | None) -> Iterable[str]:
    """Return the tubes of server `number` as far as they are known."""
    if number == view.number:
        return view.watched.snapshot.tubes
    if number is None or not 1 <= number <= len(view.statuses):
        return ()
    return view.statuses[number - 1].snapshot.tubes


async def exists(context: ActionContext, destination: Destination) -> bool:
    """Ask the server of the destination whether the tube exists. Raises what the connection raises."""
    other = destination.connect()
    with closing(other) if other else nullcontext():
        async with (other or context.connection).turn() as turn:
            try:
                await turn.call(commands.stats_tube(destination.tube))
            except NotFoundError:
                return False
    return True


async def is_created(context: ActionContext, destination: Destination) -> bool:
    """Ask whether to create a tube that does not exist: it may be a typo."""
    view = context.view
    number = view.number
    if destination.server:
        number = view.fleet.index(destination.server) + 1
    tube = printable(destination.tube)
    lines: list[Line] = [
        [(" tube    ", "dim"), (tube, "bold")],
        destination.server_line if destination.server else server_line(view),
        [],
        [(f" There is no tube {tube}.", "warn")],
    ]
    if meant := similar(destination.tube, list(filter(commands.is_tube, _tubes(view, number)))):
        lines.append([(f" Did you mean {printable(meant)}?", "warn")])
    question = Confirm("Create this tube?", lines, "Create it", "Edit the name", about="create")
    return await context.ask(question) is True


async def exists_or_is_created(context: ActionContext, destination: Destination) -> bool:
    """Return whether the tube exists, or the user agrees to create it. Raises what the connection raises."""
    return await exists(context, destination) or await is_created(context, destination)


def other_servers(view: ServerView) -> list[Line]:
    """Return the lines that list the other servers, by the numbers to type before a tube."""
    numbered = enumerate(view.fleet, start=1)
    lines = [_server(number, known) for number, known in numbered if number != view.number]
    head: Line = [(" For another server type its number first, for example 2:name.", "dim")]
    return [[], head, *lines] if lines else []


def _server(number: int, known: ServerConfig) -> Line:
    line: Line = [(f"   {number}  {printable(known.title)}", "")]
    if known.readonly:
        line.append(("  read-only", "dim"))
    return [*line, *production_word(known.production)]
