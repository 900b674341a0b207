"""Keys of one burst reach the widgets that they were meant for, in their order."""

import asyncio

from textual import events
from textual.pilot import Pilot

from beantop.app.screens.tubes import TubesScreen
from beantop.app.widgets.filter_line import FilterLine
from tests.app.running import on_server
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd


def _send(pilot: Pilot[None], keys: str) -> None:
    for key in keys:
        name = {"/": "slash", "\r": "enter"}.get(key, key)
        pilot.app.post_message(events.Key(name, key))


def test_enter_does_not_overtake_the_letters_before_it(server: Beanstalkd) -> None:
    """On a slow machine the letters were still on their way through the table when the filter had
    the focus already. Enter went there at once and closed it, and the letters were commands."""

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        screen = pilot.app.screen
        assert isinstance(screen, TubesScreen)
        table, pane = screen.table, screen.pane
        for _ in range(2):  # the line is made when it is first needed
            _send(pilot, "/")
            pilot.app.call_later(lambda: table.call_later(asyncio.sleep, 0.1))
            _send(pilot, "als")
            await until(pilot, lambda: isinstance(screen.focused, FilterLine))
            _send(pilot, "\r")
            await until(pilot, lambda: screen.focused is table)
            await asyncio.sleep(0.2)
            assert pane.filter.words == "als"
            assert pilot.app.screen is screen
            assert not table.marked
            await pilot.press("escape")

    on_server(server, story)
