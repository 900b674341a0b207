"""A screen that, beside the facts of the server, looks at jobs each time the server was polled."""

from typing import Generic, TypeVar

from textual.worker import Worker

from beantop.app.screens.watching import WatchingScreen
from beantop.app.session.facts import Facts
from beantop.beanstalk import Error, reason
from beantop.jobs.connection import ActingConnection

Seen = TypeVar("Seen")


class LookingScreen(WatchingScreen, Generic[Seen]):
    """Looks once for each poll; a look that takes longer is waited for, never cut off."""

    def __init__(self, connection: ActingConnection, facts: Facts) -> None:
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

    def show(self, facts: Facts) -> None:
        super().show(facts)
        polls = facts.watched.polls
        if polls != self._looked_at_poll and not self._looking:
            self._looked_at_poll = polls
            self.look_now()

    def look_now(self) -> None:
        """Look without waiting for the next poll, unless a look is under way."""
        if not self._looking and self.facts.frozen_at is None and self.app.is_running:
            self._looking = True
            # Not as a coroutine: one would be left over if the program ends before it begins.
            _: Worker[None] = self.app.run_worker(self._look)

    async def _look(self) -> None:
        if not self.is_attached:  # left, before it came to this
            return
        try:
            seen = await self.look()
        except (OSError, Error) as error:
            self.why_not_seen = reason(error)
        except ValueError as error:  # a name that no client can ask for
            self.why_not_seen = str(error)
        else:
            self.why_not_seen = ""
            if self.facts.frozen_at is None:  # else what is shown is of another time
                self.take(seen)
        finally:
            self._looking = False
        self.redraw()
