"""A screen that is left open does little: its work is counted, not measured."""

import asyncio
import gc
import time
from unittest.mock import patch

import pytest
from textual.pilot import Pilot
from textual.strip import Strip

from beantop.app.app import BeantopApp
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.screens.servers import ServersScreen
from beantop.app.screens.tube import TubeScreen
from beantop.app.screens.tubes import TubesScreen
from beantop.app.view.table_lines import row_segments
from beantop.app.widgets import live_table
from tests.app import stills
from tests.app.fleet import KNOWN
from tests.app.running import go_to_tube, on_server, on_still
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd

pytestmark = pytest.mark.usefixtures("every_frame")

POLLS = 8


async def through_polls(pilot: Pilot[None], screen: ServerScreen) -> int:
    """Let the program run until some polls were shown; how many they were."""
    before = screen.view.watched.polls
    await until(pilot, lambda: screen.view.watched.polls >= before + POLLS)
    return screen.view.watched.polls - before


@pytest.mark.long
def test_a_screen_of_tubes_is_drawn_once_for_each_poll(server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        screen = pilot.app.screen
        assert isinstance(screen, TubesScreen)
        with patch.object(screen, "redraw", wraps=screen.redraw) as redraw:
            polls = await through_polls(pilot, screen)
            assert redraw.call_count <= polls + 1

    on_server(server, story)


@pytest.mark.long
def test_a_list_of_jobs_is_drawn_once_for_each_poll_and_of_it_what_is_in_sight(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter")
        await until_shown(pilot, "The next job of each state")
        await pilot.press("n")
        await until_shown(pilot, "1/100 ", "heron 10")
        screen = pilot.app.screen
        assert isinstance(screen, TubeScreen)
        await through_polls(pilot, screen)  # all bodies in sight were fetched
        peeked, in_sight = client.stats()["cmd-peek"], len(screen.pane.table.visible_rows)
        with (
            patch.object(screen.pane, "redraw", wraps=screen.pane.redraw) as redraw,
            patch.object(live_table, "row_segments", wraps=row_segments) as rows,
            patch.object(screen.pane.table, "fade"),  # which draws them again if a poll is late
        ):
            polls = await through_polls(pilot, screen)
            assert redraw.call_count <= polls + 1
            assert rows.call_count <= (polls + 1) * in_sight
        assert client.stats()["cmd-peek"] == peeked

    with server.client(use=tube) as client:
        for number in range(100):
            client.put(f"heron {number}")
        on_server(server, story, size=(100, 30))


@pytest.mark.long
def test_all_servers_together_are_drawn_at_most_twice_a_second_however_much_they_tell() -> None:
    one = stills.watched()
    watchers = [stills.Still(one, known.address) for known in KNOWN]
    app = BeantopApp(
        watchers, known=KNOWN, on_all=True, now=lambda: stills.NOW, wall=lambda: stills.WALL
    )

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "3 of 3 servers answering")
        screen = app.screen
        assert isinstance(screen, ServersScreen)
        with patch.object(screen, "redraw", wraps=screen.redraw) as redraw:
            began = time.monotonic()
            while redraw.call_count < 4:
                for watcher in watchers:
                    watcher.tell(one)
                await asyncio.sleep(0.01)
            assert redraw.call_count <= 1 + 2 * (time.monotonic() - began)

    on_still(app, story)


@pytest.mark.long
def test_closed_screens_leave_no_lines_behind(server: Beanstalkd) -> None:
    def lines_alive() -> int:
        gc.collect()
        return sum(isinstance(each, Strip) for each in gc.get_objects())

    async def open_and_close(pilot: Pilot[None], times: int) -> None:
        for _ in range(times):
            await pilot.press("0")
            await until_shown(pilot, "── Server ──")
            await pilot.press("escape")
            await until_shown(pilot, "worst first")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await open_and_close(pilot, 3)
        before = lines_alive()
        await open_and_close(pilot, 12)
        assert lines_alive() < 1.5 * before

    on_server(server, story)
