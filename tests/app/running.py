"""The program on a real server, for tests that press keys and check the effect on the server."""

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from copy import copy

from textual import events
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.dialogs.dialog import Dialog
from beantop.app.screens.tube import TubeScreen
from beantop.app.session.options import Options
from beantop.config import NOTHING_SET, ServerConfig, Settings
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash
from beantop.monitor.poller import Poller
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd

Story = Callable[[Pilot[None]], Awaitable[None]]

WIDE = (120, 36)
POLLED_EVERY = 0.5  # seconds; each poll is drawn, which takes more than waiting does


def on_server(
    server: Beanstalkd,
    story: Story,
    *,
    size: tuple[int, int] = WIDE,
    readonly: bool = False,
    trash: Trash | None = None,
    parking: Parking | None = None,
    journal: Journal | None = None,
    others: Sequence[Beanstalkd] = (),
    known: Sequence[ServerConfig] = (),
    settings: Settings = NOTHING_SET,
) -> None:
    """Run the program on the server, and on others after it, and the story on the program."""
    pollers = [Poller(one.address, POLLED_EVERY) for one in (server, *others)]
    app = BeantopApp(
        pollers,
        Options(settings, readonly=readonly, trash=trash, parking=parking, journal=journal),
        known=known,
    )
    _run(app, story, size)


def spelled(server: Beanstalkd, host: str) -> Beanstalkd:
    """The same server, by another host of its address."""
    other = copy(server)
    other.address = (host, server.address[1])  # type: ignore[assignment]  # it is not a path
    return other


def on_still(app: BeantopApp, story: Story, *, size: tuple[int, int] = WIDE) -> None:
    """Run the story on a program whose server data never changes."""
    _run(app, story, size)


def _run(app: BeantopApp, story: Story, size: tuple[int, int]) -> None:
    async def main() -> None:
        if sys.version_info >= (
            3,
            12,
        ):  # as Textual's own `run` does, which its `run_test` leaves out
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        async with app.run_test(size=size, notifications=True) as pilot:
            await story(pilot)

    asyncio.run(main())


def severity_of_last(pilot: Pilot[None]) -> str:
    """The severity of the last toast."""
    assert isinstance(pilot.app, BeantopApp)
    return pilot.app.said[-1].severity


async def until_toasted(pilot: Pilot[None], words: str) -> None:
    """Wait for a toast that says these words, wherever its lines break."""
    app = pilot.app
    assert isinstance(app, BeantopApp)
    await until(pilot, lambda: any(words in entry.text for entry in app.said))


async def go_to_tube(pilot: Pilot[None], tube: str) -> None:
    """Put the cursor on a tube, as a person would: by the filter, with exactly the name pasted."""
    await until_shown(pilot, tube)
    await pilot.press("/")
    pilot.app.post_message(events.Paste(f"/^{re.escape(tube)}$/"))
    await pilot.press("enter")


async def open_tube(pilot: Pilot[None], tube: str, *words: str) -> TubeScreen:
    """Open a tube, and wait until its screen shows these words."""
    await go_to_tube(pilot, tube)
    await pilot.press("enter")
    await until_shown(pilot, f"› {tube}", *words)
    screen = pilot.app.screen
    assert isinstance(screen, TubeScreen)
    return screen


async def answer(pilot: Pilot[None], question: str, *keys: str) -> None:
    """Answer a dialog as soon as it accepts a yes."""
    await until_shown(pilot, question)
    dialog = pilot.app.screen
    assert isinstance(dialog, Dialog)
    await until(pilot, lambda: dialog.accepts(time.monotonic()))
    await pilot.press(*keys)


async def find_command(pilot: Pilot[None], words: str, name: str) -> None:
    """Run the command with this name as soon as it is the only match in the palette."""
    await pilot.press("colon", *words)
    others = {"Log: messages", "Pause or resume", "Help  (?)"} - {name}

    def is_alone() -> bool:
        text = text_of(pilot.app.screen)
        return name in text and not any(other in text for other in others)

    await until(pilot, is_alone)
    await pilot.press("enter")
