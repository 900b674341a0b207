"""How old the first ready jobs of tubes are, which only another question tells: a column by choice."""

from collections.abc import Sequence
from contextlib import suppress

from beantop.beanstalk import Error
from beantop.jobs.connection import ActingConnection
from beantop.jobs.peek import peek_head_age

COMMANDS = 5
"""Sent for each tube: `stats-tube`, `use`, `peek-ready`, `stats-job`, and `use` again."""


class HeadAges:
    """What was last seen of them."""

    def __init__(self, connection: ActingConnection) -> None:
        self.known: dict[str, float] = {}
        """Seconds, by the name of the tube; nothing where there is no ready job."""
        self._turn: list[str] = []  # the tubes of the last time, the one asked for last at the end
        self.looking = False
        self._connection = connection

    async def look(self, tubes: Sequence[str], commands: int | None) -> None:
        """Ask for them, in turn if that many commands are not enough for all. After a loss they are
        unknown; the link tells why."""
        ages = {name: age for name, age in self.known.items() if name in tubes}
        never = [name for name in tubes if name not in self._turn]
        turn = [*never, *(name for name in self._turn if name in tubes)]
        most = len(turn) if commands is None else max(1, commands // COMMANDS)
        self._turn = [*turn[most:], *turn[:most]]
        self.looking = True
        try:
            for name in turn[:most]:
                ages.pop(name, None)
                with suppress(ValueError):  # a name that no client can ask for
                    if (age := await peek_head_age(self._connection, name)) is not None:
                        ages[name] = age
        except (OSError, Error):
            ages = {}
        finally:
            self.looking = False
        self.known = ages
