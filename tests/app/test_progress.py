"""The progress box of long work, and races between the two."""

import asyncio
from collections.abc import Sequence

import pytest
from textual.pilot import Pilot

from beantop.app.action_context import Progress
from beantop.app.dialogs import progress
from beantop.app.dialogs.progress import ProgressDialog, with_box
from beantop.app.screens.server_screen import ServerScreen
from tests.app.running import on_server
from tests.app.screen_text import settled, until, until_shown
from tests.beanstalkd import Beanstalkd


@pytest.mark.parametrize("turns", range(8))
def test_work_may_end_while_its_box_is_being_opened(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    monkeypatch.setattr(progress, "BOX_AFTER", 0.0)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "tube")
        screen = pilot.app.screen
        assert isinstance(screen, ServerScreen)
        box = ProgressDialog(Progress("Deleting", lambda: [], lambda: None))

        async def work() -> str:
            while not box.is_attached:  # noqa: ASYNC110  # each turn of the loop counts here
                await asyncio.sleep(0)
            for _ in range(turns):  # of the loop, in which Textual opens it step by step
                await asyncio.sleep(0)
            return "done"

        assert await with_box(screen.app, work(), box) == "done"
        await until(pilot, lambda: pilot.app.screen is screen)

    on_server(server, story)


@pytest.mark.long
@pytest.mark.parametrize(
    ("meanwhile", "shown"), [(["question_mark"], "Help"), (["slash", "e"], "Keep the filter")]
)
def test_a_box_does_not_take_the_keys_of_what_is_read_or_typed(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, meanwhile: Sequence[str], shown: str
) -> None:
    monkeypatch.setattr(progress, "BOX_AFTER", 0.0)
    monkeypatch.setattr(progress, "DRAWN_EVERY", 0.01)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        screen, stopped = pilot.app.screen, asyncio.Event()
        assert isinstance(screen, ServerScreen)
        await pilot.press(*meanwhile)
        await until_shown(pilot, shown)
        box = ProgressDialog(Progress("Deleting", lambda: [], stopped.set))
        screen.carry_out(work_until(stopped, screen, box))
        await settled(pilot)
        assert not box.is_attached
        await pilot.press("escape")
        await until_shown(pilot, "Deleting", "Stop after the current batch")
        assert not stopped.is_set()
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)

    on_server(server, story)


@pytest.mark.long
def test_work_can_be_stopped_when_its_screen_was_left(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "BOX_AFTER", 0.0)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        tubes, stopped = pilot.app.screen, asyncio.Event()
        await pilot.press("enter")
        await until_shown(pilot, "› default")
        tube = pilot.app.screen
        assert isinstance(tube, ServerScreen)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is tubes)
        box = ProgressDialog(Progress("Deleting", lambda: [], stopped.set))
        tube.carry_out(work_until(stopped, tube, box))
        await until_shown(pilot, "Deleting", "Stop after the current batch")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is tubes)
        assert stopped.is_set()

    on_server(server, story)


async def work_until(stopped: asyncio.Event, screen: ServerScreen, box: ProgressDialog) -> None:
    """Work that continues until it is stopped."""
    await with_box(screen.app, stopped.wait(), box)
