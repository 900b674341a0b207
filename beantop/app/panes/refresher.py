"""Asking the server about jobs once for each poll."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.worker import Worker

from beantop.beanstalk import Error, describe_error

Seen = TypeVar("Seen")


class Refresher(Generic[Seen]):
    """Asks once for each poll; an answer that takes longer is waited for, never cut off."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[Seen]],
        take: Callable[[Seen], None],
        done: Callable[[], None],
    ) -> None:
        """`take` keeps what was seen; `done` is called after each answer, also if it failed."""
        self.problem = ""
        """Why the last question failed; what it would have seen is unknown."""
        self._ask = ask
        self._take = take
        self._done = done
        self._polls = -1
        self._asking = False
        self._frozen = False

    def polled(self, app: App[Any], polls: int, *, frozen: bool) -> bool:
        """Ask, if the server was polled since the last time and the screen is not frozen; whether
        that was begun."""
        self._frozen = frozen
        if polls == self._polls or self._asking:
            return False
        self._polls = polls
        self.ask_now(app)
        return self._asking

    def ask_now(self, app: App[Any]) -> None:
        """Ask without waiting for the next poll, unless a question is on its way."""
        if not self._asking and not self._frozen and app.is_running:
            self._asking = True
            # Not as a coroutine: one would be left over if the program ends before it begins.
            _: Worker[None] = app.run_worker(self._run)

    async def _run(self) -> None:
        try:
            seen = await self._ask()
        except (OSError, Error) as error:
            self.problem = describe_error(error)
        except ValueError as error:  # a name that no client can ask for
            self.problem = str(error)
        else:
            self.problem = ""
            if not self._frozen:  # else what is shown is of another time
                self._take(seen)
        finally:
            self._asking = False
        self._done()
