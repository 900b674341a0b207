"""Reading a screen in a test, as a person would: as text."""

import asyncio
from collections.abc import Callable

from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

PATIENCE = 750  # rounds of 0.02 s


class Frames:
    """Counts what the program displays, where tests have it do so: `conftest.py`."""

    are_counted = False
    count = 0


def strips_of(screen: Screen[object]) -> list[Strip]:
    """The strips of the screen; for a dialog, with the screen behind it."""
    visible_screen_stack.set(
        screen.app._background_screens
    )  # else Textual draws none, and keeps that
    return screen._compositor.render_strips()


def text_of(screen: Screen[object]) -> str:
    """The text on the screen, without trailing blanks."""
    return "\n".join(strip.text.rstrip() for strip in strips_of(screen)).rstrip()


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the program run until the condition holds."""
    for _ in range(PATIENCE):
        if condition():
            return
        await asyncio.sleep(0.02)  # `pilot.pause` would draw all anew each time
    said = "\n".join(entry.text for entry in getattr(pilot.app, "said", ()))
    shown = text_of(pilot.app.screen)
    raise AssertionError(f"waited in vain; the screen shows:\n{shown}\nAll toasts:\n{said}")


async def until_shown(pilot: Pilot[None], *words: str) -> str:
    """Let the program run until all these words are on the screen. Return its text.

    The screen is read again only after something new was displayed, since reading it is slow.
    """
    text = ""
    read_at = -1

    def shown() -> bool:
        nonlocal text, read_at
        if Frames.count != read_at or not Frames.are_counted:
            read_at = Frames.count
            text = text_of(pilot.app.screen)
        return all(word in text for word in words)

    await until(pilot, shown)
    return text


async def settled(pilot: Pilot[None]) -> None:
    """Let the program run until a few frames in a row are the same, colors too."""
    seen: list[Strip] = []
    alike = 0
    while alike < 3:
        await asyncio.sleep(0.02)
        now = strips_of(pilot.app.screen)
        alike = alike + 1 if now == seen else 0
        seen = now
