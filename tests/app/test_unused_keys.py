"""A key that means nothing on a screen says so, and only then."""

import pytest
from textual.pilot import Pilot

from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import go_to_tube, on_server, on_still
from tests.app.screen_text import text_of, until_shown
from tests.beanstalkd import Beanstalkd


def test_a_key_without_a_meaning_says_so() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "3 servers")
        await pilot.press("w")
        await until_shown(pilot, "w does nothing here; ? shows all keys.")

    on_still(fleet(), story)


@pytest.mark.long
@pytest.mark.parametrize("opened", [[], ["0"], ["enter"]])
def test_what_is_typed_after_a_slash_is_for_the_filter(opened: list[str]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(*opened, "slash", *"wqx", "enter")
        text = await until_shown(pilot, "filter: wqx")
        assert "does nothing" not in text

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_capital_without_a_row_says_so(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter", "D")
        await until_shown(pilot, "Nothing was done.")
        await pilot.press("escape", "slash", *"no-such-tube", "enter", "D")
        await until_shown(pilot, "No tube is under the cursor. Nothing was done.")

    with server.client(use=tube):
        on_server(server, story)


@pytest.mark.long
def test_a_dialog_takes_its_keys_without_a_word() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("s")
        await until_shown(pilot, "Sort by")
        await pilot.press("%")
        assert "does nothing" not in text_of(pilot.app.screen)

    on_still(stills.app(stills.watched()), story)
