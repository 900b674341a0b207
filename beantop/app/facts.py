"""What the app tells its screens, each second and with each look at the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from beantop.beanstalk import Address, format_address
from beantop.jobs.journal import Journal
from beantop.jobs.trash import Trash
from beantop.monitor.poller import Watched
from beantop.state import NOTHING_CHOSEN, State


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand with the server on the screen: all that screens tell of it."""

    watched: Watched
    now: float
    """Seconds of the monotonic clock."""
    wall_time: float
    """Unix time."""
    interval: float
    """Seconds between polls, as the user set them."""
    readonly: bool = False
    frozen_at: float | None = None
    """When the user froze the screen, by the monotonic clock."""
    missed_polls: int = 0
    """Polls since then."""
    number: int = 1
    """Of this server among those that are watched, as its key has it."""
    servers: int = 1
    """How many are watched."""
    addresses: tuple[Address, ...] = ()
    """Where they are."""
    away: tuple[int, ...] = ()
    """The numbers of those to which there is no connection."""
    alerts: int = 0
    """How many alerts fire, on all of them."""
    decoders: Mapping[str, str] = field(default_factory=dict)
    """By a pattern for names of tubes: what their bodies are."""
    trash: Trash | None = None
    """Where jobs are saved before they are deleted; None: they are not."""
    journal: Journal | None = None
    """Where actions are noted."""
    state: State = NOTHING_CHOSEN
    """What the user chose, now or the last time. A screen that lets the user choose sends
    `messages.Chosen`, and the app remembers it."""

    @property
    def server_name(self) -> str:
        return format_address(self.watched.address)

    @property
    def age(self) -> float:
        """Seconds since the shown numbers were true."""
        return max(0.0, self.now - self.watched.snapshot.taken_at)

    @property
    def stale(self) -> bool:
        return self.frozen_at is None and self.watched.is_stale(self.now)
