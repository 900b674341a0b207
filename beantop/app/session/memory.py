"""What the user chose, while the program runs and, if there is a file for it, from run to run."""

from dataclasses import replace
from typing import Unpack

from beantop.state import NOTHING_CHOSEN, Choices, State, StateFile
from beantop.text import shown


class Memory:
    """The choices, and where they are kept."""

    def __init__(self, state: State = NOTHING_CHOSEN, kept: StateFile | None = None) -> None:
        self.state = state
        self._kept = kept

    @property
    def problem(self) -> str:
        """What is wrong with the file, as a sentence that is safe to show; nothing if all is well."""
        return shown(self._kept.problem) if self._kept else ""

    def remember(self, **choices: Unpack[Choices]) -> None:
        """Note what the user chose, as `remember(sort="-ready")`."""
        state = replace(self.state, **choices)
        if state != self.state:
            self.state = state
            if self._kept:
                self._kept.save(state)
