"""Tubes come, go and change places while keys are pressed: each key acts on the tube that was seen."""

import random

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.dialogs.ask import AskNumberDialog
from beantop.app.screens.tubes import TubesScreen
from beantop.app.widgets.live_table import LiveTable
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import Tube
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import strips_of, text_of, until
from tests.monitor.looks import look, server

NAMES = [f"tube-{number:02}" for number in range(40)]


class Storm:
    """A server on which everything changes, except that some tubes exist."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._history = History()
        self._polls = 0
        self.now = stills.NOW

    def blow(self) -> ServerStatus:
        """The next look, a second later."""
        self.now += 1.0
        self._polls += 1
        names = self._chance.sample(NAMES, self._chance.randrange(20, 40))
        tubes = [self._tube(name) for name in names]
        snapshot = look(self.now, *tubes, of=server(self.now))._replace(wall_time=stills.WALL)
        self._history.add(snapshot, 1.0)
        link = Link("up", stills.NOW)
        return ServerStatus(
            stills.ADDRESS, link, snapshot, self._history, polls=self._polls, pace=1.0
        )

    def _tube(self, name: str) -> Tube:
        ready, reserved, delayed, buried = (self._chance.randrange(1000) for _ in range(4))
        return Tube(name, self.now, 0, ready, reserved, delayed, buried, watching=1)


@pytest.mark.usefixtures("every_frame")
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 5))]
)
def test_a_key_acts_on_the_tube_that_was_seen(seed: int) -> None:
    chance = random.Random(seed)
    storm = Storm(chance)
    watcher = stills.Still(storm.blow())
    app = BeantopApp([watcher], now=lambda: storm.now, wall=lambda: stills.WALL)

    async def story(pilot: Pilot[None]) -> None:
        asked = 0
        await until(pilot, lambda: "tube-" in text_of(app.screen))
        for _ in range(15):
            watcher.tell(storm.blow())
            await pilot.press(
                chance.choice(["j", "k", "pagedown", "g", "G", "i", "greater_than_sign"])
            )
            await pilot.pause()
            seen = _under_the_cursor(app)
            watcher.tell(storm.blow())  # comes before the key or after it, as it happens
            await pilot.press("P")
            await pilot.pause()
            question = text_of(app.screen)
            if isinstance(app.screen, AskNumberDialog):
                asked += 1
                assert f"tube    {seen} " in question
                await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, TubesScreen))
        assert asked > 8

    on_still(app, story, size=(100, 20))


def _under_the_cursor(app: BeantopApp) -> str:
    """The tube name in the highlighted row, as a person reads it."""
    highlight = app.screen.query_one(LiveTable).style_of("cursor-row").bgcolor
    (row,) = (
        strip.text
        for strip in strips_of(app.screen)
        if any(segment.style and segment.style.bgcolor == highlight for segment in strip)
    )
    return next(word for word in row.split() if word.startswith("tube-"))
