"""Keys of one burst reach the widgets that they were meant for, in their order."""

import asyncio

import pytest
from textual import events
from textual.pilot import Pilot

from beantop.app.screens.tubes import TubesScreen
from tests.app.running import on_server
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd


def _send(pilot: Pilot[None], keys: str) -> None:
    for key in keys:
        name = {"/": "slash", "\r": "enter"}.get(key, key)
        pilot.app.post_message(events.Key(name, key))


@pytest.mark.parametrize("opened_before", [False, True], ids=["first time", "again"])
def test_enter_does_not_overtake_the_letters_before_it(
    server: Beanstalkd, opened_before: bool
) -> None:
    """However many turns of the event loop lie between the letters and the enter: it went to the
    filter at once, while the letters still came back from the table."""

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        screen = pilot.app.screen
        assert isinstance(screen, TubesScreen)
        if opened_before:
            await pilot.press("/", "escape")
        for turns in range(40):
            _send(pilot, "/ults")
            for _ in range(turns):
                await asyncio.sleep(0)
            _send(pilot, "\r")
            await until(pilot, lambda: screen.focused is screen.table)
            await pilot.pause()
            assert (turns, screen.pane.filter.words, pilot.app.screen) == (turns, "ults", screen)
            await pilot.press("escape")

    on_server(server, story)
