"""What an action may use: a connection, the trash, the log of actions, and a user to ask.

Actions do not know screens. A person at a screen is one kind of `User`; a command line is another.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.lines import Line
from beantop.jobs.connection import ActingConnection
from beantop.jobs.known_server import KnownServer

if TYPE_CHECKING:
    from beantop.app.questions import Question

T = TypeVar("T")

UNDO_KEY = "U"
"""What undoes a change on a screen."""


class Progress(NamedTuple):
    """How far a long piece of work is, and how to stop it."""

    title: str
    lines: Callable[[], list[Line]]
    stop: Callable[[], None]


class User(Protocol):
    """Whoever an action works for."""

    undo: str
    """What undoes a change: `UNDO_KEY`, or a command."""

    remembers: bool
    """Whether what was done is remembered. Without that, only what is on the disk can be undone: deletions."""

    @property
    def why_off(self) -> str:
        """Why nothing can be changed now, as a sentence; "" if it can."""
        ...

    async def ask(self, question: "Question[T]") -> T | None:
        """Return the answer to a question, or None."""
        ...

    def say(self, sentence: str) -> None:
        """Say why nothing happened, or a small thing that did."""
        ...

    def fail(self, sentence: str) -> None:
        """Say why something failed that was begun."""
        ...

    def poll_now(self) -> None:
        """Poll the server at once, since something was changed there."""
        ...

    async def wait_for(self, work: Coroutine[Any, Any, T], progress: Progress) -> T:
        """Return the result of the work; if it takes long, show how far it is."""
        ...

    def run_program(
        self,
        variables: Sequence[str],
        usual: str,
        file: str,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """Run the program that one of these environment variables names, or the usual one, on a
        file. Return why that failed, as a sentence, or ""."""
        ...


class ActionContext:
    """One server, what an action may use there, and the user it works for."""

    def __init__(
        self,
        user: User,
        connection: ActingConnection,
        services: Services,
        view: Callable[[], ServerView],
    ) -> None:
        """`view` returns what is known of the server now."""
        self.user = user
        self.connection = connection
        self.trash = services.trash
        self.parking = services.parking
        self.journal = services.journal
        self.running_actions = services.running_actions
        self.undo_history = services.undo_history
        self.groups: Sequence[str] = ()
        """Printable names of the groups that the jobs of an action are chosen by; none if they are
        chosen one by one."""
        self.left_out = ""
        """A sentence about jobs of these groups that an action does not reach; "" if it reaches all."""
        self._view = view

    def about(self, groups: Sequence[str], left_out: str) -> "ActionContext":
        """Return a context for an action on the jobs of groups."""
        context = copy(self)
        context.groups, context.left_out = groups, left_out
        return context

    @property
    def view(self) -> ServerView:
        """What is known of the server now."""
        return self._view()

    @property
    def server(self) -> KnownServer:
        """The server, with what is known to recognize it."""
        return self.connection.identify()

    @property
    def why_off(self) -> str:
        return self.user.why_off

    async def ask(self, question: "Question[T]") -> T | None:
        return await self.user.ask(question)

    def say(self, sentence: str) -> None:
        self.user.say(sentence)

    def fail(self, sentence: str) -> None:
        self.user.fail(sentence)

    async def wait_for(self, work: Coroutine[Any, Any, T], progress: Progress) -> T:
        return await self.user.wait_for(work, progress)

    def done(self, sentence: str, *, all_well: bool) -> None:
        """Say what came of an action, and poll the server."""
        (self.say if all_well else self.fail)(sentence)
        self.user.poll_now()

    def note(self, what: str, target: str, members: Mapping[str, object]) -> None:
        """Note in the log of actions what was done; the app says so if that cannot be written."""
        if self.journal:
            self.journal.note(self.view.address, what, target, members)
