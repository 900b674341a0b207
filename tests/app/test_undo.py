"""`U` undoes what was done last, from the keys to the server."""

from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from beantop.app.session import undo_history
from beantop.app.session.undo_history import Past, UndoHistory
from beantop.beanstalk import format_address
from beantop.config import ServerConfig
from beantop.jobs.bulk.undo import Step
from beantop.jobs.known_server import KnownServer
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob
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


def test_the_last_action_is_undone_first_and_deletions_are_in_their_place(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 2)
        await pilot.press("g", "B")
        await answer(pilot, f"Bury job {first}?", "y")
        await until_toasted(pilot, f"Buried job {first}. U undoes that.")
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
        await until_shown(pilot, "There is nothing to undo on this server.")

    with server.client(use=tube) as client:
        first, second = client.put("first"), client.put("second", priority=2**20)
        on_server(server, story, trash=Trash(tmp_path))


def test_moved_jobs_are_moved_back_by_one_key_at_any_number(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 120)
        await pilot.press("a")
        await move(pilot, "Move 120 ready jobs to which tube?", "new")
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


def test_a_worker_keeps_what_it_has_taken(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 3)
        await pilot.press("a", "K")
        await answer(pilot, "Kick 3 delayed jobs to ready?", "y")
        await until_toasted(pilot, f"Kicked 3 delayed jobs of {tube} to ready. U undoes that.")
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
        await until_toasted(pilot, "that cannot be undone (beanstalkd does not tell which")
        await pilot.press("U")
        await answer(pilot, "Undo burying job ", "n")

    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        client.put("")
        on_server(server, story)


def test_jobs_come_back_from_another_server(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await move(pilot, "to which tube?", "2:new")
        await until_toasted(pilot, "Moved job")
        await until_toasted(pilot, "U undoes that.")
        assert jobs_in(other, "new") == {"delayed": 1}
        await pilot.press("U")
        await answer(pilot, "Undo moving job ", "y")
        await until_toasted(pilot, f"Moved back job 1 to {tube}: now job ")
        assert jobs_in(client, tube) == {"delayed": 1}
        assert "new" not in other.tubes()

    with server.client(use=tube) as client, own_server.client() as other:
        client.put("", delay=1000)
        on_server(server, story, others=[own_server])


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
        await until_toasted(pilot, "was restarted since.")
        with own_server.client() as other:
            assert jobs_in(other, "new") == {"delayed": 1}

    with server.client(use=tube) as client:
        client.put("", delay=1000)
        on_server(server, story, others=[own_server])
        assert tube not in client.tubes() or jobs_in(client, tube) == {}


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
        record.note({0: replace(source, tube="newer")}, {0: source})
        record.close()
        await pilot.press("U")
        await answer(pilot, "Undo moving job ", "y")
        await until_toasted(pilot, f"was cut off: open {there} and press U first.")

    with server.client(use=tube) as client, own_server.client() as other:
        client.put("", delay=1000)
        on_server(server, story, others=[own_server], parking=parking)
        assert jobs_in(other, "new") == {"delayed": 1}


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


HERE, ELSEWHERE = KnownServer("127.0.0.1:1"), KnownServer("127.0.0.1:2")


def past(where: KnownServer, did: str, step: Step, jobs: int) -> Past:
    return Past(where, 0.0, "moving", "jobs", did, jobs, [step] * jobs)


def test_each_server_has_its_own_past_and_the_oldest_is_forgotten(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("")
    (job,) = jobs_of(server, tube).values()
    step, history = Step(job, job), UndoHistory()
    half = undo_history.MAX_JOBS // 2
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
