"""Where jobs are moved or copied to: a tube, of this server or of another one that is watched."""

from typing import NamedTuple

from beantop.app.actions.confirmation import production_word
from beantop.app.questions import read_count
from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.beanstalk import commands
from beantop.config import ServerConfig
from beantop.formatting import printable
from beantop.jobs.connection import ActingConnection


class Destination(NamedTuple):
    """A tube, and its server, unless that is the one at hand."""

    tube: str
    server: ServerConfig | None = None

    @property
    def words(self) -> str:
        """As the end of a sentence; safe to show."""
        tube = printable(self.tube)
        return f"{tube} on {printable(self.server.title)}" if self.server else tube

    @property
    def line(self) -> Line:
        """Of a question."""
        line: Line = [(" to      ", "dim"), (self.words, "bold")]
        production = self.server is not None and self.server.production
        return [*line, *production_word(production)]

    def connect(self) -> ActingConnection | None:
        """A connection to the other server, for this alone; None stays on the one at hand."""
        return ActingConnection(self.server.address) if self.server else None


def read_destination(view: ServerView, text: str) -> Destination:
    """What a user typed: `name`, or `2:name` for the tube of that name on server 2. Raises
    ValueError with a sentence."""
    before, colon, name = text.partition(":")
    tube = name if colon else text
    number = read_count(before) if colon else view.number
    if number is None or not 1 <= number <= max(1, len(view.fleet)):
        raise ValueError(f"There is no server {before}.")
    here = number == view.number
    if not here and view.fleet[number - 1].readonly:
        raise ValueError(f"Server {number} is read-only.")
    try:
        commands.check_tube(tube)
    except ValueError as error:
        raise ValueError(f"{error}.") from None
    return Destination(tube, None if here else view.fleet[number - 1])


def what_is_wrong(view: ServerView, text: str) -> str:
    """Why that is no goal; nothing if it is one."""
    try:
        read_destination(view, text)
    except ValueError as error:
        return str(error)
    return ""


def other_servers(view: ServerView) -> list[Line]:
    """The servers that can be typed before a tube, for a question."""
    numbered = enumerate(view.fleet, start=1)
    lines = [_server(number, known) for number, known in numbered if number != view.number]
    head: Line = [(" 2:name is the tube with that name on server 2:", "dim")]
    return [[], head, *lines] if lines else []


def _server(number: int, known: ServerConfig) -> Line:
    line: Line = [(f"   {number}  {printable(known.title)}", "")]
    if known.readonly:
        line.append(("  read-only", "dim"))
    return [*line, *production_word(known.production)]
