"""Polls one server forever: an async iterator of its status.

When the connection is lost it reports that, waits, and connects again; it never gives up.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Protocol, TypeAlias

from beantop.beanstalk import Address, AsyncClient, ConnectionLostError, Error, describe_error
from beantop.monitor.budget import Budget
from beantop.monitor.cost import Costs
from beantop.monitor.history import History
from beantop.monitor.snapshot import NOTHING_SEEN, Snapshot, take_snapshot

FIRST_WAIT = 0.25
LONGEST_WAIT = 4.0
"""Longest time between attempts to connect, in seconds; it doubles up to this. A server that
returns is on the screen again within 5 s."""

CONNECT_TIMEOUT = 5.0
POLL_TIMEOUT = 5.0
"""Seconds without an answer after which the connection counts as lost."""


LinkState: TypeAlias = Literal["connecting", "up", "down"]

LINK_SIGNS: Mapping[LinkState, str] = {"up": "●", "down": "×", "connecting": "◌"}
"""The sign of each state of a connection."""


class Link(NamedTuple):
    """The state of the connection to a server."""

    state: LinkState
    since: float
    """Monotonic time in seconds."""
    reason: str = ""
    """Why it is down, in words."""
    tries: int = 0
    """Number of failed attempts in a row."""
    retry_at: float = 0.0
    """Monotonic time of the next attempt, in seconds."""

    @property
    def sign(self) -> str:
        return LINK_SIGNS[self.state]


@dataclass(frozen=True, slots=True, eq=False)
class ServerStatus:
    """The status of a server: its connection, the last good poll, the history.

    The history changes with the next poll; `frozen` returns a copy that does not.
    """

    address: Address
    link: Link
    snapshot: Snapshot = NOTHING_SEEN
    history: History = field(default_factory=History)
    polls: int = 0
    """Number of successful polls."""
    pace: float = 0.0
    """Seconds from one poll to the next."""
    stretched: bool = False
    """Whether that is more than the interval, to spare the server."""
    peer: Address | None = None
    """The address that the last connection really reached, as `AsyncClient.peer`."""
    cost: float | None = None
    """The part of its time that polling cost the server lately, at most; None before a poll."""
    aside: int | None = None
    """Commands that other connections of ours may send beside each poll; None if any number."""

    @property
    def seen(self) -> bool:
        """Whether a poll ever succeeded."""
        return self.polls > 0

    def frozen(self) -> "ServerStatus":
        """Return a copy with a history that no longer changes."""
        return replace(self, history=self.history.copy())

    def is_stale(self, now: float) -> bool:
        """Return whether the numbers are too old: the connection is down, or a poll is late."""
        late = self.seen and now - self.snapshot.taken_at > self.patience
        return self.link.state == "down" or late

    @property
    def patience(self) -> float:
        """Seconds after a poll within which the next one is due, even if one was missed."""
        return 2.5 * self.pace + 1.0


class StatusSource(Protocol):
    """A source of statuses: a `Poller`, or a scripted one in tests."""

    address: Address
    interval: float
    """Seconds from one poll to the next."""
    own_connections: Callable[[], int]
    """Returns the number of our connections that the server counts, with the one that polls."""
    wanted: Callable[[], Collection[str]]
    """The tubes to ask for in every poll, those on the screen first, where there are too many to ask
    for all."""

    spares: bool
    """Whether polls leave more of the commands to samples of jobs."""

    def poke(self) -> None:
        """Poll now."""

    def watch(self) -> AsyncGenerator[ServerStatus, None]:
        """Yield the status of the server each time it changes."""


class Poller:
    """Polls one server. Change `interval` and call `poke` from the same event loop."""

    def __init__(
        self,
        address: Address,
        interval: float = 1.0,
        *,
        history: History | None = None,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.address = address
        self.interval = interval
        """Seconds from one poll to the next."""
        self._now = now
        self._wall = wall
        self._chance = chance
        self._poked = asyncio.Event()
        self._history = history or History()  # may be older than this poller
        self._snapshot = NOTHING_SEEN
        self._polls = 0
        self._link = Link("connecting", now())
        self._peer: Address | None = None
        self._took: deque[float] = deque(maxlen=3)
        self.own_connections: Callable[[], int] = lambda: 1
        """Returns the number of our connections that the server counts, with the one that polls."""
        self._costs = Costs()
        self._budget = Budget(self._costs)
        self.wanted: Callable[[], Collection[str]] = tuple
        """The tubes to ask for in every poll, those on the screen first, where there are too many to
        ask for all."""
        self.spares = False
        """Whether polls leave more of the commands to samples of jobs."""

    def poke(self) -> None:
        """Poll, or try to connect, at once."""
        self._poked.set()

    async def watch(self) -> AsyncGenerator[ServerStatus, None]:
        """Yield the status of the server each time it changes. Close the iterator when done."""
        yield self._watched()
        while True:
            client = None
            try:
                client = await AsyncClient.connect(
                    self.address, timeout=CONNECT_TIMEOUT, on_close=self.poke
                )
                self._peer = client.peer
                self._costs.forget()
                self._budget.forget()
                while True:
                    await self._leave_in_peace(client)
                    await self._poll(client)
                    yield self._watched()
                    await self._rest(self._snapshot.taken_at + self._pace() - self._now())
            except Error as error:
                wait = self._note_failure(error)
            finally:
                if client:
                    client.close()
            self._poked.clear()  # a lost connection pokes, too
            yield self._watched()
            await self._rest(wait)

    async def _poll(self, client: AsyncClient) -> None:
        if client.closed:  # since the last poll
            raise ConnectionLostError(client.closed)
        before = self._snapshot
        try:
            snapshot = await take_snapshot(
                client,
                POLL_TIMEOUT,
                now=self._now,
                wall=self._wall,
                own=self.own_connections(),
                before=before,
                choose=self._choose,
                weigh=True,
            )
        except TimeoutError:
            self._budget.note_timeout()
            raise
        self._took.append(snapshot.took)
        self._costs.note(snapshot)
        self._budget.note(before.tubes, snapshot)
        self._history.add(snapshot, self._pace())
        self._snapshot = snapshot
        self._polls += 1
        if self._link.state != "up":
            self._link = Link("up", self._now())

    def _choose(self, names: list[str]) -> list[str]:
        return self._budget.choose(names, self.wanted(), self.interval, spares=self.spares)

    def _note_failure(self, error: Error) -> float:
        """Note that the connection is down; return the seconds until the next attempt."""
        tries = self._link.tries + 1
        since = self._link.since if self._link.state == "down" else self._now()
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._link.tries, 10))
        wait = longest * (
            0.75 + 0.25 * self._chance()
        )  # many programs must not come back at the same time
        self._link = Link("down", since, describe_error(error), tries, self._now() + wait)
        return wait

    def _least_pace(self) -> float:
        """Return the shortest time in seconds from the last poll to the next that spares the server: at
        least half as long again as a poll takes. The quickest of the last polls counts, since one
        may have met a busy network."""
        return max(self._costs.rest, 1.5 * min(self._took, default=0.0))

    def _pace(self) -> float:
        """Return the seconds from the last poll to the next, unless something makes it come earlier."""
        return max(self.interval, self._least_pace())

    async def _leave_in_peace(self, client: AsyncClient) -> None:
        """Wait until the server has had its rest since the last poll. A poke does not shorten that; a lost
        connection, which pokes too, does."""
        last = self._snapshot.taken_at
        while not client.closed and (left := last + self._least_pace() - self._now()) > 0:
            await self._rest(left)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._poked.wait()
        except TimeoutError:
            pass
        finally:
            self._poked.clear()

    def _watched(self) -> ServerStatus:
        pace = self._pace()
        return ServerStatus(
            self.address,
            self._link,
            self._snapshot,
            self._history,
            self._polls,
            pace,
            stretched=pace > self.interval,
            peer=self._peer,
            cost=self._costs.share(pace),
            aside=self._costs.aside(pace),
        )
