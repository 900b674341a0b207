"""Fetching data about jobs once after each poll of the server."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.worker import Worker

from beantop.beanstalk import Error, describe_error

Result = TypeVar("Result")


class Refresher(Generic[Result]):
    """Fetches once per poll. A slow answer is awaited, never cancelled."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[Result]],
        take: Callable[[Result], None],
        done: Callable[[], None],
    ) -> None:
        """`ask` fetches, `take` stores the result, `done` runs after each fetch, failed or not."""
        self.problem = ""
        """Why the last fetch failed; "" if it succeeded."""
        self._ask = ask
        self._take = take
        self._done = done
        self._polls = -1
        self._is_running = False
        self._frozen = False

    def polled(self, app: App[Any], polls: int, *, frozen: bool) -> bool:
        """Fetch if the server was polled since the last call and the screen is not frozen. Return
        whether a fetch was started."""
        self._frozen = frozen
        if polls == self._polls or self._is_running:
            return False
        self._polls = polls
        self.ask_now(app)
        return self._is_running

    def ask_now(self, app: App[Any]) -> bool:
        """Fetch without waiting for the next poll, unless a fetch is running. Return whether this one was
        started."""
        if self._is_running or self._frozen or not app.is_running:
            return False
        self._is_running = True
        # Not a coroutine object: if the program ended now, it would never be awaited.
        _: Worker[None] = app.run_worker(self._run)
        return True

    async def _run(self) -> None:
        try:
            result = await self._ask()
        except Error as error:
            self.problem = describe_error(error)
        except ValueError as error:  # the name cannot be sent in a command
            self.problem = str(error)
        else:
            self.problem = ""
            if not self._frozen:  # a frozen screen keeps its data
                self._take(result)
        finally:
            self._is_running = False
        self._done()
