"""Preferences for the tubes survive a restart."""

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.preferences import Preferences
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until, until_shown


def _app(state: Preferences) -> BeantopApp:
    still = stills.Still(stills.watched())
    return BeantopApp(
        [still], Options(state=state), now=lambda: stills.NOW, wall=lambda: stills.WALL
    )


@pytest.mark.long
def test_order_columns_and_hidden_tubes_come_back() -> None:
    state = Preferences(sort="buried", columns=("wait", "ready", "gone-column"), hide_idle=True)

    async def story(pilot: Pilot[None]) -> None:
        screen = await until_shown(pilot, "sort BURIED ▲", "~WAIT", "1 idle hidden (z)")
        assert "OUT/s" not in screen.split("sort")[1]

    on_still(_app(state), story)


def test_a_column_that_is_no_more_is_no_order() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "worst first")

    on_still(_app(Preferences(sort="-gone-column")), story)


@pytest.mark.long
def test_keys_are_remembered() -> None:
    app = _app(Preferences())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("s", "b", "z", "c", "a", "enter")
        await until(pilot, lambda: app.view.state.columns)
        assert (app.view.state.sort, app.view.state.hide_idle) == ("-buried", True)
        assert "wait" in app.view.state.columns
        await pilot.press("z", "i")
        await until(pilot, lambda: app.view.state.sort == "buried")
        assert not app.view.state.hide_idle

    on_still(app, story)
