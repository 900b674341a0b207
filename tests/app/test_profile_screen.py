"""The screen that shows how long jobs wait and take."""

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot

from beantop.app.screens.profile import ProfileScreen
from beantop.app.session.profiled import FAST, USUAL, Wanted
from beantop.app.view.lines import plain
from beantop.app.view.profile_lines import histograms, unknown_words, workers_words
from beantop.app.view.profile_table import ProfileRow, profile_columns
from beantop.beanstalk import AsyncClient, commands
from beantop.monitor.durations import MIN_COUNT, Bounds, Durations, Estimate
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.snapshot import Tube
from beantop.monitor.staffing import Staffing
from tests.app.profiled import CLASSES, TUBE, jobs, measured
from tests.app.running import go_to_tube, on_server, on_still, open_tube
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd

WIDTHS = (40, 60, 80, 109, 110, 120, 131, 132, 200)


def estimate(*seconds: float) -> Estimate | None:
    durations = Durations()
    for one in seconds:
        durations.add(Bounds(one, one) if one > 0 else Bounds(-one, float("inf")))
    return durations.estimate()


def row(
    *seconds: float, sampled: float = 100, quick: float = 0.0, resolution: float = 0.25
) -> ProfileRow:
    """A row whose jobs take these seconds; a negative number of seconds is where one was lost sight of."""
    known = estimate(*seconds)
    return ProfileRow(
        "", TubeTimes(known, known, known, sampled, 0.0, 0.0, quick), 20.0, resolution
    )


UNKNOWN_ROW = ProfileRow("", None, None, 0.25)


def test_a_time_shorter_than_the_looks_can_tell_is_less_than_that() -> None:
    assert row(*[0.1] * 30).text("wait", 50) == "<0.25s"
    assert row(*[0.1] * 30, resolution=0.05).text("wait", 50) != "<0.05s"


def test_a_time_longer_than_all_that_was_seen_is_more_than_that() -> None:
    assert row(*[1.0] * 20, *[-300.0] * 20).text("wait", 95).startswith(">4m")


def test_an_unknown_time_is_a_dash() -> None:
    assert UNKNOWN_ROW.text("work", 50) == "–"
    assert row(*[1.0] * (MIN_COUNT - 1)).text("wait", 50) == "–"


def test_the_p99_is_known_from_100_jobs_on() -> None:
    assert row(*[1.0] * 99).text("wait", 99) == "–"
    assert row(*[1.0] * 99).text("wait", 95) != "–"
    assert row(*[1.0] * 100).text("wait", 99) != "–"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("of_tubes", [False, True])
def test_from_80_cells_on_all_columns_fit(width: int, of_tubes: bool) -> None:
    columns = profile_columns(width, of_tubes=of_tubes)
    needed = sum(column.width + 1 for column in columns)
    assert width < 80 or needed <= width


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("height", [0, 3, 6, 9, 30])
def test_histograms_keep_to_their_room(width: int, height: int) -> None:
    lines = histograms(row(*(at / 10 for at in range(1, 400))), width, height)
    assert len(lines) <= height
    assert all(len(plain(line)) <= width for line in lines)


def test_the_bars_of_a_histogram_add_up() -> None:
    lines = histograms(row(*[0.7] * 30, *[1.5] * 70), 140, 12)
    text = {plain(line)[:14].strip(): plain(line)[14:].split() for line in lines[1:]}
    assert text["0.5s – 1s"][1] == "30%"
    assert text["1s – 2s"][1] == "70%"


def test_no_bar_is_beyond_what_was_seen() -> None:
    lines = histograms(row(*[1.0] * 5, *[-23.0] * 95), 140, 12)
    text = {plain(line)[:14].strip(): plain(line)[14:].split() for line in lines[1:]}
    assert list(text)[-1] == "> 20s"
    assert text["> 20s"][1] == "95%"


def test_bars_begin_where_the_first_jobs_end() -> None:
    lines = histograms(row(*[70.0] * 50, *[130.0] * 50), 140, 12)
    assert [plain(line)[:14].strip() for line in lines[1:]] == [
        "< 1m",
        "1m – 2m",
        "2m – 5m",
        "> 5m",
    ]


def test_nothing_known_has_no_histogram() -> None:
    assert histograms(UNKNOWN_ROW, 120, 20) == []


BUSY = Staffing(12, 0.93, have_other_work=False, needed=14)


