"""Marks, and what the capitals do to the marked jobs, on a real server."""

import asyncio
from base64 import b64encode
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from beantop.app.action_context import ActionContext
from beantop.app.actions import destination
from beantop.app.actions.destination import Destination
from beantop.app.app import BeantopApp
from beantop.app.screens import early_keys
from beantop.app.screens.screen_user import UNASKED
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.screens.tube import TubeScreen
from beantop.beanstalk import format_address
from beantop.jobs.journal import Journal
from beantop.jobs.trash.store import Trash
from tests.app.running import (
    answer,
    find_command,
    go_to_tube,
    on_server,
    open_tube,
    severity_of_last,
    until_toasted,
)
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in, put_buried
from tests.jobs.bulk.running import one_of_each


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


async def open_all_jobs(pilot: Pilot[None], tube: str, count: int) -> None:
    await open_tube(pilot, tube, "n finds")
    await pilot.press("n")
    await until_shown(pilot, f"{count} of {count} jobs found")


def test_marked_jobs_are_deleted_and_put_back(
    server: Beanstalkd, tube: str, trash: Trash, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 4)
        await pilot.press("a", "D")
        await until_shown(pilot, "4 marked", "1 reserved by workers will be skipped", "U puts")
        await answer(pilot, "Delete 4 jobs?", "y")
        await until_shown(pilot, "Deleted 3 of 4 jobs", "1 is reserved", "1 marked")
        assert jobs_in(client, tube) == {"reserved": 1}
        await pilot.press("U")
        await answer(pilot, "Put back 3 jobs?", "y")
        await until_shown(pilot, "Put back 3 jobs. New ids: ")
        screen = pilot.app.screen
        assert isinstance(screen, TubeScreen)
        await until(pilot, lambda: len(screen.pane.table.rows) == 4)  # without another scan
        await pilot.press("U")
        await until_shown(pilot, "There is nothing to undo on this server")
        await find_command(pilot, "log: m", "Log: messages")
        await until_shown(
            pilot, "Changes, including earlier sessions", "Deleted 4 jobs of", ": 3 of 4"
        )

    with server.client(use=tube, watch=tube) as client:
        one_of_each(client)
        before = jobs_in(client, tube)
        on_server(server, story, trash=trash, journal=journal)
        assert jobs_in(client, tube) == before
    deleted, put_back = journal.last(2)
    assert (deleted["what"], deleted["done"], deleted["held"]) == ("Deleted", 3, 1)
    assert (put_back["what"], put_back["done"]) == ("Put back", 3)


@pytest.mark.long
def test_marks_stay_with_the_jobs_and_esc_takes_them_away(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await pilot.press("g", "space", "space")
        await until_shown(pilot, "2 marked")
        with server.client() as client:
            client.delete(ids[2])
        await pilot.press("escape")
        screen = await until_shown(pilot, f"› {tube}")
        assert "marked" not in screen

    with server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(3)]
        on_server(server, story)


