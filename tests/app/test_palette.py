"""The tubes that the command palette offers."""

import asyncio

import pytest
from textual.command import Hits
from textual.pilot import Pilot

from beantop.app.palette import TubeCommands
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import on_still
from tests.app.screen_text import text_of, until_shown


@pytest.mark.timeout(10)
def test_a_name_of_few_letters_often_repeated_is_offered_at_once() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *"aabbaabb")
        await until_shown(pilot, "a-b-" * 20)

    on_still(stills.app(stills.with_tubes("a-b-" * 49)), story)


def test_on_the_screens_of_all_servers_no_tube_is_offered() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "3 servers")
        await pilot.press(":", *"server")
        await until_shown(pilot, "Previous server")
        await pilot.press(*["backspace"] * 6, *"audit")
        await until_shown(pilot, "No matches found")
        assert "Tube audit" not in text_of(pilot.app.screen)

    on_still(fleet(), story)


def test_others_get_their_turn_while_very_many_tubes_are_searched() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        tubes = TubeCommands(pilot.app.screen)
        await tubes.startup()
        tubes._labels = [(f"{number}", f"Tube {number}") for number in range(5_000)]
        searching = asyncio.ensure_future(_all(tubes.search("tube 99")))
        turns = 0
        while not searching.done():
            await asyncio.sleep(0)
            turns += 1
        assert len(searching.result()) == 20
        assert turns >= 10

    on_still(stills.app(stills.watched()), story)


async def _all(hits: Hits) -> list[object]:
    return [hit async for hit in hits]


def test_a_command_shows_its_key() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *"make buried")
        await until_shown(pilot, "Make buried or delayed jobs ready  (K)")

    on_still(stills.app(stills.watched()), story)
