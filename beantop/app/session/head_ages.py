"""How old the first ready jobs of tubes are, which only another question tells: a column by choice."""

from collections.abc import Iterable
from contextlib import suppress

from beantop.beanstalk import Error
from beantop.jobs.connection import ActingConnection
from beantop.jobs.peek import peek_head_age


class HeadAges:
    """What was last seen of them."""

    def __init__(self, connection: ActingConnection) -> None:
        self.known: dict[str, float] = {}
        """Seconds, by the name of the tube; nothing where there is no ready job."""
        self.looking = False
        self._connection = connection

    async def look(self, tubes: Iterable[str]) -> None:
        """Ask for them. After a loss they are unknown; the link tells why."""
        ages: dict[str, float] = {}
        self.looking = True
        try:
            for name in tubes:
                with suppress(ValueError):  # a name that no client can ask for
                    if (age := await peek_head_age(self._connection, name)) is not None:
                        ages[name] = age
        except (OSError, Error):
            ages = {}
        finally:
            self.looking = False
        self.known = ages