@pytest.mark.long
def test_jobs_are_moved_to_another_tube(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("a", "M")
        await answer(pilot, "Move 2 ready jobs to which tube?", *"-bad", "enter")
        await until_shown(pilot, "is not a tube name")
        await pilot.press(*["backspace"] * 4, *f"{tube}x", "enter")
        await answer(pilot, "Create this tube?", "y")
        await until_shown(pilot, f"Moved 2 ready jobs of {tube} to {tube}x. New ids: ")

    with server.client(use=tube) as client:
        client.put("")
        client.put("")
        on_server(server, story)
        assert jobs_in(client, f"{tube}x") == {"ready": 2}


@pytest.mark.long
def test_jobs_are_copied_to_another_server(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("C")
        await answer(
            pilot, "For another server type its number first, for example 2:name.", *"3:x", "enter"
        )
        await until_shown(pilot, "There is no server 3.")
        await pilot.press(*["backspace"] * 3, *"2:x", "enter")
        await answer(pilot, "Create this tube?", "y")
        await until_shown(pilot, "Copied job")

    with server.client(use=tube) as client, own_server.client() as other:
        client.put("")
        on_server(server, story, others=[own_server])
        assert jobs_in(client, tube) == {"ready": 1}
        assert jobs_in(other, "x") == {"ready": 1}


def test_jobs_are_not_moved_to_the_tube_they_are_in(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("a", "M")
        await answer(pilot, "Move 2 ready jobs to which tube?", *tube, "enter")
        await until_shown(pilot, f"All 2 jobs are already in {tube}.")
        await pilot.press("escape")

    with server.client(use=tube) as client:
        ids = [client.put(""), client.put("")]
        on_server(server, story)
        assert [client.stats_job(id)["state"] for id in ids] == ["ready", "ready"]


@pytest.mark.long
def test_a_destination_that_is_gone_is_named(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        own_server.stop()
        await pilot.press("M")
        await answer(pilot, "to which tube?", *"2:x", "enter")
        there = format_address(own_server.address)
        await until_toasted(pilot, f"Nothing was done: {there} cannot be asked for its tubes")

    with server.client(use=tube) as client:
        client.put("")
        on_server(server, story, others=[own_server])
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.long
def test_a_slip_of_the_pen_creates_no_tube(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("M")
        await answer(pilot, "to which tube?", *f"{tube}-fial", "enter")
        await until_shown(pilot, "Create this tube?", f"Did you mean {tube}-fail")
        await answer(pilot, "Create this tube?", "enter")  # which is no yes
        await until_shown(pilot, "to which tube?", f"{tube}-fial")
        await pilot.press(*["backspace"] * 3, "tab")
        assert pilot.app.screen.query_one(Input).value == f"{tube}-failed"
        await answer(pilot, "to which tube?", "enter")
        await until_shown(pilot, f"to {tube}-failed: now job ")
        await until(pilot, lambda: jobs_in(client, f"{tube}-failed") == {"ready": 2})

    with server.client(use=f"{tube}-failed") as client:
        client.put("")
        client.use(tube)
        client.put("")
        on_server(server, story)
        assert f"{tube}-fial" not in client.tubes()


@pytest.mark.long
def test_another_priority_and_delay_are_typed(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("R")
        await answer(pilot, "Change priority or delay", *"soon", "enter")
        await until_shown(pilot, "Type a priority")
        await pilot.press(*["backspace"] * 4, "5", "space", *"delay", "space", *"10m", "enter")
        await until_shown(pilot, f"Changed job {id} to priority 5, delay 10m0s.", "delayed")

    with server.client(use=tube) as client:
        id = client.put("")
        on_server(server, story)
        stats = client.stats_job(id)
    assert (stats["pri"], stats["delay"], stats["state"]) == (5, 600, "delayed")


@pytest.mark.long
def test_a_job_is_buried_from_its_own_screen(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("enter")
        await until_shown(pilot, f"› job {id}")
        await pilot.press("B")
        await answer(pilot, f"Bury job {id}?", "y")
        await until_shown(pilot, f"Buried job {id}.", f"job {id} is buried")
        await pilot.press("B")
        await until_shown(pilot, f"Job {id} is already buried.")

    with server.client(use=tube) as client:
        id = client.put("")
        on_server(server, story)
        assert jobs_in(client, tube) == {"buried": 1}


@pytest.mark.long
def test_more_than_a_hundred_take_their_number_if_nothing_undoes_it(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 120)
        await pilot.press("a", "D")
        for number in ("119", "121", "all"):
            await answer(pilot, "Delete 120 ready jobs?", *number, "enter")
            await until_shown(pilot, "Type 120 to confirm.")
            await pilot.press(*["backspace"] * 3)
        assert jobs_in(client, tube) == {"ready": 120}
        await pilot.press(*"120", "enter")
        await until_shown(pilot, f"Deleted 120 ready jobs of {tube}.")

    with server.client(use=tube) as client:
        for _ in range(120):
            client.put("")
        on_server(server, story)
        assert jobs_in(client, tube) == {}


@pytest.mark.long
def test_any_number_is_deleted_and_put_back_by_one_key_each(
    server: Beanstalkd, tube: str, trash: Trash
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 120)
        await pilot.press("a", "D")
        await answer(pilot, "Delete 120 ready jobs?", "y")
        await until_shown(pilot, f"Deleted 120 ready jobs of {tube}. U puts them back.")
        assert jobs_in(client, tube) == {}
        await pilot.press("U")
        await answer(pilot, "Put back 120 jobs?", "y")
        await until_shown(pilot, "Put back 120 jobs.")

    with server.client(use=tube) as client:
        for _ in range(120):
            client.put("")
        on_server(server, story, trash=trash)
        assert jobs_in(client, tube) == {"ready": 120}


@pytest.mark.long
def test_more_than_a_hundred_are_kicked_by_a_word(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 120)
        await pilot.press("a", "K")
        await answer(pilot, "Kick 120 buried jobs to ready?", "y", "enter")
        await until_shown(pilot, "Type 120 or all to confirm.")
        await pilot.press("backspace", *"all", "enter")
        await until_shown(pilot, "Kicked 120 buried jobs")

    with server.client(use=tube, watch=tube) as client:
        for _ in range(120):
            put_buried(client)
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 120}


@pytest.mark.long
def test_the_trash_shows_earlier_deletions(server: Beanstalkd, tube: str, trash: Trash) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        for id in ids:
            await pilot.press("g", "D")
            await answer(pilot, f"Delete job {id}?", "y")
            await until_shown(pilot, f"Deleted job {id}.")
            await until(pilot, lambda: "Delete job" not in text_of(pilot.app.screen))
        await pilot.press("u")
        await until_shown(pilot, "Trash", f"job {ids[1]} of {tube}", f"job {ids[0]} of {tube}")
        await pilot.press("down", "enter")
        await answer(pilot, f"job {ids[0]} of {tube}", "y")
        await until_shown(pilot, "Put back 1 job.")

    with server.client(use=tube) as client:
        ids = [client.put("first"), client.put("second")]
        on_server(server, story, trash=trash)
        assert client.peek_ready().body == "first"
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.long
def test_nothing_of_this_is_done_read_only(server: Beanstalkd, tube: str, trash: Trash) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        for key in "KDBRMCENU":
            await pilot.press(key)
            await until_shown(pilot, "Read-only: beantop was started with --readonly.")
            assert len(pilot.app.screen_stack) == 2
        await pilot.press("u")
        await until_shown(pilot, "The trash is empty")

    with server.client(use=tube) as client:
        client.put("")
        on_server(server, story, readonly=True, trash=trash)
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.long
def test_the_list_is_put_in_order_and_filtered_by_numbers(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await pilot.press("s", "p")
        await until(pilot, lambda: _ids(pilot, ids) == [ids[1], ids[2], ids[0]])
        await pilot.press("s", "p")
        await until(pilot, lambda: _ids(pilot, ids) == [ids[0], ids[2], ids[1]])
        await pilot.press("slash", *"priority<6", "enter")
        await until(pilot, lambda: _ids(pilot, ids) == [ids[0], ids[2]])
        await pilot.press("a", "D")
        await answer(pilot, "Delete 2 ready jobs?", "n")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(_ids(pilot, ids)) == 3)
        await pilot.press("slash", *"priority<soon", "enter")
        await until_shown(pilot, "No body among the 3 read has a field soon.")

    with server.client(use=tube) as client:
        ids = [client.put("", priority=priority) for priority in (1, 9, 5)]
        on_server(server, story)


@pytest.mark.long
def test_bodies_are_searched_when_the_filter_is_kept(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 700)
        await pilot.press("slash", *"needle", "enter")
        await until(pilot, lambda: _ids(pilot, ids) == [ids[650]])
        await pilot.press("a", "D")
        await answer(pilot, f"Delete job {ids[650]}?", "y")
        await until_shown(pilot, f"Deleted job {ids[650]}.", "No job matches")

    with server.client(use=tube) as client:
        ids = [client.put("a needle" if number == 650 else "hay") for number in range(700)]
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 699}


@pytest.mark.long
def test_what_is_encoded_is_shown_and_found_by_what_it_says(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await until_shown(pilot, "an ocelot in base64", "an ocelot as text", "nothing but hay")
        await pilot.press("slash", *"ready ocelot", "enter")
        await until(pilot, lambda: _ids(pilot, ids) == ids[:2])
        await pilot.press("escape")
        await until(pilot, lambda: _ids(pilot, ids) == ids)
        await pilot.press("slash", *"!ocelot", "enter")
        await until(pilot, lambda: _ids(pilot, ids) == ids[2:])

    with server.client(use=tube) as client:
        encoded = b64encode(b"an ocelot in base64").decode()
        ids = [client.put(body) for body in (encoded, "an ocelot as text", "nothing but hay")]
        on_server(server, story)


def _ids(pilot: Pilot[None], ids: list[int]) -> list[int]:
    """The given ids that are rows on the screen, from the top."""
    lines = [line.split() for line in text_of(pilot.app.screen).splitlines()]
    shown = [int(words[0].lstrip("*")) for words in lines if words and words[1:2] == ["ready"]]
    return [id for id in shown if id in ids]


@pytest.mark.long
def test_a_body_is_saved_to_a_new_file(server: Beanstalkd, tube: str, tmp_path: Path) -> None:
    path = tmp_path / "body"

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("enter")
        await until_shown(pilot, "› job ")
        for said, severity in (("Saved 4 B to", "information"), ("Not saved to", "warning")):
            await pilot.press("e")
            await until_shown(pilot, "Save the body of job")
            pilot.app.screen.query_one(Input).value = str(path)
            await answer(pilot, "4 B, raw bytes", "enter")
            await until_shown(pilot, said)
            assert severity_of_last(pilot) == severity

    with server.client(use=tube) as client:
        client.put("body")
        on_server(server, story)
    assert path.read_bytes() == b"body"


@pytest.mark.long
def test_where_the_ids_end_is_found_if_the_user_says_so(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("X")
        await answer(pilot, "Find the highest id?", "y")
        await until_shown(pilot, f"The highest id is {last + 1:,}.")

    with server.client(use=tube) as client:
        last = client.put("")
        on_server(server, story, journal=journal)
        assert "beantop-scratch" not in client.tubes()
    (noted,) = journal.last(2)
    assert (noted["what"], noted["target"]) == ("Put and deleted", "a job in beantop-scratch")


@pytest.mark.long
def test_marked_jobs_that_are_gone_make_no_other_job_the_target(
    own_server: Beanstalkd,
) -> None:
    with own_server.client(use="mk", watch="mk") as client:
        first, second = client.put("first", priority=0), client.put("second", priority=1)

        async def story(pilot: Pilot[None]) -> None:
            await go_to_tube(pilot, "mk")
            await pilot.press("enter", "n")
            await until_shown(pilot, "2 of 2 jobs found", "first")
            await pilot.press("g", "space")
            await until_shown(pilot, "1 marked")
            client.delete(client.reserve_job(first))
            await until(pilot, lambda: "first" not in text_of(pilot.app.screen))
            await pilot.press("K")
            await pilot.press("D")
            await until_shown(pilot, "The marked jobs are gone. Nothing was done")
            assert "Delete job" not in text_of(pilot.app.screen)

        on_server(own_server, story)
        assert client.peek(second).body == "second"


@pytest.mark.long
def test_a_key_that_does_nothing_here_says_where_it_does(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("enter")
        await until_shown(pilot, "› job ")
        for key, said in {
            "P": "P (pause) works only among tubes and in a tube.",
            "p": "P (pause) works only among tubes and in a tube.",
            "N": "N (new job) works only among tubes and in a tube.",
            "X": "X (highest id) works only in a list of jobs.",
            "d": "Delete is D (capital); it asks first.",
        }.items():
            await pilot.press(key)
            await until_shown(pilot, said)

    with server.client(use=tube) as client:
        client.put("")
        on_server(server, story)


def put_into(server: Beanstalkd, tube: str, body: str) -> None:
    with server.client(use=tube) as client:
        client.put(body, delay=1000)


def restart_with(server: Beanstalkd, tube: str, body: str) -> None:
    """Another process of the server, which numbers its jobs from 1 again."""
    server.stop()
    server.start()
    put_into(server, tube, body)


@pytest.mark.long
@pytest.mark.parametrize(
    ("keys", "question"),
    [("D", "Delete job 1?"), ("K", "Kick job 1 to ready?"), ("B", "Bury job 1?")],
)
def test_a_job_that_took_the_place_of_the_one_on_the_screen_is_left_alone(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, keys: str, question: str
) -> None:
    monkeypatch.setattr("beantop.jobs.job_info.AGE_TOLERANCE", 1e9)  # as if it were quick enough

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "mine")
        await pilot.press("enter")
        await until_shown(pilot, "› mine", "was seen")
        await pilot.press(keys)
        await until_shown(pilot, question)
        restart_with(own_server, "mine", "another one")
        await answer(pilot, question, "y")
        await until_shown(pilot, "Job 1 was replaced (same id")

    put_into(own_server, "mine", "the one that was seen")
    on_server(own_server, story)
    with own_server.client() as client:
        assert jobs_in(client, "mine") == {"delayed": 1}


@pytest.mark.long
def test_marks_are_not_for_jobs_that_have_the_numbers_of_others(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.job_info.AGE_TOLERANCE", 1e9)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "mine")
        await pilot.press("enter")
        await until_shown(pilot, "› mine", "was seen")
        await pilot.press("space")
        await until_shown(pilot, "1 marked")
        restart_with(own_server, "mine", "another one")
        await until(pilot, lambda: "another one" in text_of(pilot.app.screen))
        assert "marked" not in text_of(pilot.app.screen)

    put_into(own_server, "mine", "the one that was seen")
    on_server(own_server, story)


@pytest.mark.long
def test_no_question_says_of_a_parked_job_that_it_is_delayed(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await until_shown(pilot, "parked")
        await pilot.press("a", "K")
        await until_shown(pilot, "Kick 3 jobs to ready?", "2 parked by beantop, 1 delayed")
        await pilot.press("n", "escape")
        for key in "ggE":
            await pilot.press(key)
        await until_shown(pilot, "is parked by beantop: kick it")

    with server.client(use=tube) as client:
        for delay in (2**32 - 1, 2**32 - 1, 1000):
            client.put("", delay=delay)
        on_server(server, story)


@pytest.mark.long
@pytest.mark.parametrize(
    ("key", "shown"), [("enter", "› job "), ("question_mark", "Help"), ("escape", "worst first")]
)
def test_a_question_that_comes_too_late_is_said_to_have_changed_nothing(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch, key: str, shown: str
) -> None:
    replied = asyncio.Event()

    async def exists(context: ActionContext, destination: Destination) -> bool:
        await replied.wait()
        return False

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("M")
        await answer(pilot, "Move job ", *"new", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ServerScreen))
        await pilot.press(key)
        await until_shown(pilot, shown)
        replied.set()
        assert isinstance(pilot.app, BeantopApp)
        said = pilot.app.said
        await until_toasted(pilot, UNASKED)
        await pilot.press("escape")
        await pilot.pause()
        assert [entry.text for entry in said].count(UNASKED) == 1

    monkeypatch.setattr(destination, "exists", exists)
    monkeypatch.setattr(early_keys, "MAX_SECONDS", 0.0)  # all of that time is over
    with server.client(use=tube) as client:
        client.put("order 4711")
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 1}
