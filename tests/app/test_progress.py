"""The box that tells of the progress of long work, when it and the work get in each other's way."""

import asyncio

import pytest
from textual.pilot import Pilot

from beantop.app.screens import progress
from beantop.app.screens.progress import ProgressScreen, with_box
from beantop.app.screens.watching import WatchingScreen
from tests.app.running import on_server
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd


@pytest.mark.parametrize("turns", range(8))
def test_work_may_end_while_its_box_is_being_opened(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    monkeypatch.setattr(progress, "BOX_AFTER", 0.0)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "tube")
        screen = pilot.app.screen
        assert isinstance(screen, WatchingScreen)
        box = ProgressScreen("Deleting", lambda: [], lambda: None)

        async def work() -> str:
            while not box.is_attached:  # noqa: ASYNC110  # each turn of the loop counts here
                await asyncio.sleep(0)
            for _ in range(turns):  # of the loop, in which Textual opens it step by step
                await asyncio.sleep(0)
            return "done"

        assert await with_box(screen, work(), box) == "done"
        await until(pilot, lambda: pilot.app.screen is screen)

    on_server(server, story)
