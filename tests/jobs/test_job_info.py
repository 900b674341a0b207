"""Whether a job that is asked for again is the same, however slow the server is."""

import asyncio
import signal

import pytest

from beantop.beanstalk import ProtocolError, Reply
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.simple import Kick
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo, ask_for
from beantop.jobs.scan import Scan
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting


def answered(age: int, read_at: float) -> JobInfo:
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


STATS = (
    b"---\nid: 7\ntube: a\nstate: %b\npri: 0\nage: 9\ndelay: 0\nttr: 60\ntime-left: %d\nfile: 0\n"
    b"reserves: 1\ntimeouts: 0\nreleases: 0\nburies: 0\nkicks: 0\n"
)


@pytest.mark.parametrize("unusual", [b"", b"holder: 12\n"])
@pytest.mark.parametrize(
    ("said", "left"),
    [
        (0, 0),
        (2**32 - 1, 2**32 - 1),
        (18446743634413, -439296),
        (2**64 // 10**9 - 439296, -439296),
        (2**64 - 439296, -439296),
    ],
)
def test_a_time_left_that_was_counted_without_a_sign_is_overdue(
    said: int, left: int, unusual: bytes
) -> None:
    for state in (b"reserved", b"delayed"):
        (asking,) = ask_for([7], lambda: 0.0)
        job = asking.result(Reply(b"OK", [], STATS % (state, said) + unusual))
        assert job
        assert job.left == left
        assert job.waits == (max(0, left) if state == b"delayed" else 0)


@pytest.mark.long
def test_jobs_that_a_stalled_server_told_of_late_are_the_same_jobs(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.jobs.job_info.AGE_TOLERANCE", 1.0)  # ages are whole seconds

    async def story(connection: ActingConnection) -> Tally:
        scan = Scan(connection, "mine")
        goes_on = asyncio.get_running_loop().call_later
        own_server.send_signal(signal.SIGSTOP)
        goes_on(2.2, own_server.send_signal, signal.SIGCONT)
        await scan.poll_jobs(ids)
        return await Bulk(connection, Kick(), list(scan.found.values())).run()

    with own_server.client(use="mine") as client:
        ids = [client.put("x", delay=1000) for _ in range(100)]
        assert acting(own_server.address, story).done == 100


def test_a_reply_about_another_job_is_an_error() -> None:
    (asking,) = ask_for([8], lambda: 0.0)
    with pytest.raises(ProtocolError, match="answered with job 7 when asked for job 8"):
        asking.result(Reply(b"OK", [b"12"], b"---\nid: 7\n"))


@pytest.mark.parametrize("unusual", [b"", b"holder: 12\n"])
@pytest.mark.parametrize(
    ("key", "field"), [("pri", "priority"), ("age", "age"), ("kicks", "kicks")]
)
@pytest.mark.parametrize("number", [-1, -100])
def test_a_number_below_zero_is_unknown(key: str, field: str, number: int, unusual: bytes) -> None:
    lines = (STATS % (b"ready", 0) + unusual).split(b"\n")
    body = b"\n".join(
        b"%b: %d" % (key.encode(), number) if line.startswith(b"%b: " % key.encode()) else line
        for line in lines
    )
    (asking,) = ask_for([7])
    job = asking.result(Reply(b"OK", [], body))
    assert job
    assert [name for name, value in job._asdict().items() if value is None] == [field]


@pytest.mark.parametrize("unusual", [b"", b"holder: 12\n"])
def test_an_age_below_zero_is_unknown_also_if_it_was_written_as_unsigned(unusual: bytes) -> None:
    body = (STATS % (b"ready", 0)).replace(b"age: 9", b"age: 18446743634413") + unusual
    (asking,) = ask_for([7])
    job = asking.result(Reply(b"OK", [], body))
    assert job
    assert job.age is None
