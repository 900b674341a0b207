"""Restoring and importing jobs, with obstacles."""

from pathlib import Path

import pytest

from beantop.jobs.bulk.put_back import Import, PutBack
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.app.scripted_server import scripted_server
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting
from tests.jobs.bulk.running import do, jobs_of


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


def test_what_has_the_id_of_a_deleted_job_by_now_does_not_keep_it_away(
    own_server: Beanstalkd, trash: Trash
) -> None:
    with trash.begin("queue", "a job") as file:  # nobody came to note that it was deleted
        file.save([SavedJob("emails", b"the lost one", 1, ttr=77, counters={"age": 500})])
    with own_server.client(use="emails") as client:
        assert client.put("another one") == 1  # the server was restarted, and numbers anew
        deletion = trash.last("queue").deletion
        assert deletion is not None
        assert deletion.unsure == {1}
        tally = do(own_server, PutBack(deletion, trash.open(deletion)), deletion.restorable)
        assert tally.done == 1
        assert client.peek(2).body == "the lost one"


def test_another_job_that_looks_like_the_deleted_one_does_not_keep_it_away(
    own_server: Beanstalkd, trash: Trash
) -> None:
    with trash.begin("queue", "a job") as file:  # nobody came to note that it was deleted
        file.save([SavedJob("emails", b"the lost one", 1, ttr=60, counters={"age": 0})])
    with own_server.client(use="emails") as client:
        assert client.put("another one") == 1
        deletion = trash.last("queue").deletion
        assert deletion is not None
        tally = do(own_server, PutBack(deletion, trash.open(deletion)), deletion.restorable)
        assert tally.done == 1
        assert client.peek(2).body == "the lost one"


def test_one_job_that_cannot_be_put_keeps_no_other_away(server: Beanstalkd, tube: str) -> None:
    bad, *good = (SavedJob(name, b"") for name in ("no such name", tube, tube))
    tally = do(server, Import(), [good[0], bad, good[1]])
    assert tally.parts[0].startswith("1 is not valid: 'no such name' is not a tube name")
    assert (tally.done, tally.ended) == (2, "")
    assert len(jobs_of(server, tube)) == 2


def test_a_deleted_job_that_cannot_be_put_back_stays_in_the_trash(
    server: Beanstalkd, tube: str, trash: Trash
) -> None:
    with trash.begin("queue", "jobs") as file:
        file.save([SavedJob("no such name", b"", 1), SavedJob(tube, b"", 2)])
        file.note("deleted", [1, 2])
    deletion = trash.last("queue").deletion
    assert deletion is not None
    assert do(server, PutBack(deletion, trash.open(deletion)), deletion.restorable).done == 1
    after = trash.last("queue").deletion
    assert after is not None
    assert (after.restorable, set(after.in_doubt)) == ([1], set())


def test_what_is_still_there_is_not_put_back_and_stays_in_the_trash(
    own_server: Beanstalkd, trash: Trash
) -> None:
    with own_server.client(use="emails") as client, trash.begin("queue", "a job") as file:
        client.put("here")
        file.save([SavedJob("emails", b"here", 1, ttr=60, counters={"age": 0})])
    deletion = trash.last("queue").deletion
    assert deletion is not None
    tally = do(own_server, PutBack(deletion, trash.open(deletion)), deletion.restorable)
    assert tally.parts == ["1 is still on the server"]
    last = trash.last("queue")
    assert (last.deletion, last.seen) == (None, 1)  # a worker may finish it now
    again = trash.read(trash.deletions()[0])
    assert again is not None
    assert (set(again.in_doubt), set(again.seen)) == ({1}, {1})
    tally = do(own_server, PutBack(again, trash.open(again)), sorted(again.in_doubt))
    assert tally.parts == ["1 is still on the server"]
    # The order to delete it may still be on its way, and the body is nowhere else then.
    with own_server.client() as client:
        client.delete(1)
    assert do(own_server, PutBack(again, trash.open(again)), sorted(again.in_doubt)).done == 1
    after = trash.read(again)
    assert after is not None
    assert (set(after.in_doubt), set(after.put_back)) == (set(), {1})


def test_a_server_that_cannot_say_whether_it_is_there_gets_no_second_one(trash: Trash) -> None:
    with trash.begin("queue", "a job") as file:  # nobody came to note that it was deleted
        file.save([SavedJob("emails", b"here", 1)])
    deletion = trash.last("queue").deletion
    assert deletion is not None
    put = PutBack(deletion, trash.open(deletion))
    with scripted_server({"stats-job 1": b"OUT_OF_MEMORY"}) as address:
        tally = acting(address, lambda connection: Bulk(connection, put, [1]).run())
    assert (tally.done, tally.left) == (0, 1)
    assert "out of memory" in tally.ended


def test_a_broken_line_keeps_no_other_job_away(own_server: Beanstalkd, trash: Trash) -> None:
    jobs = [SavedJob("emails", f"body {id}".encode(), id) for id in (1, 2, 3)]
    with trash.begin("queue", "jobs") as file:
        file.save(jobs)
        file.note("deleted", [1, 2, 3])
    data = file.path.read_bytes()
    file.path.write_bytes(
        data.replace(b'"tube":"emails","state":"ready"', b'"tube":"emails"X"state":"ready"', 1)
    )
    deletion = trash.last("queue").deletion
    assert deletion is not None
    tally = do(own_server, PutBack(deletion, trash.open(deletion)), deletion.restorable)
    assert tally.done == 2
    assert tally.parts == ["1 cannot be read from the file"]
    assert trash.last("queue").deletion is None
