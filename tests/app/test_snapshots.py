"""Pictures of the screens. When one changes: look at snapshot_report.html, and if it is as it
should be, run `./tests/run tests/app/test_snapshots.py --snapshot-update` and commit both."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.themes import LIGHT
from beantop.beanstalk import Address
from beantop.monitor.poller import Watched
from tests.app import stills
from tests.app.screen_text import until_shown
from tests.app.scripted_server import EMAIL_TUBE, scripted_server

Compare = Callable[..., bool]
Steps = Callable[[Pilot[None]], Awaitable[None]]

SIZES = {"120x36": (120, 36), "80x24": (80, 24), "40x8": (40, 8), "200x60": (200, 60)}

every_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
every_look = pytest.mark.parametrize("look", ["light", "no-colour"])


@pytest.fixture
def address() -> Iterator[Address]:
    with scripted_server(EMAIL_TUBE) as address:
        yield address


def keys(*pressed: str, then: str, low: str = "") -> Steps:
    """Press keys, each when the screen is quiet, and wait for a word; for `low` in a low window."""

    async def steps(pilot: Pilot[None]) -> None:
        for key in pressed:
            await pilot.press(key)
        await until_shown(pilot, low if low and pilot.app.size.height < 20 else then)

    return steps


@every_size
def test_tubes(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="email-transactional"))


@every_size
def test_tubes_filtered(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    steps = keys("/", *"push|webh", then="4 of 13")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@every_size
def test_tube(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=keys("enter", then="4812001"))


async def _open_buried_job(pilot: Pilot[None]) -> None:
    await keys("enter", then="4812001")(pilot)
    await keys("G", "enter", then="user_id", low="Body")(pilot)


@every_size
def test_job(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=_open_buried_job)


@every_size
def test_server(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("0", then="── Server ──"))


@every_size
def test_columns(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("c", then="Columns"))


@every_size
def test_alerts(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("x", then="Alerts"))


@every_size
def test_frozen(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    steps = keys("f", then="FROZEN", low="rozen")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@every_size
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(
        app, terminal_size=size, run_before=keys("?", then="Half a page down", low="Help")
    )


@every_size
def test_confirm(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("enter", then="4812001")(pilot)
        await keys("G", "D", then="Delete job 4812001?")(pilot)

    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=steps)


@every_size
def test_kick(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(
        app, terminal_size=size, run_before=keys("K", then="17 buried jobs", low="Kick")
    )


@every_size
def test_disconnected(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.disconnected())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="onnection reset"))


@every_size
def test_nothing_there(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.nobody())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="No beanstalkd answered"))


def test_too_small_a_window(snap_compare: Compare) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=(38, 7), run_before=keys(then="beantop needs 40x8"))


@every_look
def test_looks_of_tubes(snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _in(look, monkeypatch)
    steps = keys(then="email-transactional")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@every_look
def test_looks_of_a_tube(
    snap_compare: Compare, look: str, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch, address)
    steps = keys("enter", then="4812001")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@every_look
def test_looks_of_a_job(
    snap_compare: Compare, look: str, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch, address)
    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=_open_buried_job)


@every_look
def test_looks_of_the_server(
    snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch)
    steps = keys("0", then="── Server ──")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@every_look
def test_looks_of_help(snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _in(look, monkeypatch)
    steps = keys("?", then="Half a page down")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@every_look
def test_looks_of_a_question(
    snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch)
    steps = keys("K", then="17 buried jobs")
    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=steps)


@every_look
def test_looks_of_a_lost_server(
    snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch, first=stills.disconnected())
    steps = keys(then="onnection reset")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


def _in(
    look: str,
    monkeypatch: pytest.MonkeyPatch,
    address: Address | None = None,
    first: Watched | None = None,
) -> BeantopApp:
    """The program as it looks without colours, or on a light background."""
    if look == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")
    app = stills.app(first or stills.watched(), address=address)
    if look == "light":
        app.theme = LIGHT.name
    return app
