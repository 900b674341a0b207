"""Keys that come between the key of an action and its question do nothing on the screen below."""

import asyncio
import math

import pytest
from textual.pilot import Pilot

from beantop.app.action_context import ActionContext
from beantop.app.actions import destination, jobs
from beantop.app.dialogs.dialog import Dialog
from beantop.app.screens import early_keys
from beantop.app.screens.tube import TubeScreen
from beantop.config import Settings
from tests.app.running import answer, on_server, open_tube, until_toasted
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd

pytestmark = pytest.mark.usefixtures("held_long")

UNHEARD = "q was ignored: it was pressed too early."


@pytest.fixture
def held_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are held until the question comes, however long that takes."""
    monkeypatch.setattr(early_keys, "MAX_SECONDS", math.inf)


class Lookup:
    """A look at the server before the question, which ends when the test says so."""

    def __init__(self, result: bool) -> None:
        self.result, self.may_end = result, asyncio.Event()

    async def __call__(self, context: ActionContext, _: object) -> bool:
        await self.may_end.wait()
        return self.result


async def open_list(pilot: Pilot[None], tube: str) -> TubeScreen:
    screen = await open_tube(pilot, tube)
    await pilot.press("n")
    await until_shown(pilot, "2 of 2 jobs found")
    return screen


def with_two_jobs(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("")
        client.put("", delay=1000)


@pytest.mark.long
def test_they_are_shown_as_unheard_once_the_question_is_there(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_list(pilot, tube)
        await pilot.press("D", "j", "0", "D", "q")
        assert pilot.app.screen is screen
        assert screen.pane.table.current == screen.pane.table.rows[0]
        lookup.may_end.set()
        await until_shown(pilot, "Delete job", UNHEARD)

    lookup = Lookup(True)
    monkeypatch.setattr(jobs, "finish_first", lookup)
    with_two_jobs(server, tube)
    on_server(server, story)


@pytest.mark.long
def test_nor_do_keys_between_two_questions(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_list(pilot, tube)
        await pilot.press("M")
        await answer(pilot, "Move job ", *"new", "enter")
        await until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("q")
        assert pilot.app.screen is screen
        lookup.may_end.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        await until_shown(pilot, UNHEARD)

    lookup = Lookup(False)
    monkeypatch.setattr(destination, "exists", lookup)
    with_two_jobs(server, tube)
    on_server(server, story)


def test_if_no_question_comes_that_is_said(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_list(pilot, tube)
        await pilot.press("D", "q")
        lookup.may_end.set()
        await until_toasted(pilot, UNHEARD)
        assert pilot.app.screen is screen
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.screen is not screen)

    lookup = Lookup(False)
    monkeypatch.setattr(jobs, "finish_first", lookup)
    with_two_jobs(server, tube)
    on_server(server, story)


@pytest.mark.long
def test_where_nothing_is_asked_no_key_is_lost(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_list(pilot, tube)
        await pilot.press("B", "q")
        assert pilot.app.screen is screen
        lookup.may_end.set()
        await until_toasted(pilot, "Buried job")
        await until(pilot, lambda: pilot.app.screen is not screen)

    lookup = Lookup(True)
    monkeypatch.setattr(jobs, "finish_first", lookup)
    with_two_jobs(server, tube)
    on_server(server, story, settings=Settings(confirm="none"))
