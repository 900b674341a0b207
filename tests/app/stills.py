"""Servers whose data never changes: pictures and tests are the same on every run."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import replace
from functools import cache

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.beanstalk import Address, Stats
from beantop.config import ServerConfig
from beantop.jobs.trash.store import Trash
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import Server, Snapshot, Tube

NOW = 10_000.0
"""The monotonic time of all stills."""
WALL = 1_790_000_000.0
"""The same as a Unix time: 2026-09-21 14:13:20 UTC."""

ADDRESS = ("prod-queue-1", 11300)

_TUBES = [  # name, ready now, two minutes ago, put/s, reserved, delayed, buried, watching, waiting
    ("email-transactional", 8214, 4400, 212, 12, 40, 17, 12, 0),
    ("image-thumbnails", 2310, 5310, 96, 8, 0, 0, 8, 0),
    ("webhooks-retry", 1120, 628, 4, 0, 1004, 0, 6, 6),
    ("search-index", 410, 650, 51, 6, 0, 0, 6, 0),
    ("billing-charge", 231, 87, 1, 0, 0, 0, 0, 0),
    ("audit-log", 88, 208, 30, 4, 0, 0, 4, 0),
    ("invoices/pdf", 23, 47, 2, 2, 118, 0, 3, 1),
    ("sms-otp", 9, 9, 14, 3, 0, 0, 6, 3),
    ("push-android", 2, 2, 1, 1, 0, 0, 4, 3),
    ("push-ios", 1, 1, 1, 1, 0, 0, 4, 3),
    ("webhooks", 0, 0, 1, 1, 38, 0, 6, 5),
    ("video-transcode-with-a-long-name-eu-west", 0, 0, 0, 0, 4, 0, 2, 2),
    ("default", 0, 0, 0, 0, 0, 0, 1, 1),
]


def look(seconds_ago: int) -> Snapshot:
    """The server so many seconds ago, up to 120."""
    at = NOW - seconds_ago
    tubes = {row[0]: _tube(at, seconds_ago, *row) for row in _TUBES}
    return Snapshot(at, WALL - seconds_ago, _server(at, tubes), tubes, 0.0012, 0.0001)


@cache
def watched() -> ServerStatus:
    """A server with two minutes of history; copy the history to continue from there."""
    history = History()
    for seconds_ago in range(120, -1, -1):
        history.add(look(seconds_ago), 1.0)
    link = Link("up", NOW - 120)
    return ServerStatus(ADDRESS, link, history.latest, history, polls=121, pace=1.0, cost=0.0009)


def later(before: ServerStatus) -> ServerStatus:
    """One look later: the first tube has 9,999 ready jobs."""
    first = next(iter(before.snapshot.tubes.values()))
    return _with(before, first._replace(ready=9999))


def with_ready(name: str, ready: int) -> ServerStatus:
    """One look later: that tube has so many ready jobs."""
    before = watched()
    return _with(before, before.snapshot.tubes[name]._replace(ready=ready))


def with_tubes(*names: str) -> ServerStatus:
    """A server with more tubes, whose names no honest server would give them."""
    more = [Tube(name, NOW, ready=0, reserved=0, delayed=0, buried=0) for name in names]
    return _with(watched(), *more)


def _with(before: ServerStatus, *more: Tube) -> ServerStatus:
    tubes = {**before.snapshot.tubes, **{tube.name: tube for tube in more}}
    return replace(before, snapshot=before.snapshot._replace(tubes=tubes), polls=before.polls + 1)


def disconnected() -> ServerStatus:
    """The same, when the connection was lost two minutes after the last look."""
    link = Link("down", NOW - 134, "connection reset by peer", tries=6, retry_at=NOW + 9)
    late = watched()
    aged = late.snapshot._replace(taken_at=NOW - 134, wall_time=WALL - 134)
    return replace(late, link=link, snapshot=aged)


def nobody() -> ServerStatus:
    """A server that never answered."""
    link = Link("down", NOW - 3, "connection refused", tries=3, retry_at=NOW + 2)
    return ServerStatus(("127.0.0.1", 11300), link)


class Still:
    """Reports given data about one server, as a poller would."""

    def __init__(self, first: ServerStatus, address: Address | None = None) -> None:
        self.address = address or first.address
        self.interval = 1.0
        self.own_connections: Callable[[], int] = lambda: 1
        self.wanted: Callable[[], Collection[str]] = tuple
        self.spares = False
        self.pokes = 0
        self._news: asyncio.Queue[ServerStatus] = asyncio.Queue()
        self.tell(first)

    def tell(self, news: ServerStatus) -> None:
        self._news.put_nowait(news)

    def poke(self) -> None:
        self.pokes += 1

    async def watch(self) -> AsyncGenerator[ServerStatus, None]:
        while True:
            yield await self._news.get()


def app(
    first: ServerStatus,
    *,
    address: Address | None = None,
    readonly: bool = False,
    trash: Trash | None = None,
    now: Callable[[], float] = lambda: NOW,
) -> BeantopApp:
    """The program, watching a server whose data never changes."""
    return BeantopApp(
        [Still(first, address)],
        Options(readonly=readonly, trash=trash),
        known=[ServerConfig(first.address)],
        now=now,
        wall=lambda: WALL,
    )


def _tube(
    at: float,
    ago: int,
    name: str,
    ready: int,
    before: int,
    put: int,
    reserved: int,
    delayed: int,
    buried: int,
    watching: int,
    waiting: int,
) -> Tube:
    growth = (ready - before) / 120
    wave = round(math.sin(ago / 7 + len(name)) * min(ready, before) * 0.1) if ago else 0
    now = max(0, round(ready - growth * ago) + wave)
    deleted_a_second = max(0.0, put - growth) if watching and name != "webhooks-retry" else 0.0
    return Tube(
        name,
        at,
        urgent=min(now, 3),
        ready=now,
        reserved=reserved,
        delayed=delayed,
        buried=buried,
        total_jobs=1_000_000 - put * ago,
        deletes=900_000 - round(deleted_a_second * ago),
        using=2,
        watching=watching,
        waiting=waiting,
        pause=60 if name == "webhooks-retry" else 0,
        pause_time_left=42 if name == "webhooks-retry" else 0,
    )


_COMMANDS: Stats = {
    "cmd-peek": 12,
    "cmd-peek-ready": 40,
    "cmd-peek-delayed": 40,
    "cmd-peek-buried": 41,
    "cmd-reserve-with-timeout": 0,
    "cmd-release": 181_200,
    "cmd-use": 52_100,
    "cmd-watch": 41_020,
    "cmd-ignore": 41_000,
    "cmd-bury": 20_114,
    "cmd-kick": 310,
    "cmd-touch": 2_120,
    "cmd-stats": 86_400,
    "cmd-stats-job": 260,
    "cmd-stats-tube": 1_123_200,
    "cmd-list-tubes": 86_400,
    "cmd-list-tube-used": 3,
    "cmd-list-tubes-watched": 2,
    "cmd-pause-tube": 14,
}


def _server(at: float, tubes: dict[str, Tube]) -> Server:
    ago = NOW - at
    stats: Stats = {
        "current-jobs-ready": sum(tube.ready or 0 for tube in tubes.values()),
        "current-jobs-reserved": 38,
        "current-jobs-delayed": 1204,
        "current-jobs-buried": 17,
        "total-jobs": round(9_000_000 - 412 * ago + 30 * math.sin(ago / 3)),
        "cmd-delete": round(8_000_000 - 400 * ago + 40 * math.sin(ago / 5)),
        "job-timeouts": round(4_000 - 0.2 * ago),
        **_COMMANDS,
        "cmd-put": round(9_000_000 - 412 * ago + 30 * math.sin(ago / 3)),
        "cmd-reserve": round(9_100_000 - 401 * ago),
        "current-jobs-urgent": 25,
        "max-job-size": 65_535,
        "current-tubes": len(tubes),
        "current-connections": 84,
        "current-producers": 12,
        "current-workers": 46,
        "current-waiting": 31,
        "total-connections": 1_204_331,
        "pid": 812,
        "version": "1.12",
        "rusage-utime": f"{9660 - 0.012 * ago:.6f}",
        "rusage-stime": f"{3480 - 0.008 * ago:.6f}",
        "uptime": 3_553_200 - round(ago),
        "binlog-oldest-index": 118,
        "binlog-current-index": 121,
        "binlog-records-migrated": round(310_000 - 12 * ago),
        "binlog-records-written": round(26_000_000 - 3200 * ago),
        "binlog-max-size": 10_485_760,
        "draining": "false",
        "id": "3f2a9c0d1e7b",
        "hostname": "queue-1.prod",
        "os": "#1 SMP Debian 6.1.115-1 (2024-11-01)",
        "platform": "x86_64",
    }
    return Server(at, stats)
