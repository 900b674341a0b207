"""Whether a job that is asked for again is the same, however slow the server is."""

import asyncio
import signal

import pytest

from beantop.beanstalk import Reply
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.simple import Kick
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.listed import ListedJob, ask_for
from beantop.jobs.scan import Scan
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting


def answered(age: int, read_at: float) -> ListedJob:
    """What `stats-job 7` said, read at that time."""
    (asking,) = ask_for([7], lambda: read_at)
    job = asking.result(Reply(b"OK", [], b"id: 7\ntube: a\nage: %d\n" % age))
    assert job
    return job


@pytest.mark.parametrize(
    ("age", "asked_at", "is_it"),
    [
        (10, 5.0, True),  # asked for at once
        (10, 6.9, True),
        (13, 8.5, True),
        (13, 5.0, True),  # the server was slow again
        (9, 5.0, False),
        (10, 7.1, False),
        (12, 9.1, False),
    ],
)
def test_a_job_has_aged_by_all_that_lies_between_two_answers(
    age: int, asked_at: float, is_it: bool
) -> None:
    seen = answered(10, read_at=5.0)  # whenever it was asked for
    assert seen.may_have_become(answered(age, read_at=30.0), asked_at) is is_it


def test_jobs_that_a_stalled_server_told_of_late_are_the_same_jobs(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.listed.AGE_TOLERANCE", 1.0)  # ages are whole seconds

    async def story(connection: ActingConnection) -> Tally:
        scan = Scan(connection, "mine")
        goes_on = asyncio.get_running_loop().call_later
        own_server.send_signal(signal.SIGSTOP)
        goes_on(2.2, own_server.send_signal, signal.SIGCONT)
        await scan.look_at(ids)
        return await Bulk(connection, Kick(), list(scan.found.values())).run()

    with own_server.client(use="mine") as client:
        ids = [client.put("x", delay=1000) for _ in range(100)]
        assert acting(own_server.address, story).done == 100
