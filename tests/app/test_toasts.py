"""Toasts under the mouse, and what they must not hide."""

import asyncio
import re

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from beantop.app.app import BeantopApp
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.toasts import MAX_TOASTS
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import settled, text_of, until, until_shown
from tests.app.scripted_server import EMAIL_TUBE, scripted_server


def click(pilot: Pilot[None], x: int, y: int) -> None:
    for kind in (events.MouseDown, events.MouseUp):
        event = kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y)
        pilot.app.post_message(event)


@pytest.mark.long
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


@pytest.mark.long
@pytest.mark.parametrize("key", ["question_mark", "c", "K", "colon"])
def test_no_toast_lies_over_a_dialog_and_none_is_missed(key: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(key)
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        for number in range(MAX_TOASTS + 1):
            pilot.app.notify(f"hello {number}", markup=False)
        await settled(pilot)
        assert "hello" not in text_of(pilot.app.screen)
        await pilot.press("escape")
        text = await until_shown(
            pilot, "2 earlier messages: press : and", "hello 2", f"hello {MAX_TOASTS}"
        )
        assert "hello 1" not in text  # the oldest ones made room

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_toast_that_is_shown_goes_behind_a_dialog() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.notify("hello", markup=False, timeout=600)
        await until_shown(pilot, "hello")
        await pilot.press("question_mark")
        await until_shown(pilot, "Help")
        await settled(pilot)
        assert "hello" not in text_of(pilot.app.screen)

    on_still(stills.app(stills.watched()), story, size=(80, 24))


async def toast_and_graphs(pilot: Pilot[None], lines: int) -> tuple[range, int]:
    """The lines of a toast, and the first line of the graphs, or of the body, below the list."""
    pilot.app.notify("hello " * 15 * lines, markup=False, timeout=600)
    await until_shown(pilot, "hello")
    await settled(pilot)
    region = pilot.app.screen.query_one(Toast).region
    text = text_of(pilot.app.screen).splitlines()
    below = re.compile(r"── (.* Last 2 minutes|Job \d+ )")
    graphs = next(at for at, line in enumerate(text) if below.match(line))
    return range(region.y, region.bottom), graphs


@pytest.mark.long
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 55)])
@pytest.mark.parametrize("keys", [["enter"], ["v"]])
def test_no_toast_lies_over_graphs(keys: list[str], size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(*keys)
        await until_shown(pilot, "4812001" if keys == ["enter"] else "Last 2 minutes")
        toast, graphs = await toast_and_graphs(pilot, 2)
        assert len(toast) >= 2
        assert toast.stop <= graphs

    with scripted_server(EMAIL_TUBE) as address:
        on_still(stills.app(stills.watched(), address=address), story, size=size)


@pytest.mark.long
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("key", ["0", "/"])
def test_toasts_leave_the_last_lines_free(key: str, size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(key)
        pilot.app.notify("hello", markup=False, timeout=600)
        await until_shown(pilot, "hello")
        await settled(pilot)
        assert "hello" not in "".join(text_of(pilot.app.screen).splitlines()[-2:])

    on_still(stills.app(stills.watched()), story, size=size)


@pytest.mark.long
def test_the_last_toast_is_in_sight_where_there_is_room_for_one() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("enter")
        await until_shown(pilot, "› email-transactional", "4812001")
        for number in range(MAX_TOASTS):
            pilot.app.notify(f"hello {number} " * 20, markup=False, timeout=600)
            await until_shown(pilot, f"hello {number}")

    with scripted_server(EMAIL_TUBE) as address:
        on_still(stills.app(stills.watched(), address=address), story, size=(80, 24))


@pytest.mark.long
def test_no_line_of_a_toast_is_lost_whatever_its_length() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        for length in range(20, 60):
            first, last = "x" * length, f"last{length}"
            pilot.app.notify(f"{first} and more words than one line has {last}", timeout=60)
            await until_shown(pilot, last)

    on_still(stills.app(stills.watched()), story, size=(80, 24))


def test_a_screen_that_closes_has_no_toasts_to_place() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, ServerScreen)
        await screen.query(".main").remove()
        screen._place_toasts()  # as after the last redraw, which a callback waits for
        assert pilot.app.is_running

    still = stills.Still(stills.watched())
    app = BeantopApp([still], now=lambda: stills.NOW, wall=lambda: stills.WALL)
    on_still(app, story)
