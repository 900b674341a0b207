"""A filter with a mistake in it shows no rows, so that nothing is done to rows that nobody chose."""

import pytest
from textual.pilot import Pilot

from beantop.app.screens.tube import TubeScreen
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import on_server, on_still, open_tube
from tests.app.screen_text import settled, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.beanstalkd import Beanstalkd

UNREADABLE = "This filter cannot be used:"


@pytest.mark.long
@pytest.mark.parametrize("words", ["priority = 1001 and reserves : 0", "/[a-/", "x priority=1"])
def test_no_job_can_be_marked_or_deleted(server: Beanstalkd, tube: str, words: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await pilot.press("slash", *words, "enter")
        await until_shown(pilot, UNREADABLE, "esc clears it.")
        await pilot.press("a", "space", "D")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, TubeScreen)  # no dialog stands above it
        assert not screen.pane.table.rows
        assert not screen.pane.table.marked
        await pilot.press("escape")
        await until_shown(pilot, "3 of 3 jobs found", "AN OCELOT")

    with server.client(use=tube) as client:
        for _ in range(3):
            client.put("AN OCELOT")
        on_server(server, story, size=(80, 24))


def test_no_tube_can_be_marked_or_acted_on() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("/", *"/[a-/", "enter", "a", "D")
        screen = await until_shown(pilot, UNREADABLE, "not a regular expression", "esc clears it.")
        assert "0 of 13 tubes" in screen
        assert "marked" not in screen
        assert "email-transactional" not in screen
        await pilot.press("escape")
        await until_shown(pilot, "13 tubes", "email-transactional")

    on_still(stills.app(stills.watched()), story, size=(80, 24))


@pytest.mark.long
def test_no_tube_of_all_servers_is_shown() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("end", "enter")
        await until_shown(pilot, "39 tubes")
        await pilot.press("/", *"/[a-/", "enter")
        await until_shown(pilot, UNREADABLE, "not a regular expression", "esc clears it.")
        await pilot.press("escape")
        await until_shown(pilot, "39 tubes", "email-transactional")

    on_still(fleet(), story, size=(80, 24))


@pytest.mark.long
def test_a_regular_expression_that_takes_for_ever_shows_no_tube() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "aaaa!")
        await pilot.press("/", *"/(a|aa)+$/", "enter")
        await until_shown(pilot, UNREADABLE, "takes too long", "esc clears it.")

    on_still(stills.app(stills.with_tubes("a" * 60 + "!")), story)


@pytest.mark.long
def test_what_a_rule_can_say_stands_whole_in_a_narrow_window(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube)
        await pilot.press("slash", *"word:cat priority=1001", "enter")
        screen = await until_shown(pilot, UNREADABLE)
        said = " ".join(screen.split())
        assert "word:cat must be followed by one of < <= = != >= >, not 'priority'." in said
        assert "id, priority, age, left, delay, ttr, reserves, timeouts, releases, buries" in said
        assert "any other name is a field of the body" in said
        assert "< <= = != >= >" in said

    with server.client(use=tube) as client:
        client.put("")
        on_server(server, story, size=(80, 24))
