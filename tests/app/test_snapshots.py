"""Pictures of the screens. When one changes: look at snapshot_report.html, and if it is as it
should be, run `./tests/run tests/app/test_snapshots.py --snapshot-update` and commit both."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.pilot import Pilot

from beantop.beanstalk import Address
from tests.app import stills
from tests.app.screen_text import until_shown
from tests.app.scripted_server import EMAIL_TUBE, scripted_server

Compare = Callable[..., bool]
Steps = Callable[[Pilot[None]], Awaitable[None]]

both_sizes = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])


@pytest.fixture
def address() -> Iterator[Address]:
    with scripted_server(EMAIL_TUBE) as address:
        yield address


def keys(*pressed: str, then: str) -> Steps:
    """Press keys, each when the screen is quiet, and wait for a word."""

    async def steps(pilot: Pilot[None]) -> None:
        for key in pressed:
            await pilot.press(key)
        await until_shown(pilot, then)

    return steps


@both_sizes
def test_tubes(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="email-transactional"))


@both_sizes
def test_tubes_filtered(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    steps = keys("/", *"push|webh", then="4 of 13")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@both_sizes
def test_tube(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=keys("enter", then="4812001"))


async def _open_buried_job(pilot: Pilot[None]) -> None:
    await keys("enter", then="4812001")(pilot)
    await keys("G", "enter", then="user_id")(pilot)


@both_sizes
def test_job(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=_open_buried_job)


@both_sizes
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("?", then="Half a page down"))


@both_sizes
def test_confirm(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("enter", then="4812001")(pilot)
        await keys("G", "D", then="Delete job 4812001?")(pilot)

    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=steps)


@both_sizes
def test_kick(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("K", then="17 buried jobs"))


@both_sizes
def test_disconnected(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.disconnected())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="onnection reset"))


@both_sizes
def test_nothing_there(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.nobody())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="No beanstalkd answered"))


def test_smallest_window(snap_compare: Compare) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=(40, 8), run_before=keys(then="email"))


def test_too_small_a_window(snap_compare: Compare) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=(38, 7), run_before=keys(then="beantop needs 40x8"))
