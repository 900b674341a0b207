"""A server on a clock of its own, whose commands cost time: it knows what polls really cost it."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from contextlib import aclosing
from typing import TypeVar
from unittest.mock import patch

from beantop.beanstalk import AsyncClient, BeanstalkdError, Command, Reply
from beantop.monitor.cost import WINDOW
from beantop.monitor.poller import Poller, ServerStatus

T = TypeVar("T")


class Costly:
    """Has so many idle tubes, and is as fast as beanstalkd 1.12 was measured to be with them."""

    closed = ""
    peer = ("127.0.0.1", 11300)

    def __init__(self, tubes: int, *, load: float = 0.0, reports: bool = True) -> None:
        self.have(tubes)
        self.delay: Callable[[str], float] = lambda line: 0.0
        """Seconds for which the network is busy with a command."""
        self.clock = self.cpu = 0.0
        self.load = load
        """Seconds of work for others for each second of work for us."""
        self._reports = reports  # its rusage
        self._for_us: list[tuple[float, float]] = []  # when, and how long

    def have(self, tubes: int) -> None:
        """Have so many tubes from now on."""
        self.tubes = [f"t{number}" for number in range(tubes)]
        tube = 13e-6 + tubes * 8e-9 + tubes * tubes * 1e-13
        self.costs = {"stats": 1.5 * tube, "list-tubes": 10 * tube, "stats-tube": tube}
        """Seconds of processor time."""
        self._list = Reply(b"OK", [], "".join(f"- {name}\n" for name in self.tubes).encode())

    async def connect(self, *_: object, **__: object) -> "Costly":
        """Replace `AsyncClient.connect`: the server is its own client, without a network."""
        self.closed = ""
        return self

    def close(self) -> None:
        pass

    async def call(self, command: Command[T], timeout: float | None = None) -> T:
        return command.result(self._reply(command.line))

    async def pipeline(
        self, commands: Iterable[Command[T]], timeout: float | None = None
    ) -> list[T | BeanstalkdError]:
        return [self._outcome(command) for command in commands]

    def _outcome(self, command: Command[T]) -> T | BeanstalkdError:
        try:
            return command.result(self._reply(command.line))
        except BeanstalkdError as error:
            return error

    def _reply(self, line: str) -> Reply:
        command = line.partition(" ")[0]
        cost = self.costs[command]
        self.clock += cost * (1 + self.load) + self.delay(command)
        self.cpu += cost * (1 + self.load)
        self._for_us.append((self.clock, cost))
        if command == "list-tubes":
            return self._list
        if command != "stats":
            return self.reply_of_tubes(line)
        usage = f"rusage-utime: {self.cpu:.6f}\nrusage-stime: 0.000000\n" if self._reports else ""
        return Reply(b"OK", [], f"id: a\nuptime: 1\n{usage}".encode())

    def reply_of_tubes(self, line: str) -> Reply:
        """Answer all commands but `stats` and `list-tubes`: each tube has a ready job."""
        return Reply(b"OK", [], b"current-jobs-ready: 1\n")

    @property
    def worst(self) -> float:
        """The largest share of its time spent on us in any `WINDOW`."""
        spent, start, most = 0.0, 0, 0.0
        for at, cost in self._for_us:
            spent += cost
            while self._for_us[start][0] <= at - WINDOW:
                spent -= self._for_us[start][1]
                start += 1
            most = max(most, spent)
        return most / WINDOW


def polled(
    server: Costly,
    seconds: float,
    *,
    wanted: Collection[str] = (),
    interval: float = 1.0,
    between: Callable[[], None] = lambda: None,
) -> list[ServerStatus]:
    """The polls of a server over so many seconds of its clock; `between` is called after each."""
    looks: list[ServerStatus] = []
    poller = Poller(("127.0.0.1", 1), interval, now=lambda: server.clock)
    poller.wanted = lambda: wanted

    async def story(end: float) -> None:
        async with aclosing(poller.watch()) as told:
            await anext(told)  # it connects
            while server.clock < end:
                look = await anext(told)
                looks.append(look)
                between()
                server.clock = max(server.clock, look.snapshot.taken_at + look.pace + 1e-6)

    with patch.object(AsyncClient, "connect", server.connect):
        asyncio.run(story(server.clock + seconds))
    return looks


def sizes(looks: list[ServerStatus]) -> list[int]:
    """How many tubes each poll asked for."""
    return [len(look.snapshot.asked) for look in looks]
