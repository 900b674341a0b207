"""Make the pictures of the README: `python -m screenshots.take`. The same ones on every run.

They show the demo, two and a half minutes after its traffic began, on a clock that stands still.
"""

import asyncio
import copy
import math
import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.demo import PAST, known, remember
from beantop.app.dialogs import dialog
from beantop.app.panes.job_pane import JobPane
from beantop.app.screens import screen_user
from beantop.app.session import server_view
from beantop.app.session.options import AS_USUAL, Options
from beantop.demo.clock import SECOND
from beantop.demo.demo import Demo
from beantop.demo.host import Host
from beantop.demo.local import LocalClient
from beantop.jobs import job_info
from beantop.monitor.history import STEP, History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import take_snapshot
from screenshots.movie import movie
from tests.app.screen_text import settled, until, until_shown
from tests.app.stills import Still

HERE = Path(__file__).parent

SIZE = (120, 36)
MOVIE_SIZE = (100, 28)

NOW = 1_000_000.0
"""Seconds of the clock."""
EPOCH = 1_789_000_000.0
"""The Unix time when it stood at 0: the pictures are taken on 2026-09-21 at 14:13:20 UTC."""

ADDRESS = ("127.0.0.1", 11300)
"""The address that the pictures show; the servers have others, which are free."""

FOUND = "jobs found.  n finds"
"""What a list of jobs says when it has filled itself."""

SHOTS: dict[str, list[tuple[list[str], str]]] = {  # picture → keys, and what to wait for after them
    "tubes": [([], "email-transactional")],
    "tube": [(["enter"], FOUND)],
    "job": [(["enter"], FOUND), (["h", "enter"], "[JSON]")],
    "servers": [(["0"], "3 servers answering")],
    "server": [(["0"], "3 servers answering"), (["0"], "── Server ──")],
}


MOVIE: list[tuple[list[str], str, float]] = [  # keys, what to wait for, and seconds to show it
    ([], "email-transactional", 1.2),
    (["later"], "email-transactional", 1.0),
    (["later"], "email-transactional", 1.0),
    (["enter"], FOUND, 1.8),
    (["h"], "[buried", 0.8),
    (["enter"], "[JSON]", 2.2),
    (["escape"], "h/l shows", 0.8),
    (["K"], "to ready?", 1.8),
    (["y"], "Kicked job", 2.4),
]
"""What the moving picture shows; `later` is not a key: the server is polled once more."""


async def take_all() -> dict[str, str]:
    """All pictures, as SVG, by their names."""
    return {**await _take_stills(), "demo": await _take_movie()}


async def _take_movie() -> str:
    """The moving picture: the demo over its last seconds, and a job that is kicked."""
    demo = _demo()
    polls = sum(keys == ["later"] for keys, _, _ in MOVIE)
    past = demo.relive(STEP)
    clients = [LocalClient(broker) for broker in demo.brokers]
    histories = [History() for _ in clients]
    moments: deque[list[ServerStatus]] = deque(maxlen=polls + 1)
    for now in past:
        for client, history in zip(clients, histories, strict=True):
            look = await take_snapshot(client, 0, now=lambda: now, wall=lambda: EPOCH + now)  # noqa: B023
            history.add(look, STEP)
        if now > NOW - (polls + 1.5) * STEP:
            moments.append([_watched(copy.deepcopy(history)) for history in histories])
    for client in clients:
        client.close()
    addresses = await demo.listen()
    stills = [Still(first, to) for first, to in zip(moments.popleft(), addresses, strict=True)]
    try:
        return await _film(stills, moments)
    finally:
        demo.close()


async def _film(stills: Sequence[Still], moments: deque[list[ServerStatus]]) -> str:
    app = _app(stills, Options(trash=None))
    pictures = []
    with (
        patch.object(job_info, "AGE_TOLERANCE", math.inf),
        patch.object(dialog, "INPUT_GUARD_SECONDS", 0.0),
        patch.object(screen_user, "RESULT_SECONDS", 600.0),  # a slow machine shows the toast, too
        patch.object(server_view, "GENTLE_RATE", 1e9),
    ):
        async with app.run_test(size=MOVIE_SIZE, notifications=True) as pilot:
            for keys, word, _ in MOVIE:
                if keys == ["later"]:
                    for still, news in zip(stills, moments.popleft(), strict=True):
                        still.tell(news)
                else:
                    await pilot.press(*keys)
                await until_shown(pilot, word)
                await _rest(pilot)
                pictures.append(app.export_screenshot(title="beantop", simplify=True))
    return movie(pictures, [seconds for _, _, seconds in MOVIE])


async def _take_stills() -> dict[str, str]:
    demo = _demo()
    histories = await remember(demo, EPOCH)
    addresses = await demo.listen()
    try:
        return {
            name: await _take(
                [
                    Still(_watched(history), to)
                    for history, to in zip(histories, addresses, strict=True)
                ],
                steps,
            )
            for name, steps in SHOTS.items()
        }
    finally:
        demo.close()


def _demo() -> Demo:
    return Demo(PAST, now=lambda: round(NOW * SECOND), wall=lambda: EPOCH + NOW, host=_host)


def _app(watchers: Sequence[Still], start: Options = AS_USUAL) -> BeantopApp:
    names = known([ADDRESS] * len(watchers))
    return BeantopApp(watchers, start, known=names, now=lambda: NOW, wall=lambda: EPOCH + NOW)


async def _take(watchers: Sequence[Still], steps: Sequence[tuple[Sequence[str], str]]) -> str:
    app = _app(watchers)
    # No job grows older on this clock, which else would tell that it is another one.
    with (
        patch.object(job_info, "AGE_TOLERANCE", math.inf),
        patch.object(server_view, "GENTLE_RATE", 1e9),
    ):
        return await _picture(app, steps)


async def _picture(app: BeantopApp, steps: Sequence[tuple[Sequence[str], str]]) -> str:
    async with app.run_test(size=SIZE) as pilot:
        for keys, word in steps:
            await pilot.press(*keys)
            await until_shown(pilot, word)
        await _rest(pilot)
        return app.export_screenshot(title="beantop", simplify=True)


async def _rest(pilot: Pilot[None]) -> None:
    """Wait until all bodies in sight were read, and nothing moves any more."""

    def is_read() -> bool:
        pane = getattr(pilot.app.screen, "pane", None)
        rows = pane.table.visible_rows if isinstance(pane, JobPane) else ()
        return all(row.body is not None for row in rows)

    await until(pilot, is_read)
    await settled(pilot)


def _watched(history: History) -> ServerStatus:
    link = Link("up", NOW - PAST)
    snapshot = history.latest._replace(took=0.0012)  # which takes no time where time stands still
    return ServerStatus(ADDRESS, link, snapshot, history, polls=1, pace=1.0, cost=0.0012)


def _host() -> Host:
    return Host(
        id="5eed", pid=1, name="queue-1", os="Linux", platform="x86_64", cpu=lambda: (1.0, 1.0)
    )


def main() -> None:
    """Write all pictures beside this file."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    for name, picture in asyncio.run(take_all()).items():
        (HERE / f"{name}.svg").write_text(picture)


if __name__ == "__main__":
    main()
