"""Toasts under the mouse."""

import asyncio

from textual import events
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from beantop.app.app import BeantopApp
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import settled, text_of, until_shown


def click(pilot: Pilot[None], x: int, y: int) -> None:
    for kind in (events.MouseDown, events.MouseUp):
        event = kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y)
        pilot.app.post_message(event)


def test_a_second_click_where_a_toast_was_just_taken_away_ends_nothing() -> None:
    async def story(pilot: Pilot[None]) -> None:
        pilot.app.notify("hello", markup=False)
        await until_shown(pilot, "hello")
        await settled(pilot)
        toast = pilot.app.screen.query_one(Toast)
        x, y = toast.region.x + 2, toast.region.y
        click(pilot, x, y)
        while toast.parent:  # noqa: ASYNC110  # gone, and the screen is not laid out again yet
            await asyncio.sleep(0)
        click(pilot, x, y)
        await settled(pilot)
        assert "hello" not in text_of(pilot.app.screen)
        assert pilot.app.is_running

    still = stills.Still(stills.watched())
    app = BeantopApp([still], now=lambda: stills.NOW, wall=lambda: stills.WALL)
    on_still(app, story)
