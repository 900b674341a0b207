"""Keys that are pressed after an action was started, and before its question is on the screen."""

import math

from textual.events import Key

MAX_SECONDS = 1.0
"""Maximum seconds for which keys are held: a server that does not answer must not lock the user in
a screen."""


class EarlyKeys:
    """Holds keys that were meant for a question, so that the screen below does not get them: in `Dq`,
    `q` would leave it."""

    def __init__(self) -> None:
        self._until = -math.inf
        """Keys pressed before this time are held."""
        self._held: list[Key] = []

    def hold(self, now: float) -> None:
        """Hold the keys that come from now on: an action may be about to ask."""
        self._until = now + MAX_SECONDS

    def takes(self, key: Key) -> bool:
        """Return whether to keep this key from the screen, and hold it in that case."""
        is_early = key.time < self._until
        if is_early:
            self._held.append(key)
        return is_early

    def release(self) -> list[Key]:
        """Hold no more keys. Return those that were held."""
        held, self._held = self._held, []
        self._until = -math.inf
        return held