@pytest.mark.parametrize(
    ("known", "tube", "words"),
    [
        (BUSY, {}, "These 12 workers are busy 93% of the time; 2 more would keep the p95 of the wait under 30s"),
        (Staffing(1, 1.0, False, 2), {}, "This worker is busy 100% of the time; 1 more would keep"),
        (Staffing(12, 0.4, False, 6), {}, "busy 40% of the time; 6 would keep the p95"),
        (Staffing(12, 0.4, False, 12), {}, "that many keep the p95"),
        (Staffing(12, 0.9, False, 13, backlog=90.0), {}, "1 more would keep the p95 of the wait under 30s, once the backlog is gone"),
        (Staffing(12, 0.9, False, 11, backlog=90.0), {}, "enough for what comes in, but there is a backlog"),
        (Staffing(12, 0.3, True, None), {}, "with jobs of this tube, and have other work, too."),
        (Staffing(12, 0.3, False, None), {}, "These 12 workers are busy 30% of the time."),
        (None, {}, "It takes 20s of polls to tell"),
        (BUSY, {"watching": 0}, "No worker watches this tube."),
    ],
)  # fmt: skip
def test_the_words_about_workers(known: Staffing | None, tube: dict[str, Any], words: str) -> None:
    assert words in plain(workers_words(known, Tube("a", 0.0, **tube)))


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (UNKNOWN_ROW, "No job was put since this screen opened"),
        (ProfileRow("", None, 5.0, 0.25), "Jobs are put, but none was seen yet."),
        (row(sampled=0), "Jobs are put, but none was seen yet."),
        (row(sampled=7), "7 jobs so far; times are shown once there are 20"),
        (row(*[1.0] * 30, quick=0.4), "40% of the jobs were gone before their first sample, so their class is unknown."),
    ],
)  # fmt: skip
def test_what_is_not_known_is_said(shown: ProfileRow, words: str) -> None:
    said = unknown_words(shown, of_tubes=False, draining=False, trouble="")
    assert words in plain(said[0])


def test_what_keeps_it_from_measuring_is_all_that_is_said() -> None:
    said = unknown_words(
        row(sampled=3), of_tubes=False, draining=True, trouble="Nothing is measured."
    )
    assert [plain(line) for line in said] == ["Nothing is measured."]


def test_in_drain_mode_it_says_that_nothing_new_comes() -> None:
    said = unknown_words(UNKNOWN_ROW, of_tubes=False, draining=True, trouble="")
    assert "drain mode" in plain(said[0])


@pytest.mark.long
def test_the_cursor_chooses_the_histogram() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("%")
        await until_shown(pilot, *CLASSES, "── all jobs ──")
        await pilot.press("j")
        await until_shown(pilot, f"── {CLASSES[2]} ──")

    on_still(measured(jobs(20, 0.45, 10)), story)


@pytest.mark.long
def test_the_same_key_goes_back_and_so_does_esc() -> None:
    async def story(pilot: Pilot[None]) -> None:
        for key in ("%", "escape"):
            await pilot.press("%")
            await until_shown(pilot, "Times of jobs")
            await pilot.press(key)
            await until_shown(pilot, "── 13 tubes")

    on_still(measured(jobs(20, 0.45, 10)), story)


@pytest.mark.long
def test_s_looks_more_often_and_as_before() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("%")
        await until_shown(pilot, "Times of jobs")
        screen = pilot.app.screen
        assert isinstance(screen, ProfileScreen)
        assert screen.profiled == Wanted(TUBE, USUAL)
        await pilot.press("s")
        assert screen.profiled == Wanted(TUBE, FAST)
        await pilot.press("s")
        assert screen.profiled == Wanted(TUBE, USUAL)

    on_still(measured(jobs(20, 0.45, 10)), story)


@pytest.mark.long
def test_y_copies_the_table_with_all_percentiles() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("%")
        await until_shown(pilot, *CLASSES)
        await pilot.press("y")
        await until(pilot, lambda: bool(pilot.app.clipboard))
        head, *rows = pilot.app.clipboard.splitlines()
        assert head.split("\t")[:5] == ["CLASS", "JOBS", "IN/s", "WAIT p50", "p90"]
        assert len(rows) == 1 + len(CLASSES)

    on_still(measured(jobs(20, 0.45, 10)), story)


async def put_and_finish(server: Beanstalkd, tube: str, number: int) -> None:
    client = await AsyncClient.connect(server.address)
    await client.call(commands.use(tube))
    for _ in range(number):
        id = await client.call(commands.put(b'{"class": "Mail", "args": []}', 0, 0, 60))
        await client.call(commands.reserve_job(id))
        await asyncio.sleep(0.05)
        await client.call(commands.delete(id))
    client.close()


@pytest.mark.long
def test_jobs_are_measured_while_the_screen_is_open(own_server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, "emails")
        await pilot.press("%")
        await until_shown(pilot, "emails", "No job was put since this screen opened")
        await until(pilot, lambda: _connections(own_server) > before)
        await put_and_finish(own_server, "emails", 60)
        await until_shown(pilot, "<0.25s")
        await pilot.press("escape")
        await until(pilot, lambda: _connections(own_server) == before)

    with own_server.client(use="emails") as client:
        client.put("first")
        before = 4  # this one, the one that counts, and beantop's two

        on_server(own_server, story)


def _connections(server: Beanstalkd) -> int:
    with server.client() as client:
        return client.stats()["current-connections"]


@pytest.mark.long
def test_the_key_in_the_list_of_tubes_measures_the_one_under_the_cursor(
    own_server: Beanstalkd,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "emails")
        await pilot.press("%")
        await until_shown(pilot, "› emails", "Times of jobs")

    with own_server.client(use="emails") as client:
        client.put("first")
    on_server(own_server, story)
