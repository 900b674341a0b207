"""Data that the app gives its screens, each second and after each poll of the server."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple, TypeVar

from beantop.app.session.timeline import Timeline
from beantop.beanstalk import format_address
from beantop.config import ServerConfig
from beantop.config.settings import Confirm
from beantop.jobs.bodies.mask import Mask
from beantop.jobs.bodies.reading import Reading, reading_for
from beantop.jobs.known_server import KnownServer
from beantop.jobs.marks import Mark
from beantop.monitor.poller import ServerStatus
from beantop.preferences import NO_PREFERENCES, Preferences

Value = TypeVar("Value")

GENTLE_RATE, MIN_RATE = 5_000.0, 200.0
"""Commands per second for work that no key asked for: usually, about 3% of the server's time; and
at least, when polling leaves little."""


ASKED_RATE = 3_000.0
"""Minimum commands per second for work that the user asked for: about 2% of the server's time."""

MANY_TUBES = 1_000
"""Number of tubes above which commands cost more, so that only what polls leave may be used."""


class ServerView(NamedTuple):
    """Everything that screens show about a server."""

    watched: ServerStatus
    now: float
    """Seconds of the monotonic clock."""
    wall_time: float
    """Unix time."""
    interval: float
    """Seconds between polls, as set by the user."""
    known: ServerConfig
    """The configuration of the server."""
    readonly: str = ""
    """Why nothing can be changed, as a sentence; "" if it can."""
    guard: str = ""
    """The configured server with another address that this one turned out to be. Safe to show."""
    frozen_at: float | None = None
    """When the user froze the screen, by the monotonic clock; None if it is not frozen."""
    froze_stale: bool = False
    """Whether the numbers were stale when the screen was frozen."""
    answers: bool = True
    """Whether the server answers now, even while the screen is frozen."""
    missed_polls: int = 0
    """Number of polls since the screen was frozen."""
    number: int = 1
    """Number of the server, from 1, which is also its key."""
    servers: int = 1
    """Number of watched servers."""
    fleet: tuple[ServerConfig, ...] = ()
    """The configuration of all watched servers, in the order of their numbers."""
    identities: tuple[KnownServer, ...] = ()
    """What is known to recognize the watched servers, in the same order."""
    statuses: tuple[ServerStatus, ...] = ()
    """The last polls of the watched servers, in the same order."""
    away: tuple[int, ...] = ()
    """Numbers of the servers without a connection."""
    alerts: int = 0
    """Number of alerts that are firing, on all servers."""
    decoders: Mapping[str, str] = {}
    """Decoders of bodies, by pattern of tube names."""
    class_paths: Mapping[str, str] = {}
    """Paths of the fields that hold the class of a job, by pattern of tube names."""
    masks: Mapping[str, Mask] = {}
    """What of bodies must not be shown, by pattern of tube names."""
    state: Preferences = NO_PREFERENCES
    """The user's choices, of this session or an earlier one.

    A screen posts `messages.Chosen` for each new choice, and the app remembers it.
    """
    columns: tuple[str, ...] = ()
    """Columns of the tubes table by configuration; empty to use the remembered ones."""
    columns_of_jobs: Mapping[str, tuple[str, ...]] = {}
    """Configured columns of lists of jobs, by pattern of tube names."""
    timeline: Timeline | None = None
    """Where the recording is played; None if this is not one."""
    marks: tuple[Mark, ...] = ()
    """The user's marks on the graphs, the oldest first."""
    confirm: Confirm = "all"
    """The changes that need a confirmation."""

    @property
    def address(self) -> str:
        """The address of the server as text, as `host:11300`."""
        return format_address(self.watched.address)

    @property
    def production(self) -> bool:
        """Whether the user must type the number of jobs to confirm a change."""
        return self.known.production

    def reading(self, tube: str) -> Reading:
        """Return how the bodies of a tube are read, and what of them must not be shown."""
        return reading_for(tube, self.decoders, self.class_paths, self.masks)

    def job_columns(self, tube: str) -> tuple[str, ...]:
        """Return the columns that are configured for the jobs of a tube, or else chosen; empty for the
        default ones. The list of all tubes is of the tube ""."""
        configured = _first_for(tube, self.columns_of_jobs, ())
        return configured or self.state.job_columns.get(tube, ())

    @property
    def spare_commands(self) -> int | None:
        """The number of commands that a list of jobs may take after a poll to stay current: half of what the
        poll left; None for any number."""
        aside = self.watched.aside
        return None if aside is None else aside // 2

    @property
    def gentle_rate(self) -> float:
        """The commands per second that the server can take for work that no key asked for."""
        if not self.watched.aside or not self.watched.pace:
            return GENTLE_RATE
        return max(MIN_RATE, min(GENTLE_RATE, self.watched.aside / self.watched.pace))

    @property
    def asked_rate(self) -> float:
        """The commands per second that the server can take for work that the user asked for."""
        is_large = len(self.watched.snapshot.tubes) > MANY_TUBES
        return self.gentle_rate if is_large else max(ASKED_RATE, self.gentle_rate)

    @property
    def age(self) -> float:
        """Age in seconds of the shown numbers."""
        return max(0.0, self.now - self.watched.snapshot.taken_at)

    @property
    def fresh(self) -> bool:
        """Whether there are numbers that were current at that time."""
        return self.watched.seen and not self.stale

    @property
    def is_frozen(self) -> bool:
        """Whether the screen keeps the data of an earlier moment."""
        return self.frozen_at is not None

    @property
    def stale(self) -> bool:
        """Whether the numbers were too old at that time."""
        return self.watched.is_stale(self.now) if self.frozen_at is None else self.froze_stale


def _first_for(tube: str, by_tubes: Mapping[str, Value], otherwise: Value) -> Value:
    """Return the first value whose pattern matches the tube, or else the other one."""
    matching = (value for tubes, value in by_tubes.items() if fnmatchcase(tube, tubes))
    return next(matching, otherwise)
