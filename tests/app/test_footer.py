"""The last line: the keys that matter, those that are off, and a click on one."""

import pytest
from textual.pilot import Pilot

from beantop.app.widgets.keys_footer import KeysFooter
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import on_still
from tests.app.screen_text import text_of, until_shown


def footer_of(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen).splitlines()[-1].rstrip()


def test_keys_that_do_not_fit_are_missed_by_a_sign() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "? Help enter Open", "K Kick", "…")
        assert footer_of(pilot).endswith("…")

    on_still(stills.app(stills.watched()), story, size=(60, 20))


def test_in_a_low_window_help_is_all() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "? Help")
        assert footer_of(pilot) == "? Help"

    on_still(stills.app(stills.watched()), story, size=(80, 12))


@pytest.mark.long
def test_a_click_presses_the_key() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "? Help enter Open")
        at = footer_of(pilot).index("Open")
        await pilot.click(KeysFooter, offset=(at, 0))
        await until_shown(pilot, "› email-transactional", "h/l shows")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_it_follows_the_focus() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "enter Open")
        await pilot.press("/")
        await until_shown(pilot, "enter Keep the filter")
        await pilot.press("escape")
        await until_shown(pilot, "enter Open")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_q_goes_back_or_ends_the_program_and_says_which() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "q Quit")
        await pilot.press("0")
        await until_shown(pilot, "── Server ──", "q Back")
        await pilot.press("q")
        await until_shown(pilot, "q Quit")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_with_several_servers_q_goes_back_to_all_of_them() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers", "q Quit")
        await pilot.press("enter")
        await until_shown(pilot, "email-transactional", "q Back")

    on_still(fleet(), story)


@pytest.mark.long
def test_actions_say_on_how_many_marked_rows_they_work() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "K Kick P Pause")
        await pilot.press("space", "space")
        await until_shown(pilot, "K Kick 2 P Pause 2")
        await pilot.press("escape")
        await until_shown(pilot, "K Kick P Pause")

    on_still(stills.app(stills.watched()), story)
