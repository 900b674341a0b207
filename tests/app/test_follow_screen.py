"""Following new jobs in the program, on a real server."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.screens.follow import FollowScreen
from beantop.app.screens.job import JobScreen
from beantop.app.session import server_view
from beantop.app.session.server_view import ASKED_RATE
from beantop.app.widgets import selection
from beantop.beanstalk import Client, NotFoundError
from beantop.jobs.listing import MAX_FOLLOWED
from beantop.jobs.trash.store import Trash
from tests.app import stills
from tests.app.running import answer, go_to_tube, on_server, on_still, open_tube, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.app.scripted_server import Answer, job, job_stats, scripted_server
from tests.app.scripted_server import stats as numbers
from tests.beanstalkd import Beanstalkd


@pytest.fixture
def client(server: Beanstalkd, tube: str) -> Iterator[Client[str]]:
    with server.client(use=tube, watch=tube) as client:
        client.put("from before")
        yield client


async def follow(pilot: Pilot[None], tube: str) -> FollowScreen:
    await go_to_tube(pilot, tube)
    await pilot.press("F")
    await until_shown(pilot, f"{tube} › follow", "0 new jobs in")
    screen = pilot.app.screen
    assert isinstance(screen, FollowScreen)
    return screen


def rows(screen: FollowScreen) -> list[int]:
    return [row.job.id for row in screen.pane.table.rows]


@pytest.mark.long
def test_a_burst_is_shown_at_the_bottom_and_no_job_is_reserved(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = [client.put(f"body {number}") for number in range(1000)]
        await until(pilot, lambda: screen.pane.follow.seen + screen.pane.follow.missed == 1000)
        await until_shown(pilot, "1,000 new jobs in", f"Job {ids[-1]}", "body 999")
        assert screen.pane.follow.missed == 0
        assert rows(screen) == ids
        assert screen.pane.table.current_key == ids[-1]
        assert {client.stats_job(id)["reserves"] for id in ids} == {0}

    on_server(server, story)


@pytest.mark.long
def test_moving_up_pauses_and_the_last_row_follows_again(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        table = screen.pane.table
        ids = [client.put("x") for _ in range(3)]
        await until(pilot, lambda: table.current_key == ids[2])
        await pilot.press("k")
        await until_shown(pilot, "paused: G follows again · 3 new jobs")
        ids += [client.put("y") for _ in range(40)]
        await until_shown(pilot, "paused: 40 new below, G follows again · 43 new jobs")
        assert table.current_key == ids[1]
        await pilot.press("G")
        await until(pilot, lambda: table.current_key == ids[-1])
        assert "paused" not in text_of(pilot.app.screen)
        ids.append(client.put("z"))
        await until(pilot, lambda: table.current_key == ids[-1])
        await pilot.press("F")
        await until_shown(pilot, "paused: G follows again")
        await pilot.press("F")
        await until(pilot, lambda: screen.pane.is_following)

    on_server(server, story)


@pytest.mark.parametrize("key", ["enter", "F"])
def test_a_pause_leaves_the_cursor_on_the_last_job(
    server: Beanstalkd, tube: str, client: Client[str], key: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = [client.put("x") for _ in range(3)]
        await until(pilot, lambda: screen.pane.table.current_key == ids[2])
        await pilot.press(key)
        await until(pilot, lambda: not screen.pane.is_following)
        if key == "enter":
            await until_shown(pilot, f"› job {ids[2]}")
        assert screen.pane.table.current_key == ids[2]

    on_server(server, story)


def test_jobs_that_workers_take_at_once_are_counted_as_missed(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        await pilot.press("f")
        await until_shown(pilot, "FROZEN")
        for _ in range(12):
            client.delete(client.put("quick"))
        id = client.put("slow")
        await pilot.press("f")
        await until_shown(pilot, "13 new jobs in", " 12 missed", "Missed jobs were gone")
        assert rows(screen) == [id]

    on_server(server, story)


def test_a_job_counted_as_missed_after_the_others_were_listed_is_told_of() -> None:
    def put(in_all: int, in_tube: int) -> dict[str, Answer]:
        return {
            "stats": numbers(id="a", pid=1, total_jobs=in_all),
            "stats-tube email-transactional": numbers(
                name="email-transactional", total_jobs=in_tube
            ),
        }

    answers: dict[str, Answer] = {"list-tubes": b"OK 26\r\n---\n- email-transactional\n"}
    answers.update(put(100, 90))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("F")
        await until_shown(pilot, "0 new jobs in")
        answers["peek 102"] = job("FOUND", 102, b"here")
        answers["stats-job 102"] = job_stats(102, "ready", age=0)
        answers.update(put(102, 90))  # the tube was counted before the jobs were put
        await until_shown(pilot, "102 ready")
        answers.update(put(102, 92))
        await until_shown(pilot, "1 missed", "Missed jobs were gone")

    with scripted_server(answers) as address:
        on_still(stills.app(stills.watched(), address=address), story)


@pytest.mark.long
def test_jobs_stay_listed_when_they_are_gone_and_can_still_be_read(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = [client.put(body) for body in ("first", "second")]
        await until(pilot, lambda: rows(screen) == ids)
        client.delete(ids[1])
        await until_shown(pilot, f"{ids[1]} gone ", f"{ids[0]} ready ")
        await pilot.press("D")
        await until_toasted(pilot, f"Job {ids[1]} is gone")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, JobScreen))
        await until_shown(pilot, f"job {ids[1]}", "second")
        await pilot.press("escape")
        await until_shown(pilot, "› follow", "paused: G follows again")

    on_server(server, story)


@pytest.mark.long
def test_a_capital_acts_on_the_job_under_the_cursor_and_on_no_other(
    server: Beanstalkd, tube: str, client: Client[str], tmp_path: Path
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = [client.put(f"body {number}") for number in range(4)]
        await until(pilot, lambda: rows(screen) == ids)
        await pilot.press("k", "k", "D")
        await answer(pilot, f"Delete job {ids[1]}?", "y")
        await until_shown(pilot, f"{ids[1]} gone ")
        assert rows(screen) == ids
        assert [id for id in ids if not exists(client, id)] == [ids[1]]
        await pilot.press("g", "space", "space", "space", "B")
        await answer(pilot, "Bury 2 ready jobs?", "y")
        await until_shown(pilot, f"{ids[0]} buried ", f"{ids[2]} buried ", f"{ids[3]} ready ")
        await pilot.press("U")
        await answer(pilot, "Undo", "y")
        await until_shown(pilot, f"{ids[0]} ready ", f"{ids[2]} ready ")

    on_server(server, story, trash=Trash(tmp_path))


@pytest.mark.long
def test_a_capital_does_nothing_if_a_new_job_has_just_come_under_the_cursor(
    server: Beanstalkd, tube: str, client: Client[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = []
        for body in ("one", "two"):
            ids.append(client.put(body))
            await until(pilot, lambda: rows(screen) == ids)
        await pilot.press("D")
        moved = f"The cursor has just moved from job {ids[0]} to job {ids[1]}. Nothing was done."
        await until_toasted(pilot, moved)

    monkeypatch.setattr(selection, "JUST_MOVED_SECONDS", 1000.0)
    on_server(server, story)


def exists(client: Client[str], id: int) -> bool:
    with suppress(NotFoundError):
        return bool(client.stats_job(id))
    return False


@pytest.mark.long
def test_a_filter_finds_words_in_bodies_of_jobs_that_are_gone_too(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = [client.put(json.dumps({"to": name})) for name in ("ada", "bob", "ada", "eve")]
        await until(pilot, lambda: rows(screen) == ids)
        client.delete(ids[0])
        await until_shown(pilot, f"{ids[0]} gone ")
        await pilot.press("/", *"ada", "enter")
        await until(pilot, lambda: rows(screen) == [ids[0], ids[2]])
        ids += [client.put(json.dumps({"to": name})) for name in ("bob", "ada")]
        await until(pilot, lambda: rows(screen) == [ids[0], ids[2], ids[5]])
        assert screen.pane.table.current_key == ids[5]
        await pilot.press("/", *"x", "enter")
        await until_shown(pilot, "None of the 6 jobs listed here matches “adax”.")
        await pilot.press("escape")
        await until(pilot, lambda: rows(screen) == ids)

    on_server(server, story)


@pytest.mark.long
def test_chosen_columns_are_those_of_followed_jobs_too(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        id = client.put(json.dumps({"to": "ada", "order": {"id": 7}}))
        await until(pilot, lambda: rows(screen) == [id])
        await pilot.press("c")
        await until_shown(pilot, "Columns")
        await pilot.press("ctrl+u", *"state id age body.order.id", "enter")
        await until_shown(pilot, "STATE            JOB     CAME", f"{id} ", "order.id")
        client.delete(id)
        await until_shown(pilot, "gone ", "7")

    on_server(server, story)


@pytest.mark.long
def test_a_server_with_very_many_tubes_gets_only_the_commands_that_polls_leave(
    server: Beanstalkd, tube: str, client: Client[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        assert screen.view.asked_rate == max(ASKED_RATE, screen.view.gentle_rate)
        monkeypatch.setattr(server_view, "MANY_TUBES", 1)
        assert screen.view.asked_rate == screen.view.gentle_rate
        id = client.put("x")
        await until(pilot, lambda: rows(screen) == [id])

    on_server(server, story)


@pytest.mark.long
def test_hostile_bodies_are_shown_and_do_nothing(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        client.put("\x1b]52;c;ZXZpbA==\x07 [/red] \u202e")
        client.put("[" * 30_000)
        client.put("last")
        await until(pilot, lambda: len(rows(screen)) == 3)
        shown = await until_shown(pilot, "␛]52;c;ZXZpbA==␇ [/red] \\u202e", "[[[[[[", "last")
        assert "\x1b" not in shown

    on_server(server, story)


@pytest.mark.long
def test_all_tubes_of_a_server_can_be_followed(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, tube)
        await pilot.press("0")
        await until_shown(pilot, "› server")
        await pilot.press("enter")
        await until_shown(pilot, "› all jobs", "jobs found")
        await pilot.press("F")
        await until_shown(pilot, "all jobs › follow", "TUBE", "0 new jobs in")
        client.put("one")
        client.use("other")
        id = client.put("two")
        await until_shown(pilot, f"{id} ready    other ", "2 new jobs in")
        client.delete(id)

    on_server(server, story)


@pytest.mark.long
def test_jobs_of_other_tubes_are_not_listed(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube)
        await pilot.press("F")
        await until_shown(pilot, f"{tube} › follow", "0 new jobs in")
        client.use("other")
        ids = [client.put("x"), client.put("x")]
        await until_shown(pilot, "Waiting for new jobs.  2 jobs came in other tubes.")
        client.use(tube)
        id = client.put("mine")
        await until_shown(pilot, f"{id} ready ", "1 new job in")
        for other in ids:
            client.delete(other)

    on_server(server, story)


@pytest.mark.long
def test_a_frozen_screen_stays_and_catches_up_later(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        first = client.put("x")
        await until(pilot, lambda: rows(screen) == [first])
        await pilot.press("f")
        await until_shown(pilot, "FROZEN")
        others = [client.put("y") for _ in range(3)]
        with server.client() as watching:
            peeks = watching.stats()["cmd-peek"]
            await until_shown(pilot, "+2 polls")
            assert watching.stats()["cmd-peek"] == peeks
        assert rows(screen) == [first]
        await pilot.press("f")
        await until(pilot, lambda: rows(screen) == [first, *others])
        await until_shown(pilot, "4 new jobs in")

    on_server(server, story)


@pytest.mark.long
def test_a_restart_is_told_and_following_goes_on(own_server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        with own_server.client(use=tube) as client:
            client.put("before")
            client.put("before")
        await until(pilot, lambda: len(rows(screen)) == 2)
        await pilot.press("space")
        own_server.stop()
        await until_shown(pilot, "Nothing can be changed while disconnected.")
        own_server.start()
        with own_server.client(use=tube) as client:
            client.put("after")
            await until_shown(pilot, "after", "the server was restarted", "some may be missed")
        assert len(rows(screen)) == 1
        assert not screen.pane.table.marked

    with own_server.client(use=tube) as client:
        client.put("old")
        on_server(own_server, story)


@pytest.mark.long
def test_of_many_jobs_the_last_ones_stay_listed(
    server: Beanstalkd, tube: str, client: Client[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await follow(pilot, tube)
        ids = [client.put("x") for _ in range(30)]
        await until(pilot, lambda: rows(screen) == ids[-20:])
        await until_shown(pilot, "30 new jobs in", "the last 20 are listed")
        await pilot.press("k")
        ids += [client.put("y") for _ in range(10)]
        await until(pilot, lambda: rows(screen) == ids[-30:])

    monkeypatch.setattr("beantop.app.panes.follow_pane.MAX_FOLLOWED", 20)
    on_server(server, story)
    assert MAX_FOLLOWED > 20
