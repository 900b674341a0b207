"""What the user chose, while the program runs and, if there is a file for it, from run to run."""

from dataclasses import replace
from functools import partial
from typing import Unpack

from beantop.formatting import printable
from beantop.jobs.aside import Aside
from beantop.preferences import NO_PREFERENCES, PreferenceChanges, Preferences, PreferencesFile


class RememberedPreferences:
    """The choices, and where they are kept. Nobody waits for that."""

    def __init__(
        self, state: Preferences = NO_PREFERENCES, kept: PreferencesFile | None = None
    ) -> None:
        self.state = state
        self._kept = kept
        self._aside = Aside()
        self._told = ""

    def new_problem(self) -> str:
        """What is wrong with the file, as a sentence that is safe to show; nothing if all is well, or
        if that was told."""
        problem = self._kept.problem if self._kept else ""
        if self._aside.is_late:
            problem = "Choices cannot be kept: their disk does not answer."
        told, self._told = self._told, problem
        return printable(problem) if problem != told else ""

    def remember(self, **choices: Unpack[PreferenceChanges]) -> None:
        """Note what the user chose, as `remember(sort="-ready")`."""
        state = replace(self.state, **choices)
        if state != self.state:
            self.state = state
            if self._kept:
                self._aside.do(partial(self._kept.save, state))

    def settle(self, seconds: float) -> None:
        """Wait until all is kept, but not longer than that."""
        self._aside.settle(seconds)
