"""The columns of tubes that show how long jobs wait and take."""

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.screens.profile import ProfileScreen
from beantop.app.session.profiled import EVERY_TUBE
from beantop.app.session.server_session import ServerSession
from beantop.app.view.lines import Piece
from beantop.app.view.tube_columns import COLUMNS, TIME_COLUMNS, tube_columns
from beantop.app.view.tube_rows import TubeRow
from beantop.monitor.history import History
from beantop.monitor.job_percentiles import TIMES, AtLeast, JobPercentiles, LessThan, Seconds
from tests.app import stills
from tests.app.running import on_server, on_still
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd

TUBE = "email-transactional"


def session(pilot: Pilot[None]) -> ServerSession:
    assert isinstance(pilot.app, BeantopApp)
    return pilot.app.session.fleet.servers[0]


def cell(seconds: Seconds | None) -> Piece:
    """The cell of a tube whose jobs take that long."""
    history, tube = History(), stills.watched().snapshot.tubes[TUBE]
    known = {} if seconds is None else dict.fromkeys(TIMES, seconds)
    history.sampled.note_percentiles(TUBE, JobPercentiles(tube.taken_at, known))
    cells = {
        column.cell(TubeRow(tube, history))
        for column in tube_columns(120, TIME_COLUMNS)
        if column.key in TIME_COLUMNS
    }
    assert len(cells) == 1
    return cells.pop()


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (3.21, ("3.2s", "")),
        (AtLeast(83.0), (">1m23s", "dim")),
        (LessThan(0.5), ("<0.50s", "dim")),
        (None, ("–", "dim")),
        (AtLeast(364.96 * 86_400), (">364d23h", "dim")),
    ],
)
def test_a_cell_is_a_duration_or_a_bound_and_fits(seconds: Seconds | None, shown: Piece) -> None:
    assert cell(seconds) == shown
    assert len(shown[0]) <= min(COLUMNS["wait-p95"].widths)


def test_each_field_of_rules_about_times_is_a_column() -> None:
    assert TIMES.keys() <= COLUMNS.keys()


@pytest.mark.long
def test_no_job_is_followed_until_such_a_column_is_chosen_and_none_without_it(
    own_server: Beanstalkd,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        with own_server.client(use="slow") as waiting, own_server.client("busy", "busy") as busy:
            await until_shown(pilot, "slow", "busy")
            await until(pilot, lambda: session(pilot).latest.polls > 2)
            assert not session(pilot).has_profiler
            await pilot.press("c", "2", "enter")
            await until_shown(pilot, "WAIT p95", "Times are measured from now on.")
            await until(pilot, lambda: session(pilot).profiler.times)

            def both_are_known() -> bool:
                waiting.put("waits")
                for _ in range(3):
                    busy.put("quick")
                    busy.delete(busy.reserve(timeout=0))
                sampled = session(pilot).latest.history.sampled
                tubes = session(pilot).latest.snapshot.tubes
                values = [sampled.percentile(tubes[name], "wait-p95") for name in ("slow", "busy")]
                return None not in values and max(values, default=None) == values[0]  # type: ignore[type-var]

            await until(pilot, both_are_known)
            await pilot.press("s", "2")
            await until_shown(pilot, "WAIT p95▼")
            screen = pilot.app.screen
            await until(pilot, lambda: screen.table.rows[0].tube.name == "slow")  # type: ignore[attr-defined]
            await pilot.press("s", "t", "c", "2", "enter")
            await until(pilot, lambda: not session(pilot).profiler.connection.is_open)

    on_server(own_server, story)


@pytest.mark.long
def test_the_times_of_other_tubes_are_kept_while_one_is_open() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, TUBE)
        await pilot.press("c", "1", "enter")
        await until_shown(pilot, "WAIT p50")
        app = pilot.app
        assert isinstance(app, BeantopApp)
        await pilot.press("%")
        await until(pilot, lambda: isinstance(app.screen, ProfileScreen))
        assert app._timed_tubes(session(pilot)) == EVERY_TUBE

    on_still(stills.app(stills.watched()), story)
