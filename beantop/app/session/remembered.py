"""Preferences of the user during this run and, if there is a file for them, across runs."""

from functools import partial
from typing import Unpack

from beantop.formatting import printable
from beantop.jobs.aside import Aside
from beantop.preferences import NO_PREFERENCES, PreferenceChanges, Preferences, PreferencesFile


class RememberedPreferences:
    """Preferences, saved in the background."""

    def __init__(
        self, state: Preferences = NO_PREFERENCES, kept: PreferencesFile | None = None
    ) -> None:
        self.state = state
        self._kept = kept
        self._aside = Aside()
        self._last_problem = ""

    def new_problem(self) -> str:
        """Return what is wrong with the file, as a sentence that is safe to show.

        Return "" if nothing is wrong, or if the last call returned the same problem.
        """
        problem = self._kept.problem if self._kept else ""
        if self._aside.is_late:
            problem = "Preferences cannot be saved: the disk does not respond."
        last_problem, self._last_problem = self._last_problem, problem
        return printable(problem) if problem != last_problem else ""

    def remember(self, **choices: Unpack[PreferenceChanges]) -> None:
        """Remember what the user chose, as in `remember(sort="-ready")`."""
        state = self.state._replace(**choices)
        if state != self.state:
            self.state = state
            if self._kept:
                self._aside.do(partial(self._kept.save, state))

    def settle(self, seconds: float) -> None:
        """Wait up to `seconds` until everything is saved."""
        self._aside.settle(seconds)
