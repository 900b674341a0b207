"""What the app tells its screens, each second and with each look at the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from beantop.beanstalk import format_address
from beantop.config import ServerConfig
from beantop.config.settings import Confirm
from beantop.monitor.poller import ServerStatus
from beantop.preferences import NO_PREFERENCES, Preferences


@dataclass(frozen=True, slots=True)
class ServerView:
    """How things stand with the server on the screen: all that screens tell of it."""

    watched: ServerStatus
    now: float
    """Seconds of the monotonic clock."""
    wall_time: float
    """Unix time."""
    interval: float
    """Seconds between polls, as the user set them."""
    known: ServerConfig
    """What the user told of the server."""
    readonly: str = ""
    """Why nothing can be changed, as a sentence; nothing: it can."""
    guard: str = ""
    """The server of the configuration that this one turned out to be; safe to show."""
    frozen_at: float | None = None
    """When the user froze the screen, by the monotonic clock."""
    froze_stale: bool = False
    """Whether the numbers were older than they should be even then."""
    answers: bool = True
    """Whether the server answers now, frozen or not."""
    missed_polls: int = 0
    """Polls since then."""
    number: int = 1
    """Of this server among those that are watched, as its key has it."""
    servers: int = 1
    """How many are watched."""
    fleet: tuple[ServerConfig, ...] = ()
    """All of them, by their numbers."""
    away: tuple[int, ...] = ()
    """The numbers of those to which there is no connection."""
    alerts: int = 0
    """How many alerts fire, on all of them."""
    decoders: Mapping[str, str] = field(default_factory=dict)
    """By a pattern for names of tubes: what their bodies are."""
    state: Preferences = NO_PREFERENCES
    """What the user chose, now or the last time. A screen that lets the user choose sends
    `messages.Chosen`, and the app remembers it."""
    columns: tuple[str, ...] = ()
    """Of the tubes table, as the configuration has them; none: as they were chosen."""
    confirm: Confirm = "all"
    """Which changes are asked about."""

    @property
    def address(self) -> str:
        """Where the server is, as people write it."""
        return format_address(self.watched.address)

    @property
    def production(self) -> bool:
        """Whether each change wants the number of jobs typed."""
        return self.known.production

    def decoder(self, tube: str) -> str:
        """What the configuration says of the bodies of that tube; nothing: it says nothing."""
        return next((how for names, how in self.decoders.items() if fnmatchcase(tube, names)), "")

    @property
    def age(self) -> float:
        """Seconds since the shown numbers were true."""
        return max(0.0, self.now - self.watched.snapshot.taken_at)

    @property
    def moment(self) -> float:
        """Until when the screen tells, by the monotonic clock: now, or when it was frozen."""
        return self.now if self.frozen_at is None else self.frozen_at

    @property
    def fresh(self) -> bool:
        """Whether there are numbers, and of that moment."""
        return self.watched.seen and not self.stale

    @property
    def stale(self) -> bool:
        """Whether the numbers were older than they should be at that moment."""
        return self.watched.is_stale(self.now) if self.frozen_at is None else self.froze_stale
