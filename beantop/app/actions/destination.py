"""Where jobs are moved or copied to: a tube, of this server or of another one that is watched."""

from typing import NamedTuple

from beantop.app.actions.confirmation import production_word
from beantop.app.questions import read_count
from beantop.app.session.server_view import Facts
from beantop.app.view.lines import Line
from beantop.beanstalk import commands
from beantop.config import KnownServer
from beantop.formatting import shown
from beantop.jobs.connection import ActingConnection


class Goal(NamedTuple):
    """A tube, and its server, unless that is the one at hand."""

    tube: str
    server: KnownServer | None = None

    @property
    def words(self) -> str:
        """As the end of a sentence; safe to show."""
        tube = shown(self.tube)
        return f"{tube} on {shown(self.server.title)}" if self.server else tube

    @property
    def line(self) -> Line:
        """Of a question."""
        line: Line = [(" to      ", "dim"), (self.words, "bold")]
        production = self.server is not None and self.server.production
        return [*line, *production_word(production)]

    def connect(self) -> ActingConnection | None:
        """A connection to the other server, for this alone; None stays on the one at hand."""
        return ActingConnection(self.server.address) if self.server else None


def read_goal(facts: Facts, text: str) -> Goal:
    """What a user typed: `name`, or `2:name` for the tube of that name on server 2. Raises
    ValueError with a sentence."""
    before, colon, name = text.partition(":")
    tube = name if colon else text
    number = read_count(before) if colon else facts.number
    if number is None or not 1 <= number <= max(1, len(facts.fleet)):
        raise ValueError(f"There is no server {before}.")
    here = number == facts.number
    if not here and facts.fleet[number - 1].readonly:
        raise ValueError(f"Server {number} is read-only.")
    try:
        commands.check_tube(tube)
    except ValueError as error:
        raise ValueError(f"{error}.") from None
    return Goal(tube, None if here else facts.fleet[number - 1])


def what_is_wrong(facts: Facts, text: str) -> str:
    """Why that is no goal; nothing if it is one."""
    try:
        read_goal(facts, text)
    except ValueError as error:
        return str(error)
    return ""


def other_servers(facts: Facts) -> list[Line]:
    """The servers that can be typed before a tube, for a question."""
    numbered = enumerate(facts.fleet, start=1)
    lines = [_server(number, known) for number, known in numbered if number != facts.number]
    head: Line = [(" 2:name is the tube with that name on server 2:", "dim")]
    return [[], head, *lines] if lines else []


def _server(number: int, known: KnownServer) -> Line:
    line: Line = [(f"   {number}  {shown(known.title)}", "")]
    if known.readonly:
        line.append(("  read-only", "dim"))
    return [*line, *production_word(known.production)]
