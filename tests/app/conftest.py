"""Fixtures that make screens the same on every run and machine."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator

import pytest
from rich.console import RenderableType
from textual._compositor import Compositor
from textual.app import App
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenizer import Token
from textual.css.types import CSSLocation
from textual.widgets import Input

import beantop.app.screens.job  # noqa: F401 (it takes its constants before tests change them)
from beantop.app.dialogs import dialog
from beantop.app.panes import scan_control
from beantop.app.widgets import selection
from tests.app.screen_text import Frames

FRAME = 1 / 60  # seconds
SHORT_GUARD = 0.01  # seconds: most tests are not about how long a dialog hears no yes


async def _quiet(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Return when a frame was drawn, and no task of the program has anything to do just now.

    Textual waits after each key until the process takes no time, which other threads of a test
    take, too; and longer than that on a busy machine.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + max_sleep
    await asyncio.sleep(max(min_sleep, FRAME))
    # Nothing public tells whether the loop has work, and nothing sets an event when it has none.
    while loop._ready and loop.time() < until:  # type: ignore[attr-defined]  # noqa: ASYNC110
        await asyncio.sleep(0)


_render_update: Callable[..., RenderableType | None] = Compositor.render_update

_rules: dict[object, list[RuleSet]] = {}


def _read_once(
    scope: str,
    css: str,
    read_from: CSSLocation,
    *,
    variable_tokens: dict[str, list[Token]],
    is_default_rules: bool,
    tie_breaker: int,
) -> list[RuleSet]:
    """The rules of a style sheet. Each program reads them all again: a sixth of a test's time."""
    variables = tuple((name, *tokens) for name, tokens in variable_tokens.items())
    key = (scope, css, read_from, variables, is_default_rules, tie_breaker)
    if key not in _rules:
        _rules[key] = [
            *parse(
                scope,
                css,
                read_from,
                variable_tokens=variable_tokens,
                is_default_rules=is_default_rules,
                tie_breaker=tie_breaker,
            )
        ]
    return _rules[key]


def _count_frame(app: App[object]) -> None:
    Frames.count += 1


def _draw_on_request(
    compositor: Compositor, full: bool = False, screen_stack: object = None, simplify: bool = False
) -> RenderableType | None:
    """Draw nothing of a frame: without a terminal Textual draws each one and throws it away, a sixth
    of a test's time. Tests that read the screen have it drawn, and so have pictures of it."""
    if simplify:  # a picture
        return _render_update(compositor, full, screen_stack, simplify)
    compositor._dirty_regions.clear()
    return None


@pytest.fixture(autouse=True)
def _same_everywhere(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr("textual.app.wait_for_idle", _quiet)
    monkeypatch.setattr("textual.css.stylesheet.parse", _read_once)
    monkeypatch.setattr(App, "post_display_hook", _count_frame)
    monkeypatch.setattr(Frames, "are_counted", True)
    if "finds_by_itself" not in request.fixturenames:
        monkeypatch.setattr(scan_control, "CHEAP_IDS", 0)
    if "every_frame" not in request.fixturenames:
        monkeypatch.setattr(Compositor, "render_update", _draw_on_request)
    monkeypatch.setattr(dialog, "INPUT_GUARD_SECONDS", SHORT_GUARD)
    monkeypatch.setattr(
        selection, "JUST_MOVED_SECONDS", 0.0
    )  # keys pressed earlier are still refused
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)  # a blink is not the same twice
    time.tzset()
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.fixture
def finds_by_itself() -> None:
    """For tests of lists that begin to look for jobs when they are opened; in all others `n` does."""


@pytest.fixture
def every_frame() -> None:
    """For tests of drawing itself: each frame is drawn, also those that nobody reads."""
