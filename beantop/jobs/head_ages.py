"""Ages of the first ready jobs of tubes: an optional column that takes commands of its own."""

from collections.abc import Sequence
from contextlib import suppress

from beantop.beanstalk import Error
from beantop.jobs.connection import ActingConnection
from beantop.jobs.peek import peek_head_age
from beantop.monitor.turns import Turns

COMMANDS = 10
"""Cost of a tube: `stats-tube`, `use`, `peek-ready`, `stats-job` and `use` again, each sent alone,
which costs the server about twice as much as a command in a row of many."""


class HeadAges:
    """The ages that were polled last."""

    def __init__(self, connection: ActingConnection) -> None:
        self.known: dict[str, float] = {}
        """Seconds by tube name. A tube without a ready job is missing."""
        self._turns = Turns()
        self.is_peeking = False
        self._connection = connection

    async def peek(self, tubes: Sequence[str], commands: int | None) -> None:
        """Poll the ages of these tubes, within a budget of commands; None for no limit.

        If the budget is too small for all of them, tubes take turns. After a lost connection all
        ages are unknown; the link says why.
        """
        ages = {name: age for name, age in self.known.items() if name in tubes}
        most = len(tubes) if commands is None else max(1, commands // COMMANDS)
        self.is_peeking = True
        try:
            for name in self._turns.take(tubes, most):
                ages.pop(name, None)
                with suppress(ValueError):  # the name cannot be sent in a command
                    if (age := await peek_head_age(self._connection, name)) is not None:
                        ages[name] = age
        except Error:
            ages = {}
        finally:
            self.is_peeking = False
        self.known = ages
