"""What was once drawn is forgotten: a program that is open all day must not grow."""

import gc

from textual.pilot import Pilot

from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until_shown


def _footer_keys() -> int:
    gc.collect()
    return sum(type(one).__name__ == "FooterKey" for one in gc.get_objects())


def test_the_footer_keeps_none_of_its_former_keys() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("?", "escape")
        await pilot.pause(0.2)
        before = _footer_keys()
        for _ in range(5):
            await pilot.press("0")
            await until_shown(pilot, "── Server ──")
            await pilot.press("0")
            await until_shown(pilot, "email-transactional")
        await pilot.pause(0.2)
        assert _footer_keys() <= before + 10

    on_still(stills.app(stills.watched()), story)
