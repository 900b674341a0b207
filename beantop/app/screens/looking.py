"""A screen that, beside the facts of the server, looks at jobs each time the server was polled."""

from typing import Generic, TypeVar

from beantop.app.header import HeaderFacts
from beantop.app.screens.watching import WatchingScreen
from beantop.beanstalk import Error, reason
from beantop.jobs.connection import ActingConnection

Seen = TypeVar("Seen")


class LookingScreen(WatchingScreen, Generic[Seen]):
    """Looks once for each poll; a look that takes longer is waited for, never cut off."""

    def __init__(self, connection: ActingConnection, facts: HeaderFacts) -> None:
        super().__init__(connection, facts)
        self._looked_at_poll = -1
        self._looking = False
        self.why_not_seen = ""
        """Why the last look failed; what it would have seen is unknown."""

    async def look(self) -> Seen:
        """Ask the server."""
        raise NotImplementedError

    def take(self, seen: Seen) -> None:
        """Keep what was seen, to be drawn."""
        raise NotImplementedError

    def show(self, facts: HeaderFacts) -> None:
        super().show(facts)
        polls = facts.watched.polls
        if polls != self._looked_at_poll and not self._looking and facts.frozen_at is None:
            self._looked_at_poll = polls
            self._looking = True
            self.carry_out(self._look())

    async def _look(self) -> None:
        try:
            self.take(await self.look())
            self.why_not_seen = ""
        except (OSError, Error) as error:
            self.why_not_seen = reason(error)
        finally:
            self._looking = False
        self.redraw()
