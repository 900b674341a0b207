"""Makes the pictures of the README: `python -m screenshots.take`. The same ones on every run.

They show the demo, two and a half minutes after its traffic began, on a clock that stands still.
"""

import asyncio
import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from beantop.app.app import BeantopApp
from beantop.app.demo import PAST, known, remember
from beantop.demo.clock import SECOND
from beantop.demo.demo import Demo
from beantop.demo.host import Host
from beantop.jobs import listed
from beantop.monitor.history import History
from beantop.monitor.poller import Link, Watched
from tests.app.screen_text import until_shown
from tests.app.stills import Still

HERE = Path(__file__).parent

SIZE = (120, 36)

NOW = 1_000_000.0
"""Seconds of the clock."""
EPOCH = 1_789_000_000.0
"""The Unix time when it stood at 0: the pictures are taken on 2026-09-21 at 14:13:20 UTC."""

ADDRESS = ("127.0.0.1", 11300)
"""The address that the pictures show; the servers have others, which are free."""

SHOTS: dict[str, list[tuple[list[str], str]]] = {  # picture → keys, and what to wait for after them
    "tubes": [([], "email-transactional")],
    "tube": [(["enter"], "buried ")],
    "job": [(["enter"], "buried "), (["G", "enter"], "[JSON]")],
    "servers": [(["0"], "3 servers answering")],
    "server": [(["0"], "3 servers answering"), (["0"], "── Server ──")],
}


async def take_all() -> dict[str, str]:
    """All pictures, as SVG, by their names."""
    demo = Demo(PAST, now=lambda: round(NOW * SECOND), wall=lambda: EPOCH + NOW, host=_host)
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


async def _take(watchers: Sequence[Still], steps: Sequence[tuple[Sequence[str], str]]) -> str:
    app = BeantopApp(
        watchers, known=known([ADDRESS] * len(watchers)), now=lambda: NOW, wall=lambda: EPOCH + NOW
    )
    # No job grows older on this clock, which else would tell that it is another one.
    with patch.object(listed, "AGE_TOLERANCE", math.inf):
        return await _picture(app, steps)


async def _picture(app: BeantopApp, steps: Sequence[tuple[Sequence[str], str]]) -> str:
    async with app.run_test(size=SIZE) as pilot:
        for keys, word in steps:
            await pilot.press(*keys)
            await until_shown(pilot, word)
        await pilot.pause()
        return app.export_screenshot(title="beantop", simplify=True)


def _watched(history: History) -> Watched:
    link = Link("up", NOW - PAST)
    snapshot = replace(history.latest, took=0.0012)  # which takes no time where time stands still
    return Watched(ADDRESS, link, snapshot, history, polls=1, pace=1.0)


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
