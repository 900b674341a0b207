"""The screen of a server: `0` opens it and goes back, and the numbers move."""

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.config import ServerConfig
from tests.app import stills
from tests.app.running import on_server, on_still
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


@pytest.mark.long
def test_the_numbers_of_a_real_server(server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press("0")
        with server.client() as client:
            pid = f"{client.stats()['pid']}"
        await until_shown(pilot, "── Server ──", "pid", pid, "CPU now")
        await until(pilot, lambda: "%" in text_of(pilot.app.screen))
        await pilot.press("0")
        await until_shown(pilot, "worst first")

    on_server(server, story, size=(120, 60))


def test_a_name_from_the_configuration_does_not_reach_the_terminal_raw() -> None:
    known = ServerConfig(stills.ADDRESS, "queue\x1b]52;c;eA==\x07")
    app = BeantopApp([stills.Still(stills.watched())], known=[known], now=lambda: stills.NOW)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("0")
        assert "\x1b" not in await until_shown(pilot, "› server")

    on_still(app, story)


@pytest.mark.long
def test_a_small_window_scrolls() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("0")
        await until_shown(pilot, "── Server ──")
        assert "round trip" not in text_of(pilot.app.screen)
        await pilot.press("G")
        await until_shown(pilot, "round trip")
        await pilot.press("g")
        await until_shown(pilot, "Last 2 minutes")
        await pilot.press("escape")
        await until_shown(pilot, "worst first")

    on_still(stills.app(stills.watched()), story, size=(80, 24))


@pytest.mark.long
def test_its_graphs_reach_back_as_far_as_the_others() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("0", "t")
        await until_shown(pilot, "Last 10 minutes", "READY 12,4")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_fields_are_filtered_by_name_value_and_group() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("0", "slash", *"peek", "enter")
        text = await until_shown(pilot, "filter: peek", "peek-buried")
        assert "list-tubes" not in text
        await pilot.press("escape", "slash", *"binlog", "enter")
        await until_shown(pilot, "oldest-index", "records-migrated")
        await pilot.press("escape", "slash", *"nothing-of-that")
        await until_shown(pilot, "No field matches “nothing-of-that”.")
        await pilot.press("escape", "escape")
        await until_shown(pilot, "worst first")

    on_still(stills.app(stills.watched()), story)
