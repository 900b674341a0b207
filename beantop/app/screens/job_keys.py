"""The capitals that change jobs, for all screens that show some."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.actions.edit import edit_job
from beantop.app.actions.jobs import (
    JobAction,
    bury_jobs,
    change_jobs,
    copy_jobs,
    delete_jobs,
    kick_jobs,
    move_jobs,
)
from beantop.app.screens.watching import WatchingScreen


class JobKeysScreen(WatchingScreen):
    """Each key is an action on the jobs that the screen says are meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("K", "kick", "Kick", tooltip="Make ready"),
        Binding("D", "delete", "Delete", tooltip="Delete; it is saved first"),
        Binding("B", "bury", "Bury", show=False),
        Binding("R", "change", "Another priority or delay", show=False),
        Binding("M", "move", "Move to another tube", show=False),
        Binding("C", "copy_jobs", "Copy to another tube", show=False),
        Binding("E", "edit", "Edit in $EDITOR", show=False),
    ]

    def on_jobs(self, action: JobAction) -> None:
        """Do that to the jobs that are meant."""
        raise NotImplementedError

    def action_kick(self) -> None:
        self.on_jobs(kick_jobs)

    def action_delete(self) -> None:
        self.on_jobs(delete_jobs)

    def action_bury(self) -> None:
        self.on_jobs(bury_jobs)

    def action_change(self) -> None:
        self.on_jobs(change_jobs)

    def action_move(self) -> None:
        self.on_jobs(move_jobs)

    def action_copy_jobs(self) -> None:
        self.on_jobs(copy_jobs)

    def action_edit(self) -> None:
        self.on_jobs(edit_job)
