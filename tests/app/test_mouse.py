"""What looks like a button is one."""

import time

import pytest
from textual.pilot import Pilot

from beantop.app.dialogs.dialog import Dialog
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import go_to_tube, on_server, on_still
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


async def click(pilot: Pilot[None], words: str) -> None:
    """Click in the middle of these words, where they are first on the screen."""
    lines = text_of(pilot.app.screen).splitlines()
    y = next(y for y, line in enumerate(lines) if words in line)
    await pilot.click(offset=(lines[y].index(words) + len(words) // 2, y))


@pytest.mark.parametrize(
    ("button", "result"), [("worst first", "Sort by"), (" +", "- 2s +"), ("- ", "- 0.5s +")]
)
def test_words_of_the_tubes_screen_are_clicked(button: str, result: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await click(pilot, button)
        await until_shown(pilot, result)

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_hidden_idle_tubes_are_shown_by_a_click() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("z")
        await until_shown(pilot, "idle hidden (z)")
        await click(pilot, "idle hidden (z)")
        assert "idle hidden" not in await until_shown(pilot, "── 13 tubes ──")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_states_and_the_way_back_are_clicked(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter")
        await until_shown(pilot, "B hello")
        await click(pilot, "delayed 0")
        await until_shown(pilot, "[delayed 0]")
        await click(pilot, "ready 1")
        await until_shown(pilot, "[ready 1]", "B hello")
        await pilot.press("enter")
        await until_shown(pilot, "› job ")
        await click(pilot, tube)
        await until_shown(pilot, "[ready 1]")
        await pilot.press("enter")
        await until_shown(pilot, "› job ")
        await click(pilot, "127.0.0.1")
        await until_shown(pilot, "worst first")

    with server.client(use=tube) as client:
        client.put("hello")
        on_server(server, story)


@pytest.mark.long
def test_the_number_of_the_server_leads_to_all() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("enter")
        await until_shown(pilot, "[1/3")
        await click(pilot, "[1/3")
        await until_shown(pilot, "2 of 3 servers")

    on_still(fleet(), story)


@pytest.mark.long
def test_the_buttons_of_a_question_are_clicked() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("P")
        await until_shown(pilot, "Pause this tube?")
        dialog = pilot.app.screen
        assert isinstance(dialog, Dialog)
        await until(pilot, lambda: dialog.accepts(time.monotonic()))
        await click(pilot, "esc Cancel")
        await until(pilot, lambda: pilot.app.screen is not dialog)

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_click_on_yes_is_a_yes(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter")
        await until_shown(pilot, "B hello")
        await pilot.press("B")
        await until_shown(pilot, "y Bury")
        dialog = pilot.app.screen
        assert isinstance(dialog, Dialog)
        await until(pilot, lambda: dialog.accepts(time.monotonic()))
        await click(pilot, "y Bury")
        await until_shown(pilot, "BURIED 1")

    with server.client(use=tube) as client:
        client.put("hello")
        on_server(server, story)


@pytest.mark.long
def test_an_order_is_clicked_and_a_click_beside_the_list_closes_it() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("s")
        await until_shown(pilot, "Sort by")
        await click(pilot, "b  BURIED")
        await until_shown(pilot, "sort BURIED ▼")
        await pilot.press("s")
        await until_shown(pilot, "Sort by")
        await pilot.click(offset=(1, 1))
        await until_shown(pilot, "sort BURIED ▼")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Dialog))

    on_still(stills.app(stills.watched()), story)
