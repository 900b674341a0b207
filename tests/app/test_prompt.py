"""What is pasted into a line."""

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from beantop.app.app import BeantopApp
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until, until_shown


def test_a_paste_that_nobody_means_is_refused_and_holds_nothing() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("/")
        pilot.app.post_message(events.Paste("/a " * 100_000))
        await pilot.press("p", "u", "s", "h")
        line = pilot.app.screen.query_one(Input)
        await until(pilot, lambda: line.value == "push")
        await pilot.press("enter")
        await until_shown(pilot, "filter: push")

    still = stills.Still(stills.watched())
    app = BeantopApp([still], now=lambda: stills.NOW, wall=lambda: stills.WALL)
    on_still(app, story)
