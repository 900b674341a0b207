"""`U` undoes what was done last, from the keys to the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from textual.pilot import Pilot

from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.undo_history import Past, UndoHistory
from beantop.beanstalk import ConnectionLostError, format_address
from beantop.config import ServerConfig, Settings
from beantop.jobs.bulk import restore_state
from beantop.jobs.bulk.restore_state import MAX_JOBS, Noted, Step
from beantop.jobs.known_server import KnownServer
from beantop.jobs.parking import Parking, Record
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.deletion_file import DeletionFile
from beantop.jobs.trash.store import Trash
from tests.app.running import answer, go_to_tube, on_server, until_toasted
from tests.app.screen_text import until, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in, look, put_buried
from tests.jobs.bulk.running import jobs_of


async def move(pilot: Pilot[None], question: str, tube: str) -> None:
    await pilot.press("M")
    await answer(pilot, question, *tube, "enter")
    await answer(pilot, "Create this tube?", "y")


@pytest.mark.long
def test_the_last_action_is_undone_first_and_deletions_are_in_their_place(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("g", "B")
        await answer(pilot, f"Bury job {first}?", "y")
        await until_toasted(pilot, f"Buried job {first}. Press U to undo.")
        await until(pilot, lambda: jobs_in(client, tube) == {"ready": 1, "buried": 1})
        await pilot.press("G", "D")
        await answer(pilot, f"Delete job {second}?", "y")
        await until_toasted(pilot, f"Deleted job {second}.")
        await pilot.press("U")
        await answer(pilot, "Put back 1 job?", "y")
        await until_toasted(pilot, "Put back 1 job.")
        await pilot.press("U")
        await answer(pilot, f"Undo burying job {first}?", "y")
        await until_toasted(pilot, f"Restored job {first} to ready.")
        assert jobs_in(client, tube) == {"ready": 2}
        await pilot.press("U")
        await until_shown(pilot, "There is nothing to undo on this server")

    with server.client(use=tube) as client:
        first, second = client.put("first"), client.put("second", priority=2**20)
        on_server(server, story, trash=Trash(tmp_path))


@pytest.mark.long
def test_moved_jobs_are_moved_back_by_one_key_at_any_number(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 120)
        await pilot.press("a")
        await move(pilot, "Move 120 ready jobs to which tube?", "new")
        await answer(pilot, "type 120 to confirm", *"120", "enter")
        await until_toasted(pilot, f"Moved 120 ready jobs of {tube} to new. New ids: 121 to 240.")
        await pilot.press("U")
        await until_shown(pilot, f"moved 120 ready jobs of {tube} to new", "get new ids")
        await answer(pilot, "Undo moving 120 ready jobs?", "y")
        await until_toasted(pilot, "Moved back 120 jobs of new to ")
        await until_toasted(pilot, "New ids: 241 to 360.")
        assert jobs_in(client, tube) == {"ready": 120}
        assert "new" not in client.tubes()

    with own_server.client(use=tube) as client:
        for number in range(120):
            client.put(f"{number}")
        on_server(own_server, story)
        assert {look(own_server.address, id).body for id in jobs_of(own_server, tube)} == {
            f"{number}".encode() for number in range(120)
        }


@pytest.mark.long
def test_more_jobs_than_are_remembered_cannot_be_undone(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore_state, "MAX_JOBS", 2)

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await pilot.press("a", "B")
        await answer(pilot, "Bury 3 ready jobs?", "y")
        await until_toasted(pilot, f"Buried 3 ready jobs of {tube}.")
        await pilot.press("U")
        await until_toasted(pilot, f"Burying 3 ready jobs of {tube} cannot be undone: only ")

    with server.client(use=tube) as client:
        for _ in range(3):
            client.put("")
        on_server(server, story)


@pytest.mark.long
def test_a_worker_keeps_what_it_has_taken(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await pilot.press("a", "K")
        await answer(pilot, "Kick 3 delayed jobs to ready?", "y")
        await until_toasted(pilot, f"Kicked 3 delayed jobs of {tube} to ready. Press U to undo.")
        held, done = client.reserve(), client.reserve()
        client.delete(done)
        await pilot.press("U")
        await answer(pilot, "Undo kicking 3 delayed jobs?", "y")
        await until_toasted(pilot, "Restored 1 of 3 jobs")
        await until_toasted(pilot, "1 was already gone")
        await until_toasted(pilot, "1 is reserved by a worker")
        assert jobs_in(client, tube) == {"delayed": 1, "reserved": 1}
        client.release(held)

    with server.client(use=tube, watch=tube) as client:
        for _ in range(3):
            client.put("", delay=1000)
        on_server(server, story)


@pytest.mark.long
def test_a_new_priority_is_taken_back(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("R")
        await answer(pilot, "Change priority or delay", "5", "enter")
        await until_toasted(pilot, f"Changed job {id} to priority 5.")
        assert client.stats_job(id)["pri"] == 5
        await pilot.press("U")
        await answer(pilot, f"Undo changing job {id}?", "y")
        await until_toasted(pilot, f"Restored job {id} to priority 77.")
        assert client.stats_job(id)["pri"] == 77

    with server.client(use=tube) as client:
        id = client.put("", priority=77)
        on_server(server, story)


@pytest.mark.long
def test_what_cannot_be_undone_is_said_to_be_and_does_not_stand_in_the_way(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("B")
        await answer(pilot, "Bury which jobs?", "r")
        await answer(pilot, "Bury job ", "y")
        await until_toasted(pilot, "Buried job ")
        await until(pilot, lambda: jobs_in(client, tube) == {"buried": 2})
        await pilot.press("K")
        await answer(pilot, "Kick buried jobs to ready?", "1", "enter")
        await until_toasted(pilot, "Kicked 1 buried job in")
        await pilot.press("U")
        await until_toasted(pilot, "Kicking 1 buried job in tube ")
        await until_toasted(pilot, " cannot be undone: beanstalkd does not report which jobs")
        await pilot.press("U")
        await answer(pilot, "Undo burying job ", "n")

    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        client.put("")
        on_server(server, story)


class NotingParking(Parking):
    """Notes what its records say of their actions."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.noted: list[str] = []

    def begin(self, server: Any, act: Any, what: str, **others: Any) -> Record:
        self.noted.append(what)
        return super().begin(server, act, what, **others)


