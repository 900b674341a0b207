"""What actions write to: the trash, the log of actions, and what is being done just now."""

from dataclasses import dataclass, field

from beantop.app.session.running_actions import RunningActions
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash


@dataclass(frozen=True)
class Services:
    """The same for all servers and screens."""

    trash: Trash | None = None
    """Where jobs are saved before they are deleted; None: they are not."""
    parking: Parking | None = None
    """Where jobs that are parked are noted first."""
    journal: Journal | None = None
    """Where actions are noted."""
    running_actions: RunningActions = field(default_factory=RunningActions)
