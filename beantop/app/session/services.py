"""Stores that actions write to: the trash, parking records, the log of actions."""

from beantop.app.session.running_actions import RunningActions
from beantop.app.session.undo_history import UndoHistory
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash


class Services:
    """Stores shared by all servers and screens."""

    def __init__(
        self, trash: Trash | None, parking: Parking | None, journal: Journal | None
    ) -> None:
        """Without `trash`, jobs are deleted unsaved."""
        self.trash = trash
        self.parking = parking
        """Records of jobs that an action is about to park."""
        self.journal = journal
        """Log of actions."""
        self.running_actions = RunningActions()
        self.undo_history = UndoHistory()