@pytest.mark.long
def test_jobs_come_back_from_another_server(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await move(pilot, "to which tube?", "2:new")
        await until_toasted(pilot, "Moved job")
        await until_toasted(pilot, "Press U to undo.")
        assert jobs_in(other, "new") == {"delayed": 1}
        await pilot.press("U")
        await answer(pilot, "Undo moving job ", "y")
        await until_toasted(pilot, f"Moved back job 1 to {tube}: now job ")
        assert jobs_in(client, tube) == {"delayed": 1}
        assert "new" not in other.tubes()
        assert parking.noted[1:] == [f"job {id} back to {tube}"]

    parking = NotingParking(tmp_path)
    with server.client(use=tube) as client, own_server.client() as other:
        id = client.put("order 4711", delay=1000)
        on_server(server, story, others=[own_server], parking=parking)


@pytest.mark.long
def test_ids_of_another_process_of_the_other_server_are_not_trusted(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await move(pilot, "to which tube?", "2:new")
        await until_toasted(pilot, "Moved job")
        own_server.stop()
        own_server.start()
        with own_server.client(use="new") as other:
            other.put("", delay=1000)
        await pilot.press("U")
        await answer(pilot, "Undo moving job ", "y")
        await until_toasted(pilot, "has restarted since then.")
        with own_server.client() as other:
            assert jobs_in(other, "new") == {"delayed": 1}

    with server.client(use=tube) as client:
        client.put("", delay=1000)
        on_server(server, story, others=[own_server])
        assert tube not in client.tubes() or jobs_in(client, tube) == {}


@pytest.mark.long
def test_jobs_of_an_action_that_was_cut_off_elsewhere_wait_for_its_end(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    parking = Parking(tmp_path)

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await move(pilot, "to which tube?", "2:new")
        await until_toasted(pilot, "Moved job")
        there = format_address(own_server.address)
        record = parking.begin(there, "move", "job 1 of new", source=there)
        source = SavedJob("new", b"", 1, "delayed", delay=1000)
        record.note({0: source._replace(tube="newer")}, {0: source})
        record.close()
        await pilot.press("U")
        await answer(pilot, "Undo moving job ", "y")
        await until_toasted(pilot, f"was interrupted: open {there} and press U first.")

    with server.client(use=tube) as client, own_server.client() as other:
        client.put("", delay=1000)
        on_server(server, story, others=[own_server], parking=parking)
        assert jobs_in(other, "new") == {"delayed": 1}


@pytest.mark.long
def test_a_burial_is_undone_after_a_server_with_a_binlog_was_restarted(tmp_path: Path) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, "mine", 3)
        await pilot.press("a", "B")
        await answer(pilot, "Bury 3 ready jobs?", "y")
        await until_toasted(pilot, "Buried 3 ready jobs of mine.")
        server.stop()
        await until(pilot, lambda: screen_of(pilot).view.watched.link.state != "up")
        server.start()
        await until(pilot, lambda: not screen_of(pilot).why_off)
        await pilot.press("U")
        await answer(pilot, "Undo burying 3 ready jobs?", "y")
        await until_toasted(pilot, "Restored 3 jobs of mine to ready.")

    server = Beanstalkd("-b", str(tmp_path))
    try:
        with server.client(use="mine") as client:
            for number in range(3):
                client.put(f"order {number}")
        on_server(server, story)
        with server.client() as client:
            assert jobs_in(client, "mine") == {"ready": 3}
    finally:
        server.stop()


@pytest.mark.long
@pytest.mark.parametrize("asks", ["bulk", "none"])
def test_an_undo_asks_even_if_changes_do_not(
    server: Beanstalkd, tube: str, tmp_path: Path, asks: Literal["bulk", "none"]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("g", "B")
        await until_toasted(pilot, f"Buried job {first}.")
        await pilot.press("G", "D")
        await until_toasted(pilot, f"Deleted job {second}.")
        await pilot.press("U")
        await answer(pilot, "Put back 1 job?", "y")
        await until_toasted(pilot, "Put back 1 job.")
        await pilot.press("U")
        await answer(pilot, f"Undo burying job {first}?", "n")

    with server.client(use=tube) as client:
        first, second = client.put("order 4711"), client.put("order 4712", priority=2**20)
        on_server(server, story, trash=Trash(tmp_path), settings=Settings(confirm=asks))


@pytest.mark.long
def test_production_takes_the_number_also_to_undo(own_server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, "mine", 1)
        await pilot.press("B")
        await answer(pilot, "Bury job 1?", "1", "enter")
        await until_toasted(pilot, "Buried job 1.")
        await pilot.press("U")
        await until_shown(pilot, "Undo burying job 1?", "type 1 to confirm")
        await answer(pilot, "Undo burying job 1?", "1", "enter")
        await until_toasted(pilot, "Restored job 1 to ready.")

    with own_server.client(use="mine") as client:
        client.put("")
        known = ServerConfig(own_server.address, "queue", production=True)
        on_server(own_server, story, known=[known])
        assert jobs_in(client, "mine") == {"ready": 1}


@pytest.mark.long
def test_a_pause_is_said_to_last_before_an_older_action_is_undone(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("B")
        await answer(pilot, "Bury which jobs?", "r")
        await answer(pilot, "Bury job ", "y")
        await until_toasted(pilot, "Buried job ")
        await pilot.press("P")
        await answer(pilot, "Pause this tube?", "1", "h", "enter")
        await until_toasted(pilot, f"Paused tube {tube} for 1h")
        await until(pilot, lambda: screen_of(pilot).view.watched.snapshot.tubes[tube].paused)
        await pilot.press("P")
        await answer(pilot, "Resume this tube?", "y")
        await until_toasted(pilot, f"Resumed tube {tube}.")
        await pilot.press("U")
        await until_toasted(
            pilot,
            f"Resuming tube {tube} cannot be undone: press P to pause it instead."
            " Press U again to undo the action before it.",
        )
        await pilot.press("U")
        await until_toasted(pilot, f"Pausing tube {tube} for 1h")
        await until_toasted(pilot, "cannot be undone: press P to resume it instead.")
        await pilot.press("U")
        await answer(pilot, "Undo burying job ", "y")
        await until_toasted(pilot, "Restored job ")

    with server.client(use=tube) as client:
        client.put("order 4711")
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 1}


def screen_of(pilot: Pilot[None]) -> ServerScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ServerScreen)
    return screen


@pytest.mark.long
def test_copies_and_deletions_without_a_trash_are_said_to_last(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("a", "C")
        await answer(pilot, "Copy 2 ready jobs to which tube?", *"new", "enter")
        await answer(pilot, "Create this tube?", "y")
        await until_toasted(pilot, "Copied 2 ready jobs")
        await pilot.press("g", "D")
        await answer(pilot, "This cannot be undone: the trash is off.", "y")
        await until_toasted(pilot, f"Deleted job {first}.")
        await pilot.press("U")
        await until_toasted(
            pilot, f"Deleting job {first} of {tube} cannot be undone: the trash is off."
        )
        await pilot.press("U")
        await until_toasted(
            pilot,
            f"Copying 2 ready jobs of {tube} to new cannot be undone: delete the copies instead.",
        )

    with server.client(use=tube) as client:
        first = client.put("order 4711")
        client.put("order 4712")
        on_server(server, story)


@pytest.mark.long
def test_a_trash_that_cannot_be_read_is_a_line_of_the_question(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    directory = tmp_path / "trash"

    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("B")
        await answer(pilot, "Bury job ", "y")
        await until_toasted(pilot, "Buried job ")
        directory.write_text("not a directory")
        await pilot.press("U")
        await until_shown(
            pilot,
            "Undo burying job ",
            "The trash cannot be read: not a directory.",
            "A deletion may be more recent than this action.",
        )
        await answer(pilot, "Undo burying job ", "y")
        await until_toasted(pilot, "Restored job ")

    with server.client(use=tube) as client:
        client.put("order 4711")
        on_server(server, story, trash=Trash(directory))
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.long
@pytest.mark.parametrize(
    ("edited", "sentence"),
    [
        (
            lambda file: file.note("replacements", [18]),
            "The replacement, job 18, stays: delete it,",
        ),
        (lambda file: None, "It is unknown whether the new one exists:"),
    ],
)
def test_to_put_back_an_edited_job_warns_of_its_replacement(
    server: Beanstalkd,
    tube: str,
    tmp_path: Path,
    edited: Callable[[DeletionFile], None],
    sentence: str,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("U")
        await until_shown(pilot, "Put back 1 job?", sentence, "both run.")
        await pilot.press("n")

    trash = Trash(tmp_path)
    with server.client(use=tube) as client:
        client.put("order 4711")
        with trash.begin(format_address(server.address), "job 17, as it was") as file:
            file.save([SavedJob(tube, b"order 4710", 17)])
            file.note("edited", [17])
            edited(file)
            file.note("deleted", [17])
        on_server(server, story, trash=trash)


@pytest.mark.long
def test_jobs_that_could_not_be_noted_get_no_invented_cause(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("a", "K")
        await answer(pilot, "Kick 2 delayed jobs to ready?", "y")
        await until_toasted(pilot, "Kicked 2 delayed jobs")
        await pilot.press("U")
        await until_toasted(
            pilot, "they were taken, changed or parked, or could not be read again."
        )

    with server.client(use=tube) as client, pytest.MonkeyPatch.context() as patch:

        async def lost(*_: object) -> None:
            raise ConnectionLostError("the connection was lost")

        patch.setattr(Noted, "_note", lost)
        for number in range(2):
            client.put(f"order {number}", delay=1000)
        on_server(server, story)


@pytest.mark.long
def test_a_delay_of_0_at_a_hundred_jobs_takes_their_number(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 101)
        await pilot.press("a", "R")
        await answer(pilot, "Change priority or delay", *"delay 5m", "enter")
        await until_toasted(pilot, f"Changed 101 delayed jobs of {tube} to delay 5m")
        await pilot.press("a", "R")
        await answer(pilot, "Change priority or delay", *"delay 0", "enter")
        await answer(pilot, "type 101 to confirm", *"101", "enter")
        await until_toasted(pilot, "to delay 0")

    with server.client(use=tube) as client:
        for number in range(101):
            client.put(f"order {number}", delay=1000)
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 101}


HERE, ELSEWHERE = KnownServer("127.0.0.1:1"), KnownServer("127.0.0.1:2")


def past(where: KnownServer, did: str, step: Step, jobs: int) -> Past:
    return Past(where, "moving", "jobs", did, jobs, [step] * jobs)


def test_each_server_has_its_own_past_and_the_oldest_is_forgotten(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("")
    (job,) = jobs_of(server, tube).values()
    step, history = Step(job, job), UndoHistory()
    half = MAX_JOBS // 2
    for name in ("first", "second"):
        history.add(past(HERE, name, step, half))
    assert history.last(ELSEWHERE) is None
    history.add(past(ELSEWHERE, "third", step, 1))
    last = history.last(HERE)
    assert last is not None
    assert last.did == "second"
    history.keep(last, last.steps[:3])
    rest = history.last(HERE)
    assert rest is not None
    assert (rest.did, len(rest.steps)) == ("second", 3)
    history.forget(rest)
    assert history.last(HERE) is None  # the first one was forgotten: those were too many jobs
