"""Pictures of the screens. When one changes: look at snapshot_report.html, and if it is as it
should be, run `./tests/run tests/app/test_snapshots.py --snapshot-update` and commit both."""

import base64
import gzip
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from beantop.app.action_context import Progress
from beantop.app.app import BeantopApp
from beantop.app.dialogs.dialog import Dialog
from beantop.app.dialogs.progress import ProgressDialog
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.screens.tube import TubeScreen
from beantop.app.themes import LIGHT
from beantop.app.view.progress_bar import progress_lines
from beantop.app.widgets.live_table import LiveTable
from beantop.beanstalk import Address
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from beantop.monitor.job_percentiles import TIMES, AtLeast, JobPercentiles, LessThan, Seconds
from beantop.monitor.poller import ServerStatus
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.profiled import jobs, measured
from tests.app.screen_text import settled, until, until_shown
from tests.app.scripted_server import (
    BODY,
    EMAIL_TUBE,
    Answer,
    job,
    job_stats,
    scripted_server,
    stats,
)
from tests.jobs.test_decoders import LARAVEL, MSGPACK, PICKLE

Compare = Callable[..., bool]
Steps = Callable[[Pilot[None]], Awaitable[None]]

SIZES = {
    "120x36": (120, 36),
    "80x24": (80, 24),
    "40x8": (40, 8),
    "200x60": pytest.param((200, 60), marks=pytest.mark.slow),
}

every_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
every_window = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
every_look = pytest.mark.parametrize("look", ["light", "no-color"])


@pytest.fixture
def address() -> Iterator[Address]:
    with scripted_server(EMAIL_TUBE) as address:
        yield address


def keys(*pressed: str, then: str, low: str = "") -> Steps:
    """Press keys, each when the screen is quiet, and wait for a word; in a low window for `low`."""

    async def steps(pilot: Pilot[None]) -> None:
        for key in pressed:
            await settled(pilot)
            await pilot.press(key)
        await until_shown(pilot, low if low and pilot.app.size.height < 20 else then)
        await until(pilot, lambda: _has_buttons(pilot.app.screen))
        await settled(pilot)

    return steps


def _has_buttons(screen: Screen[Any]) -> bool:
    """Whether the screen shows its buttons as they stay, which a dialog does once it listens."""
    if not isinstance(screen, Dialog) or not screen.IS_GUARDED:
        return True
    return screen._listens or screen._read_at == math.inf


