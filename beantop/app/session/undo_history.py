"""What was done in this session and can be undone. Deletions are not here: the trash has them."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from beantop.config import ServerConfig
from beantop.jobs.body import BodyDigest
from beantop.jobs.known_server import KnownServer

if TYPE_CHECKING:
    from beantop.jobs.bulk.restore_state import Step

MAX_ACTIONS = 100


class Past(NamedTuple):
    """An action that was done."""

    where: KnownServer
    """The server that it was done on."""
    doing: str
    """The beginning of a question about it: "moving"; all of it if it cannot be undone: "pausing tube a"."""
    words: str = ""
    """The jobs: "3 ready jobs"."""
    did: str = ""
    """All of it, as the end of a sentence: "moved 3 ready jobs of a to b"."""
    done: int = 0
    """The number of jobs it was done to."""
    steps: "Sequence[Step]" = ()
    """What it did to the jobs that can be taken back."""
    bodies: Mapping[int, BodyDigest] = {}
    """Digests of the bodies that were seen, by the ids that the jobs have now."""
    moved: bool = False
    """Whether the jobs were moved, and so have new ids."""
    there: ServerConfig | None = None
    """The server that they were moved to, if it is another one."""
    there_known: KnownServer | None = None
    """What is known to recognize it."""
    why_not: str = ""
    """Why it cannot be undone, as a clause; "" if it can."""
    at: float = 0.0
    """When it was added to the history, in seconds since the Unix epoch."""


class UndoHistory:
    """The actions of this session, the last one last."""

    def __init__(self) -> None:
        self._past: list[Past] = []

    def add(self, past: Past) -> None:
        """Add an action. The oldest are forgotten if that makes too many jobs."""
        self._past = [*self._past, past._replace(at=time.time())][-MAX_ACTIONS:]
        from beantop.jobs.bulk.restore_state import MAX_JOBS

        while sum(len(each.steps) for each in self._past) > MAX_JOBS:
            del self._past[0]

    def last(self, server: KnownServer) -> Past | None:
        """Return the last action on a server; None if there is none."""
        return next((past for past in reversed(self._past) if past.where.is_same(server)), None)

    def forget(self, past: Past) -> None:
        self._past = [each for each in self._past if each is not past]

    def keep(self, past: Past, steps: "Sequence[Step]") -> None:
        """Keep only a part of an action: the rest was undone."""
        rest = past._replace(steps=steps, done=len(steps))
        self._past = [rest if each is past else each for each in self._past]
