"""Stores that actions write to: the trash, parking records, the log of actions."""

from dataclasses import dataclass, field

from beantop.app.session.running_actions import RunningActions
from beantop.app.session.undo_history import UndoHistory
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash


@dataclass(frozen=True)
class Services:
    """Stores shared by all servers and screens."""

    trash: Trash | None = None
    """Store for jobs before they are deleted; None to delete them without saving."""
    parking: Parking | None = None
    """Records of jobs that an action is about to park."""
    journal: Journal | None = None
    """Log of actions."""
    running_actions: RunningActions = field(default_factory=RunningActions)
    undo_history: UndoHistory = field(default_factory=UndoHistory)
