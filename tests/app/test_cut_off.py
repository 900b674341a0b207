"""Changes that an earlier beantop did not finish are reported at the start, and finished by `U`."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.dialogs.dialog import Dialog
from beantop.beanstalk import format_address
from beantop.jobs.bulk import move
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.put_back import PutBack
from beantop.jobs.job_info import OUT_OF_REACH
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.app.running import answer, find_command, on_server, open_tube, spelled, until_toasted
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in, put_buried
from tests.jobs.bulk.dying import DyingConnection, Life, cut_off
from tests.jobs.bulk.running import do, jobs_of


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


@pytest.fixture
def parking(tmp_path: Path) -> Parking:
    return Parking(tmp_path / "parking")


def cut_off_a_move(server: Beanstalkd, tube: str, parking: Parking) -> None:
    """Move two buried jobs, and kill the program when their sources are deleted."""
    name = format_address(server.address)
    with server.client(use=tube, watch=tube) as client:
        put_buried(client, "first")
        put_buried(client, "second")
        jobs = [*jobs_of(server, tube).values()]
        record = parking.begin(name, "move", f"2 buried jobs of {tube} to {tube}-b", source=name)
        cut_off(server, Life(7, late=True), Move(to_tube(f"{tube}-b"), record=record), jobs)
        assert jobs_in(client, f"{tube}-b") == {"delayed": 2}


@pytest.mark.long
def test_parked_jobs_are_told_at_the_start_and_buried_by_u(
    server: Beanstalkd, tube: str, parking: Parking, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, f"2 jobs of {tube}-b are parked")
        assert isinstance(pilot.app, BeantopApp)
        assert (
            f"2 jobs of {tube}-b are parked: beantop was interrupted while it moved 2 buried jobs of"
            f" {tube} to {tube}-b. U finishes that."
        ) in [said.text for said in pilot.app.said]
        await pilot.press("U")
        await until_shown(pilot, "moved 2 buried jobs of", "2 will be buried")
        await answer(pilot, "Finish 2 jobs that beantop left unfinished?", "y")
        await until_shown(pilot, "Finished 2 jobs.")
        await pilot.press("U")
        await until_shown(pilot, "The trash is off")

    cut_off_a_move(server, tube, parking)
    on_server(server, story, parking=parking, journal=journal)
    with server.client() as client:
        assert jobs_in(client, f"{tube}-b") == {"buried": 2}
        assert tube not in client.tubes()
    (noted,) = journal.last(1)
    assert (noted["what"], noted["done"]) == ("Finished", 2)


@pytest.mark.long
def test_they_are_finished_by_a_command_too(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, f"2 jobs of {tube}-b are parked")
        await find_command(pilot, "parked jobs", "Finish what was interrupted")
        await answer(pilot, "Finish 2 jobs that beantop left unfinished?", "y")
        await until_shown(pilot, "Finished 2 jobs.")
        await find_command(pilot, "parked jobs", "Finish what was interrupted")
        await until_shown(pilot, "Nothing to finish: no change here was interrupted.")

    cut_off_a_move(server, tube, parking)
    on_server(server, story, parking=parking)


@pytest.mark.long
def test_they_are_told_and_finished_under_another_spelling_of_the_server(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, f"2 jobs of {tube}-b are parked")
        await pilot.press("U")
        await answer(pilot, "Finish 2 jobs that beantop left unfinished?", "y")
        await until_shown(pilot, "Finished 2 jobs.")

    cut_off_a_move(server, tube, parking)
    on_server(spelled(server, "localhost"), story, parking=parking)
    with server.client() as client:
        assert jobs_in(client, f"{tube}-b") == {"buried": 2}


@pytest.mark.long
def test_nothing_is_finished_read_only(server: Beanstalkd, tube: str, parking: Parking) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, f"2 jobs of {tube}-b are parked")
        await pilot.press("U")
        await until_shown(pilot, "Read-only: beantop was started with --readonly.")
        await find_command(pilot, "parked jobs", "Finish what was interrupted")
        await until_shown(pilot, "Read-only: beantop was started with --readonly.")

    cut_off_a_move(server, tube, parking)
    on_server(server, story, parking=parking, readonly=True)
    with server.client() as client:
        assert jobs_in(client, f"{tube}-b") == {"delayed": 2}


@pytest.mark.long
def test_what_was_never_put_back_comes_back_by_u(
    server: Beanstalkd, tube: str, parking: Parking, trash: Trash
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, f"1 job of {tube} is parked")
        await pilot.press("U")
        await answer(pilot, "Finish 1 job that beantop left unfinished?", "y")
        await answer(pilot, "Put back 2 jobs?", "y")
        await until_shown(pilot, "Put back 2 jobs.")

    name = format_address(server.address)
    with server.client(use=tube, watch=tube) as client:
        put_buried(client, "buried")
        client.put("ready")
        jobs = [*jobs_of(server, tube).values()]
        do(server, Delete(trash.begin(name, "2 jobs")), jobs)
        deletion = trash.last(name).deletion
        assert deletion
        record = parking.begin(name, "put back", "2 jobs", trash=deletion.path)
        put_back = PutBack(deletion, trash.open(deletion), record=record)
        cut_off(server, Life(3, late=True), put_back, deletion.restorable)  # the first of two tubes
        assert jobs_in(client, tube) == {"delayed": 1}
        on_server(server, story, parking=parking, trash=trash)
        assert jobs_in(client, tube) == {"buried": 1, "ready": 1}


@pytest.mark.long
def test_of_several_servers_the_one_with_parked_jobs_is_named(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, BeantopApp)
        begin, words = "Server 2 (", f": 2 jobs of {tube}-b are parked"
        await until(
            pilot,
            lambda: any(said.text.startswith(begin) and words in said.text for said in app.said),
        )

    cut_off_a_move(own_server, tube, parking)
    on_server(server, story, parking=parking, others=[own_server])


def cut_off_before_its_sources_were_deleted(
    server: Beanstalkd, tube: str, parking: Parking, destination: Beanstalkd
) -> None:
    """Move a buried job, and kill the program before it deletes the source."""
    source, name = format_address(server.address), format_address(destination.address)
    life = Life(6, late=True)
    with server.client(use=tube, watch=tube) as client:
        put_buried(client, "moved")
        jobs = [*jobs_of(server, tube).values()]
        record = parking.begin(name, "move", f"1 buried job of {tube}", source=source)
        there = DyingConnection(destination.address, life)
        cut_off(server, life, Move(to_tube(f"{tube}-b"), there, record), jobs)
        assert jobs_in(client, tube) == {"buried": 1}


MOVED = "B moved"
"""The size and the body of the job in the list."""


@pytest.mark.long
@pytest.mark.parametrize("key", ["D", "M"])
def test_what_is_half_moved_is_finished_before_anything_else_is_done_to_it(
    server: Beanstalkd, tube: str, parking: Parking, key: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, MOVED)
        await pilot.press(key)
        await answer(pilot, "Finish 1 job that beantop left unfinished?", "y")
        await until_toasted(pilot, "Finished 1 job.")
        await until(pilot, lambda: jobs_in_tube(destination) == {})
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        await pilot.press("escape")

    def jobs_in_tube(name: str) -> dict[str, int]:
        with server.client() as client:
            return jobs_in(client, name) if name in client.tubes() else {}

    destination = f"{tube}-b"
    cut_off_before_its_sources_were_deleted(server, tube, parking, server)
    assert jobs_in_tube(destination) == {"delayed": 1}
    on_server(server, story, parking=parking)
    assert jobs_in_tube(tube) == {"buried": 1}


NOWHERE = "127.0.0.1:1"


def cut_off_from(source: str, server: Beanstalkd, tube: str, parking: Parking) -> None:
    """A buried job is moved here from a server that is gone since: its copy is parked."""
    life = Life(6, late=True)
    with server.client(use=tube, watch=tube) as client:
        put_buried(client, "moved")
        jobs = [*jobs_of(server, tube).values()]
        name = format_address(server.address)
        record = parking.begin(name, "move", "1 buried job of a", source=source)
        there = DyingConnection(server.address, life)
        cut_off(server, life, Move(to_tube(f"{tube}-b"), there, record), jobs)
        client.kick_job(jobs[0].id)
        client.delete(jobs[0].id)  # it went with its server
        assert jobs_in(client, f"{tube}-b") == {"delayed": 1}


@pytest.mark.long
@pytest.mark.parametrize(
    ("source", "why"),
    [
        (NOWHERE, "connection refused"),
        ("not an address !", "cannot have spaces or control characters"),
    ],
)
def test_a_source_that_is_gone_keeps_no_other_job_away(
    own_server: Beanstalkd, parking: Parking, trash: Trash, source: str, why: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "1 job of a-b is parked: beantop was interrupted")
        app = pilot.app
        assert isinstance(app, BeantopApp)
        (said,) = [said.text for said in app.said if "is parked" in said.text]
        assert f"It is unknown whether the originals are still on {source}: " in said
        assert f"{why}. To finish that anyway: “Finish what was interrupted” in the palette" in said
        await pilot.press("U")
        await answer(pilot, "Put back 1 job?", "y")
        await until_shown(pilot, "Put back 1 job.")

    name = format_address(own_server.address)
    cut_off_from(source, own_server, "a", parking)
    with own_server.client(use="mine") as client:
        client.put("precious")
        do(own_server, Delete(trash.begin(name, "1 job")), [*jobs_of(own_server, "mine").values()])
        on_server(own_server, story, parking=parking, trash=trash)
        assert jobs_in(client, "mine") == {"ready": 1}
        assert jobs_in(client, "a-b") == {"delayed": 1}


@pytest.mark.long
def test_jobs_of_a_source_that_is_gone_are_finished_if_their_number_is_typed(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, f"1 job of {tube}-b is parked")
        await find_command(pilot, "parked jobs", "Finish what was interrupted")
        await until_shown(
            pilot,
            "still on",
            f"{NOWHERE}: connection refused.",
            "Those that are will be there and here, and done twice.",
            "type 1 to confirm",
        )
        await answer(pilot, "Finish 1 job that may be there twice?", "1", "enter")
        await until_shown(pilot, "Finished 1 job.")
        await find_command(pilot, "parked jobs", "Finish what was interrupted")
        await until_shown(pilot, "Nothing to finish: no change here was interrupted.")

    cut_off_from(NOWHERE, server, tube, parking)
    on_server(server, story, parking=parking)
    with server.client() as client:
        assert jobs_in(client, f"{tube}-b") == {"buried": 1}


@pytest.mark.long
def test_a_parked_job_of_a_source_that_is_gone_can_be_kicked(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, f"{tube}-b", MOVED)
        await pilot.press("K")
        await answer(pilot, "Finish 1 job that may be there twice?", "1", "enter")
        await until_shown(pilot, "These jobs were changed by that", "buried 1")
        await until_shown(pilot, "buried        65536")  # the row of the job knows it, too
        await pilot.press("K")
        await answer(pilot, "to ready?", "y")
        await until_shown(pilot, "Kicked")

    cut_off_from(NOWHERE, server, tube, parking)
    on_server(server, story, parking=parking)
    with server.client() as client:
        assert jobs_in(client, f"{tube}-b") == {"ready": 1}


@pytest.mark.long
def test_what_is_half_moved_to_a_server_that_is_gone_can_be_deleted(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, MOVED)
        await pilot.press("D")
        await until_shown(pilot, "which cannot be asked", "connection refused")
        await answer(pilot, "Go on with 1 job that may be there twice?", "1", "enter")
        await answer(pilot, "Delete job ", "y")
        await until_shown(pilot, "Deleted job")

    cut_off_before_its_sources_were_deleted(server, tube, parking, own_server)
    own_server.stop()
    on_server(server, story, parking=parking)


@pytest.mark.long
def test_a_move_of_which_nothing_was_put_says_that_the_original_is_still_there(
    server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "Nothing is parked: beantop was interrupted")
        assert isinstance(pilot.app, BeantopApp)
        assert (
            f"Nothing is parked: beantop was interrupted while it moved 1 job of {tube}."
            " The job it was about to move is still there; how many it moved before is not known."
        ) in [said.text for said in pilot.app.said]

    with server.client(use=tube, watch=tube) as client:
        put_buried(client, "here")
        jobs = [*jobs_of(server, tube).values()]
        record = parking.begin(format_address(server.address), "move", f"1 job of {tube}")
        cut_off(server, Life(4, late=False), Move(to_tube(f"{tube}-b"), record=record), jobs)
        assert len(parking.all_cut_off()) == 1
        assert jobs_in(client, tube) == {"buried": 1}
    on_server(server, story, parking=parking)


def test_a_move_that_ended_between_two_batches_claims_nothing_of_the_first(
    server: Beanstalkd, tube: str, parking: Parking, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_toasted(
            pilot,
            f"while it moved 4 buried jobs of {tube}. The 2 jobs it was about to move are still"
            " there; how many it moved before is not known.",
        )

    monkeypatch.setattr(move, "PARKED_AT_ONCE", 2)
    with server.client(use=tube, watch=tube) as client:
        for number in range(4):
            put_buried(client, f"order {number}")
        jobs = [*jobs_of(server, tube).values()]
        record = parking.begin(format_address(server.address), "move", f"4 buried jobs of {tube}")
        cut_off(server, Life(14, late=False), Move(to_tube(f"{tube}-b"), record=record), jobs)
        assert jobs_in(client, tube) == jobs_in(client, f"{tube}-b") == {"buried": 2}
    on_server(server, story, parking=parking)


@pytest.mark.long
def test_what_is_not_in_the_trash_is_not_said_to_come_back(
    server: Beanstalkd, tube: str, parking: Parking, trash: Trash
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "The rest cannot be put back")

    job = SavedJob(tube, b"lost", 7, delay=OUT_OF_REACH)
    record = parking.begin(
        format_address(server.address), "put back", "1 job", trash=trash.directory / "gone.jsonl"
    )
    record.note({0: job}, {0: job})
    record.close()
    on_server(server, story, parking=parking, trash=trash)


@pytest.mark.long
def test_what_is_half_moved_to_another_server_is_left_alone(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, parking: Parking
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, MOVED)
        await pilot.press("D")
        await until_shown(pilot, "These jobs are half moved to ")

    cut_off_before_its_sources_were_deleted(server, tube, parking, own_server)
    on_server(server, story, parking=parking)
