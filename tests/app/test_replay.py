"""Recordings on the screens: the pictures of the live run, the keys of the time line, no server."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.replay import ReplayApp, read_moment, replay_app
from beantop.app.session.options import Options
from beantop.app.session.playback import Playback
from beantop.app.session.timeline import Timeline
from beantop.app.view.lines import width_of
from beantop.app.view.timeline_line import timeline_line
from beantop.beanstalk import AsyncClient
from beantop.config import parse_settings
from beantop.monitor.frames import FrameWriter
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.recording import RecordedServer, RecordedSession, Recorder, Recording
from tests.app.running import answer, on_still, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.app.stills import ADDRESS, NOW, WALL, app, look, watched

SECONDS = 120

ALERT = """
[[alert]]
when = "buried > 16"
tubes = "email-*"
for = "30s"
"""


def statuses() -> Iterator[ServerStatus]:
    """The polls that made `stills.watched`."""
    link = Link("up", NOW - SECONDS)
    for number, ago in enumerate(range(SECONDS, -1, -1), 1):
        yield ServerStatus(ADDRESS, link, look(ago), polls=number, pace=1.0, cost=0.0009)


def recording(path: Path, items: Iterator[ServerStatus]) -> Recording:
    session = RecordedSession(WALL - SECONDS, NOW - SECONDS, (RecordedServer(ADDRESS),))
    recorder = Recorder(FrameWriter(os.open(path, os.O_RDWR | os.O_CREAT)), session)
    for item in items:
        recorder.note(1, item, item.snapshot.wall_time)
    recorder.close()
    return Recording(os.open(path, os.O_RDONLY))


@pytest.fixture
def playback(tmp_path: Path) -> Playback:
    return paused(recording(tmp_path / "still.rec", statuses()))


def paused(recorded: Recording) -> Playback:
    playback = Playback(recorded, real_now=lambda: 0.0)
    playback.is_playing = False
    return playback


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(*arguments: object, **options: object) -> None:
        raise AssertionError("a recording asks no server")

    monkeypatch.setattr(AsyncClient, "connect", connect)


def replay(playback: Playback, settings: str = "") -> ReplayApp:
    return replay_app(playback, Options(parse_settings(settings, "c.toml"), recorded=True))


def at(playback: Playback) -> float:
    """Seconds before the end."""
    return WALL - playback.timeline.at


@pytest.mark.long
@pytest.mark.parametrize("keys", [[], ["0"]])
def test_the_picture_is_that_of_the_live_run(playback: Playback, keys: list[str]) -> None:
    pictures = []

    async def of_live_run(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(*keys, "g")
        await pilot.pause()
        pictures.append(text_of(pilot.app.screen).splitlines())

    async def of_replay(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "RECORDING")
        await playback.go_to(WALL)
        await pilot.press(*keys, "g")
        await pilot.pause()
        pilot.app.clear_notifications()
        await until(pilot, lambda: "A recording" not in text_of(pilot.app.screen))
        lines = text_of(pilot.app.screen).splitlines()
        pictures.append([line for line in lines if "RECORDING" not in line])
        assert len(lines) == len(pictures[1]) + 1

    live = app(watched(), readonly=True)
    on_still(live, of_live_run, size=(120, 36))
    on_still(replay(playback), of_replay, size=(120, 37))
    assert pictures[0] == pictures[1]


@pytest.mark.long
def test_keys_move_through_the_recording(playback: Playback) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("right_parenthesis", "right_parenthesis")
        assert at(playback) == SECONDS - 2
        await pilot.press("left_parenthesis")
        assert at(playback) == SECONDS - 1
        await pilot.press("at")
        await answer(pilot, "Go to which time?", *"+1m", "enter")
        await until(pilot, lambda: at(playback) == SECONDS - 61)
        await pilot.press("left_parenthesis")
        assert at(playback) == SECONDS - 60
        await pilot.press("at")
        await answer(pilot, "Go to which time?", *"-1h", "enter")
        await until(pilot, lambda: at(playback) == SECONDS)
        await pilot.press("left_parenthesis")
        await until_shown(pilot, "This is the beginning of the recording.")
        await pilot.press("plus", "f")
        assert (playback.speed, playback.is_playing) == (2.0, True)
        await until_shown(pilot, "play 2x")

    on_still(replay(playback), story)


@pytest.mark.long
def test_the_next_problem_is_a_new_sign_or_an_alert(tmp_path: Path) -> None:
    def with_a_buried_job() -> Iterator[ServerStatus]:
        for status in statuses():
            ago = NOW - status.snapshot.taken_at
            tubes = dict(status.snapshot.tubes)
            tubes["push-ios"] = tubes["push-ios"]._replace(buried=int(ago <= 77))
            yield replace(status, snapshot=status.snapshot._replace(tubes=tubes))

    playback = paused(recording(tmp_path / "problem.rec", with_a_buried_job()))

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        while at(playback) > 90:
            await pilot.press("right_curly_bracket")
            await pilot.pause()
        assert at(playback) == 90
        await until_shown(pilot, "1 ALERT")
        while at(playback) > 77:
            await pilot.press("right_curly_bracket")
            await pilot.pause()
        assert at(playback) == 77
        await until_shown(pilot, "1 buried")
        await playback.go_to(WALL - 100)
        await until(pilot, lambda: "ALERT" not in text_of(pilot.app.screen))

    on_still(replay(playback, ALERT), story)


@pytest.mark.long
def test_a_lost_server_is_a_problem_too(tmp_path: Path) -> None:
    def with_a_loss() -> Iterator[ServerStatus]:
        for status in statuses():
            if NOW - status.snapshot.taken_at > 70:
                yield status
            else:
                lost = Link("down", status.snapshot.taken_at, "connection refused")
                yield replace(status, link=lost)

    playback = paused(recording(tmp_path / "lost.rec", with_a_loss()))

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        while not any("no connection" in toast.message for toast in pilot.app._notifications):
            await pilot.press("right_curly_bracket")
            await pilot.pause()
        assert 60 < at(playback) <= 70

    on_still(replay(playback), story)


@pytest.mark.long
def test_nothing_is_changed_and_there_are_no_jobs(playback: Playback) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("D")
        await until_shown(pilot, "This is a recording: nothing can be changed.")
        await pilot.press("percent_sign")
        await until_shown(pilot, "A recording has no jobs, so it has no times of jobs.")
        await pilot.press("number_sign")
        await until_shown(pilot, "A recording has no jobs to group.")
        await pilot.press("enter")
        await until_shown(pilot, "Could not list the jobs: a recording has no jobs.")
        await pilot.press("r")
        await until_shown(pilot, "This is a recording: nothing is polled.")

    on_still(replay(playback), story)


def test_help_has_the_keys_of_a_recording(playback: Playback) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("question_mark")
        text = await until_shown(pilot, "Recording: go to a time", "Recording: play faster")
        assert "@ " in text
        assert "Poll less often" not in text

    on_still(replay(playback), story, size=(120, 66))


def test_a_damaged_recording_says_what_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "damaged.rec"
    offsets = recording(path, statuses()).index.offsets
    data = bytearray(path.read_bytes())
    data[offsets[20] + 9] ^= 1
    path.write_bytes(data)
    damaged = Recording(os.open(path, os.O_RDONLY))

    async def story(pilot: Pilot[None]) -> None:
        at = f"damaged at byte {offsets[20]:,}"
        await until_toasted(pilot, f"The recording is incomplete: it is {at}")

    on_still(replay(paused(damaged)), story)


@pytest.mark.long
def test_a_recording_is_played_at_its_speed(tmp_path: Path) -> None:
    now = [0.0]
    playback = Playback(recording(tmp_path / "play.rec", statuses()), real_now=lambda: now[0])

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "RECORDING")
        for expected in (110, 20):
            now[0] += (at(playback) - expected) / playback.speed
            await until(pilot, lambda expected=expected: at(playback) == expected)  # type: ignore[misc]
            await pilot.press("plus")
        now[0] += 1000
        await until(pilot, lambda: not playback.is_playing)
        assert at(playback) == 0

    on_still(replay(playback), story)


DAY = datetime(2026, 3, 4, 23, 0).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("23:30", 1800),
        ("23:30:05", 1805),
        ("00:30", 5400),
        ("2026-03-05 01:00", 7200),
        ("+10m", 700),
        ("-1h", 0),
        ("+2d", 10_000),
    ],
)
def test_a_moment_is_read(text: str, seconds: float) -> None:
    assert read_moment(text, DAY + 100, DAY, DAY + 10_000) == DAY + seconds


@pytest.mark.parametrize("text", ["soon", "25:00", "+soon", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        read_moment(text, DAY, DAY, DAY)


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_time_line_fits(width: int) -> None:
    timeline = Timeline(DAY, DAY + 90_000, DAY + 45_000, 300.0, is_playing=True)
    assert width_of(timeline_line(timeline, width)) <= max(width, 60)