@pytest.mark.long
@every_size
def test_tubes(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    steps = keys(then="email-transactional", low="email-tr")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_servers(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(fleet(), terminal_size=size, run_before=keys(then="prod-queue-2"))


@pytest.mark.long
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_tubes_of_all_servers(snap_compare: Compare, size: tuple[int, int]) -> None:
    steps = keys("G", "enter", "m", then="3 servers")
    assert snap_compare(fleet(), terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_tubes_filtered(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    steps = keys("/", *"push|webh", then="4 of 13")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
def test_room_for_graphs(snap_compare: Compare) -> None:
    app = stills.app(stills.watched())
    steps = keys("v", "j", then="Last 2 minutes")
    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=steps)


@pytest.mark.long
@every_size
def test_tube(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=keys("enter", then="4812001"))


async def _open_buried_job(pilot: Pilot[None]) -> None:
    await keys("enter", then="4812001")(pilot)
    await keys("G", "enter", then="user_id", low="Body")(pilot)


@pytest.mark.long
@every_size
def test_job(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=_open_buried_job)


@pytest.mark.long
@every_size
def test_server(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("0", then="── Server ──"))


def profiled(*pressed: str) -> Steps:
    """Press keys, and wait until all times on the screen are estimated."""

    async def steps(pilot: Pilot[None]) -> None:
        await keys(*pressed, then="Times of jobs")(pilot)
        table = pilot.app.screen.query_one(LiveTable)
        await until(pilot, lambda: all(row.times for row in table.visible_rows))
        await settled(pilot)

    return steps


@pytest.mark.long
@every_size
def test_profile(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = measured(jobs(rate=20, work=0.45, workers=10))
    steps = profiled("%")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_profile_of_a_server(snap_compare: Compare, size: tuple[int, int]) -> None:
    found = [*jobs(20, 0.45, 10), *jobs(30, 0.02, 8, "push-ios"), *jobs(4, 2.0, 5, "audit-log")]
    app = measured(found, tube=None)

    steps = profiled("0", "%")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_columns(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("c", then="Columns"))


def _timed() -> ServerStatus:
    """A server some of whose tubes were measured."""
    status = stills.watched()
    history = status.history.copy()
    for seconds, tube in enumerate(islice(status.snapshot.tubes, 8)):
        known: dict[str, Seconds] = {
            field: (1 + seconds) * 0.037 * percent * (1 + at) for at, (field, (_, percent)) in enumerate(TIMES.items())
        }  # fmt: skip
        known["wait-p95"] = AtLeast(known["wait-p95"]) if seconds == 3 else known["wait-p95"]
        known["work-p50"] = LessThan(0.5)
        history.sampled.note_percentiles(tube, JobPercentiles(stills.NOW, known))
    return replace(status, history=history)


@pytest.mark.long
@every_window
def test_times_of_tubes(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("c", "i", "o", "2", "4", "enter", then="WORK p95")(pilot)
        await keys("s", "2", then="WAIT p95▼")(pilot)
        pilot.app.clear_notifications()
        await settled(pilot)

    assert snap_compare(stills.app(_timed()), terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_alerts(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=size, run_before=keys("x", then="What is wrong"))


@pytest.mark.long
@every_size
def test_frozen(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    steps = keys("f", then="FROZEN", low="rozen")
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(
        app, terminal_size=size, run_before=keys("?", then="Half a page down", low="Help")
    )


@pytest.mark.long
@every_size
def test_confirm(snap_compare: Compare, size: tuple[int, int], address: Address) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("enter", then="4812001")(pilot)
        await keys("G", "D", then="Delete job 4812001?")(pilot)

    app = stills.app(stills.watched(), address=address)
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_kick(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(
        app, terminal_size=size, run_before=keys("K", then="Kick all 17", low="Kick")
    )


@pytest.mark.long
@every_size
def test_disconnected(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.disconnected())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="onnection reset"))


@pytest.mark.long
@every_size
def test_nothing_there(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = stills.app(stills.nobody())
    assert snap_compare(app, terminal_size=size, run_before=keys(then="No beanstalkd answered"))


def test_too_small_a_window(snap_compare: Compare) -> None:
    app = stills.app(stills.watched())
    assert snap_compare(app, terminal_size=(38, 7), run_before=keys(then="beantop needs 40x8"))


@pytest.mark.long
@every_look
def test_looks_of_tubes(snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _in(look, monkeypatch)
    steps = keys(then="email-transactional")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@pytest.mark.long
@every_look
def test_looks_of_a_tube(
    snap_compare: Compare, look: str, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch, address)
    steps = keys("enter", then="4812001")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@pytest.mark.long
@every_look
def test_looks_of_a_job(
    snap_compare: Compare, look: str, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch, address)
    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=_open_buried_job)


@pytest.mark.long
@every_look
def test_looks_of_the_server(
    snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch)
    steps = keys("0", then="── Server ──")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@pytest.mark.long
@every_look
def test_looks_of_help(snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = _in(look, monkeypatch)
    steps = keys("?", then="Half a page down")
    assert snap_compare(app, terminal_size=SIZES["120x36"], run_before=steps)


@pytest.mark.long
@every_look
def test_looks_of_a_question(
    snap_compare: Compare, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _in(look, monkeypatch)
    steps = keys("K", then="Kick all 17")
    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=steps)


@pytest.mark.long
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
    first: ServerStatus | None = None,
) -> BeantopApp:
    """The program as it looks without colors, or on a light background."""
    if look == "no-color":
        monkeypatch.setenv("NO_COLOR", "1")
    app = stills.app(first or stills.watched(), address=address)
    if look == "light":
        app.theme = LIGHT.name
    return app


# Jobs, and what is done to them:

LISTED = {
    **EMAIL_TUBE,
    "stats-tube email-transactional": stats(
        name="email-transactional",
        current_jobs_ready=1,
        current_jobs_delayed=1,
        current_jobs_buried=1,
    ),
    "list-tubes": b"OK 26\r\n---\n- email-transactional\n",
    "peek 4990011": job("FOUND", 4990011, BODY),
    "peek 4990307": job("FOUND", 4990307, b'{"to":"bob@example.org","tpl":"reminder"}'),
}

PRODUCED = [
    (
        14,
        "buried",
        '{"class": "HardWorker", "args": [%d], "error_message": "user %d has no address"}',
    ),
    (
        9,
        "buried",
        '{"displayName": "App\\\\Jobs\\\\SendMail", "job": "x", "exception": "timed out after %d s"}',
    ),
    (4, "ready", '{"displayName": "App\\\\Jobs\\\\SendMail", "job": "x", "attempt": %d}'),
    (2, "delayed", "/usr/bin/php artisan invoices:send --id=%d"),
    (1, "buried", "\\xff\\xfe %d"),
]
"""How many jobs there are of each kind, their state, and their bodies, with a place for numbers."""


def _produced(kinds: Sequence[tuple[int, str, str]] = PRODUCED) -> Mapping[str, Answer]:
    """A tube with jobs of several producers."""
    answers: dict[str, Answer] = {"list-tubes": b"OK 26\r\n---\n- email-transactional\n"}
    counts: Counter[str] = Counter()
    id = 0
    for count, state, form in kinds:
        counts[f"current_jobs_{state}"] += count
        for _ in range(count):
            id += 1
            body = (form % ((id,) * form.count("%d"))).encode()
            answers[f"peek {id}"] = job("FOUND", id, body)
            answers[f"stats-job {id}"] = job_stats(id, state, age=id * 3600)
    answers["peek-buried"] = answers["peek 1"]
    answers["stats-tube email-transactional"] = stats(name="email-transactional", **counts)
    answers["stats"] = stats(total_jobs=id, **counts)
    return answers


FOLLOWED: dict[str, Answer] = {
    "stats": stats(id="a", pid=1, total_jobs=100),
    "stats-tube email-transactional": stats(name="email-transactional", total_jobs=90),
    "list-tubes": b"OK 26\r\n---\n- email-transactional\n",
}
"""A server before jobs come."""


def _new_jobs() -> dict[str, Answer]:
    """What it answers after six jobs came: one is gone, and so was another before its numbers were read."""
    answers: dict[str, Answer] = {}
    for id, age in ((101, 28), (102, 19), (103, 12), (104, 12), (106, 1)):
        answers[f"stats-job {id}"] = job_stats(
            id, "ready", age=age, reserves=0, timeouts=0, buries=0
        )
        answers[f"peek {id}"] = job(
            "FOUND", id, b'{"to": "user-%d@example.org", "tpl": "welcome"}' % id
        )
    del answers["peek 103"]
    answers["stats-tube email-transactional"] = stats(name="email-transactional", total_jobs=96)
    answers["stats"] = stats(id="a", pid=1, total_jobs=106)
    return answers


@pytest.mark.long
@every_window
@pytest.mark.parametrize("is_paused", [False, True], ids=["following", "paused"])
def test_follow(snap_compare: Compare, size: tuple[int, int], *, is_paused: bool) -> None:
    clock, answers = [stills.NOW - 30], FOLLOWED.copy()

    async def steps(pilot: Pilot[None]) -> None:
        await keys("F", then="0 new jobs in 0s")(pilot)
        clock[0] = stills.NOW
        await until_shown(pilot, "0 new jobs in 30s")  # by then the screen knows the time
        answers.update(_new_jobs())
        await keys(then="6 new jobs in 30s, 0.2/s · 1 missed")(pilot)
        await until_shown(pilot, "user-106@", "Missed jobs were gone")
        if is_paused:
            await keys("k", "k", then="paused: G follows again")(pilot)
            await until_shown(pilot, "Job 103")

    with scripted_server(answers) as address:
        app = stills.app(stills.watched(), address=address, now=lambda: clock[0])
        assert snap_compare(app, terminal_size=size, run_before=steps)


BODIES = {
    "laravel": LARAVEL,
    "base64-gzip-json": base64.b64encode(gzip.compress(BODY, mtime=0)),
    "msgpack": MSGPACK,
    "pickle": PICKLE,
    "form": b"to=ada%40example.org&tpl=welcome&tags=a+b",
    "binary": bytes(range(200)),
}


@pytest.fixture
def listed() -> Iterator[Address]:
    with scripted_server(LISTED) as address:
        yield address


async def _list_and_mark(pilot: Pilot[None]) -> None:
    await keys("enter", then="4812001", low="4812001")(pilot)
    await keys("n", then="3 of 3 jobs found", low="›")(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, TubeScreen)
    await until(pilot, lambda: screen.pane.table.current_key == 4812001)  # in a low window, too
    await keys("a", then="3 marked", low="›")(pilot)


@pytest.mark.long
@every_size
def test_list_of_jobs(snap_compare: Compare, size: tuple[int, int], listed: Address) -> None:
    app = stills.app(stills.watched(), address=listed)
    assert snap_compare(app, terminal_size=size, run_before=_list_and_mark)


@pytest.mark.long
@every_window
@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "chosen"])
def test_columns_of_jobs(
    snap_compare: Compare, size: tuple[int, int], *, is_asked: bool, listed: Address
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("enter", then="4812001")(pilot)
        await keys("n", then="3 of 3 jobs found")(pilot)
        await keys("c", then="Any other name is a field of the bodies")(pilot)
        if not is_asked:
            await keys("ctrl+u", then="id state age order_id")(pilot)
            await pilot.press(*"state age size to tpl", "enter")
            await keys("slash", *"to = ada*", "enter", then="filter: to = ada* ─")(pilot)

    app = stills.app(stills.watched(), address=listed)
    assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@every_size
def test_groups(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("number_sign", then="30 of", low="›")(pilot)
        await keys("l", then="user 14 has no address", low="timed")(pilot)

    with scripted_server(_produced()) as address:
        app = stills.app(stills.watched(), address=address)
        assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@every_window
@pytest.mark.parametrize("is_opened", [False, True], ids=["all", "of one"])
def test_groups_of_all_servers(
    snap_compare: Compare, size: tuple[int, int], *, is_opened: bool
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys("number_sign", then="37 of")(pilot)
        await keys("l", then="8    22%")(pilot)
        if is_opened:
            await keys("j", "j", "enter", then="on 2 servers")(pilot)

    with scripted_server(_produced()) as one, scripted_server(_produced(PRODUCED[2:])) as other:
        app = fleet(addresses=(one, other, None))
        assert snap_compare(app, terminal_size=size, run_before=steps)


@pytest.mark.long
@pytest.mark.parametrize("key", ["D", "M", "R", "B"])
def test_questions_about_jobs(
    snap_compare: Compare, key: str, listed: Address, tmp_path: Path
) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await _list_and_mark(pilot)
        await keys(key, then="server  prod-queue-1")(pilot)

    app = stills.app(stills.watched(), address=listed, trash=Trash(tmp_path))
    assert snap_compare(app, terminal_size=(80, 24), run_before=steps)


@pytest.mark.long
@pytest.mark.parametrize("kind", BODIES)
def test_bodies(snap_compare: Compare, kind: str) -> None:
    answers = {**EMAIL_TUBE, "peek-buried": job("FOUND", 4812001, BODIES[kind])}
    answers["peek 4812001"] = answers["peek-buried"]

    async def steps(pilot: Pilot[None]) -> None:
        await keys("enter", then="4812001")(pilot)
        await keys("G", "enter", then="── Body")(pilot)

    with scripted_server(answers) as address:
        app = stills.app(stills.watched(), address=address)
        assert snap_compare(app, terminal_size=(120, 36), run_before=steps)


@pytest.mark.long
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_progress(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[None]) -> None:
        await keys(then="email-transactional")(pilot)
        await settled(pilot)
        lines = progress_lines(5120, 8214, 4100.0)
        title = "Deleting 8,214 ready jobs"
        pilot.app.push_screen(ProgressDialog(Progress(title, lambda: lines, lambda: None)))
        await until_shown(pilot, "5,120 of 8,214")
        await settled(pilot)

    assert snap_compare(stills.app(stills.watched()), terminal_size=size, run_before=steps)


@pytest.mark.long
def test_tally(snap_compare: Compare) -> None:
    tally = Tally(100, done=90, ended="the server closed the connection")
    for outcome, number in ((Outcome.GONE, 4), (Outcome.HELD, 3), (Outcome.UNKNOWN, 1)):
        tally.note(outcome, number)
    tally.note(Outcome.OTHER_STATE, detail="ready")

    async def steps(pilot: Pilot[None]) -> None:
        await keys(then="email-transactional")(pilot)
        assert isinstance(pilot.app.screen, ServerScreen)
        said = tally.sentence("Deleted", "buried job", "of email")
        pilot.app.screen.context.done(said, all_well=False)
        await until_shown(pilot, "Deleted 90 of 100")

    assert snap_compare(stills.app(stills.watched()), terminal_size=(80, 24), run_before=steps)


@pytest.mark.long
@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_trash(snap_compare: Compare, size: tuple[int, int], tmp_path: Path) -> None:
    trash = Trash(tmp_path)
    for number, what in enumerate(("17 buried jobs of email-transactional", "job 12 of push")):
        with trash.begin("prod-queue-1:11300", what) as file:
            ids = (10 * number + 1, 10 * number + 2)
            file.save(SavedJob("a", b"", id) for id in ids)
            if number:
                file.note_put_back({id: 100 + id for id in ids})
    app = stills.app(stills.watched(), trash=trash)
    assert snap_compare(app, terminal_size=size, run_before=keys("u", then="2 to put back"))
