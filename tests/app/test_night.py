"""The night of the report: the first screen names what is broken, and says of each why."""

import asyncio
import re
import sys
import time
from collections.abc import Callable
from functools import partial

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.screens.tubes import TubesScreen
from beantop.app.session.options import Options
from beantop.beanstalk import AsyncClient, Command, Job, StatsJob, commands
from beantop.config import ServerConfig
from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock
from beantop.demo.host import Host
from beantop.demo.local import LocalClient
from beantop.monitor.history import History
from beantop.monitor.poller import Link, Poller, ServerStatus
from beantop.monitor.sampled import FirstJob, SampledJob, moves_of
from beantop.monitor.snapshot import Caller, take_snapshot
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import settled, text_of, until, until_shown
from tests.beanstalkd import Beanstalkd
from tests.night import ALONE, BROKEN, BURIED, GROWING, PAUSED, SLOW, Night

Compare = Callable[..., bool]

PAST = 65
"""Seconds of the night that were polled before the program starts: growth is known after a minute."""

REASONS = {
    BURIED: r"30,000 buried",
    GROWING: r"[\d,]+ ready, \+[\d,]+/min",
    ALONE: r"no worker.*, 4,400 ready",
    PAUSED: r" 1,800 .*paused.*, \d\dm left",
    SLOW: r"job.* timed out \d+ times",
}
"""Words in the row of each broken tube, the worst first."""

every_size = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


async def remember(
    night: Night, client: Caller, now: Callable[[int], float], pass_a_second: Callable[[], object]
) -> History:
    """Poll while the night goes on; `now` gives the time of each poll by its number."""
    history = History()
    for number in range(PAST + 1):
        pass_a_second()
        await night.second()
        snapshot = await take_snapshot(
            client, 10.0, now=partial(now, number), before=history.latest
        )
        history.add(snapshot, 1.0)
    return history


def row_of(screen: str, tube: str) -> str:
    """The line of the table with that tube."""
    return next(line for line in screen.splitlines() if f" {tube} " in f"{line} ")


def check(pilot: Pilot[None], text: str) -> None:
    """Check that the broken tubes are above all others, each with its reason whole."""
    screen = pilot.app.screen
    assert isinstance(screen, TubesScreen)
    assert [row.tube.name for row in screen.table.rows][: len(BROKEN)] == list(REASONS)
    for tube, reason in REASONS.items():
        row = row_of(text, tube)
        assert re.search(reason, row), row
        assert "…" not in row


@pytest.mark.long
@every_size
def test_the_first_screen_names_the_broken_tubes_with_their_reasons(
    own_server: Beanstalkd, size: tuple[int, int]
) -> None:
    clients: list[AsyncClient] = []

    async def connect() -> Caller:
        clients.append(await AsyncClient.connect(own_server.address))
        return clients[-1]

    async def main() -> None:
        if sys.version_info >= (3, 12):
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        night = Night(connect)
        await night.begin()
        began = time.monotonic() - PAST
        history = await remember(
            night, await connect(), lambda number: began + number, lambda: None
        )
        poller = Poller(own_server.address, 0.5, history=history)
        async with BeantopApp([poller]).run_test(size=size) as pilot:
            goes_on = asyncio.create_task(_go_on(night))
            await until(pilot, lambda: "T" in _codes(history, SLOW))
            await until_shown(pilot, "timed out", "oldest")
            check(pilot, text_of(pilot.app.screen))
            goes_on.cancel()
            await asyncio.gather(goes_on, return_exceptions=True)
        for client in clients:
            client.close()

    asyncio.run(main())


async def _go_on(night: Night) -> None:
    while True:
        await night.second()
        await night.let_one_time_out()  # which takes a second


def _codes(history: History, tube: str) -> str:
    return "".join(condition.code for condition in history.found(tube))


class DemoNight:
    """The night on the demo's server, whose clock stands until it is moved: always the same."""

    def __init__(self) -> None:
        self.clock = Clock(0)
        host = Host(id="0", pid=1, name="queue-1", os="", platform="", cpu=lambda: (0.0, 0.0))
        self.broker = Broker(self.clock, host=host)
        self.client = LocalClient(self.broker)

    async def status(self) -> ServerStatus:
        night = Night(self._connect, self._let_pass)
        await night.begin()
        history = await remember(
            night, self.client, lambda _: self.now, lambda: self._pass_time(1.0)
        )
        await self._peek(history)
        link = Link("up", history.latest.taken_at - PAST)
        return ServerStatus(
            stills.ADDRESS, link, history.latest, history, polls=PAST, pace=1.0, cost=0.0009
        )

    @property
    def now(self) -> float:
        return self.clock() / SECOND

    def _pass_time(self, seconds: float) -> None:
        self.clock.advance_to(self.clock() + round(seconds * SECOND))
        self.broker.tick()

    async def _connect(self) -> Caller:
        return LocalClient(self.broker)

    async def _let_pass(self, seconds: float) -> None:
        self._pass_time(seconds)

    async def _peek(self, history: History) -> None:
        """Note first jobs, as the program does over its second connection."""
        slow = await self._head(SLOW, commands.peek_ready())
        timed_out = SampledJob(self.now, slow["id"], slow["ttr"], slow["timeouts"])
        history.sampled.note_timed_out(SLOW, timed_out)
        first = await self._head(BURIED, commands.peek_buried())
        moves = moves_of(history.latest.tubes[BURIED])
        buried = FirstJob(self.now, first["id"], first["age"], moves)
        history.sampled.note_first(BURIED, "buried", buried)
        for tube in (SLOW, BURIED):
            history.reconsider(tube)

    async def _head(self, tube: str, peek: Command[Job[bytes]]) -> StatsJob:
        await self.client.call(commands.use(tube), 1.0)
        job = await self.client.call(peek, 1.0)
        await self.client.call(commands.use("default"), 1.0)
        return await self.client.call(commands.stats_job(job.id), 1.0)


@pytest.fixture(scope="module")
def demo_night() -> tuple[ServerStatus, float]:
    """The server at night, and the time."""
    night = DemoNight()
    return asyncio.run(night.status()), night.now


def _app(demo_night: tuple[ServerStatus, float]) -> BeantopApp:
    status, now = demo_night
    return BeantopApp(
        [stills.Still(status)],
        Options(readonly=True),
        known=[ServerConfig(status.address)],
        now=lambda: now,
        wall=lambda: stills.WALL,
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (200, 55)], ids=["80x24", "120x36", "200x55"]
)
def test_pictures_of_the_night(
    snap_compare: Compare, demo_night: tuple[ServerStatus, float], size: tuple[int, int]
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        check(pilot, await until_shown(pilot, BURIED))
        await settled(pilot)

    assert snap_compare(_app(demo_night), terminal_size=size, run_before=steps)


@pytest.mark.long
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_pictures_of_what_is_wrong(
    snap_compare: Compare, demo_night: tuple[ServerStatus, float], size: tuple[int, int]
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await until_shown(pilot, BURIED)
        await pilot.press("x")
        text = await until_shown(pilot, "What is wrong now", "oldest")
        assert all(tube in text for tube in (BURIED, GROWING, ALONE, PAUSED, SLOW))
        await settled(pilot)

    assert snap_compare(_app(demo_night), terminal_size=size, run_before=steps)


def test_enter_goes_to_what_is_wrong(demo_night: tuple[ServerStatus, float]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, BURIED)
        await pilot.press("x")
        await until_shown(pilot, "What is wrong now")
        await pilot.press("j", "enter")
        await until_shown(pilot, f"› {GROWING}", "Next job of")

    on_still(_app(demo_night), story)
