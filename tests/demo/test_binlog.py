"""Files of the binlog that come and go; the comparison with the original stays within the first."""

import pytest

from beantop.demo import binlog
from beantop.demo.binlog import RECORD, Binlog
from beantop.demo.broker import Broker
from beantop.demo.clock import Clock
from beantop.demo.tubes import Job

SMALL = 4096
"""Bytes of a file; a job of `put` takes a tenth of it, and so does the rest of its life."""


class Producer:
    """A client of a server whose binlog has small files."""

    def __init__(self) -> None:
        self.broker = Broker(Clock())
        self.broker.binlog = self.binlog = Binlog(is_on=True)
        self._connection = self.broker.connect(lambda answer: None)

    def put(self) -> Job:
        job = self.broker.announce(self._connection, 0, 0, 60)
        self.broker.accept(job, b"x" * (SMALL // 10 - RECORD - len("default")))
        return job

    def put_and_delete(self, times: int) -> None:
        for _ in range(times):
            self.broker.delete(self._connection, self.put().id)


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> Producer:
    monkeypatch.setattr(binlog, "MAX_SIZE", SMALL)
    return Producer()


def test_files_without_jobs_are_gone(producer: Producer) -> None:
    producer.put_and_delete(100)
    assert producer.binlog.oldest == producer.binlog.current > 10
    assert producer.binlog.records_written == 200
    assert producer.binlog.records_migrated == 0


def test_a_lonely_job_goes_along_with_the_files(producer: Producer) -> None:
    job = producer.put()
    producer.put_and_delete(100)
    files = producer.binlog
    assert files.current - 1 <= files.oldest <= job.file <= files.current
    assert 0 < files.records_migrated < files.current
    assert files.records_written == 201 + files.records_migrated


def test_files_that_are_full_of_jobs_stay(producer: Producer) -> None:
    jobs = [producer.put() for _ in range(50)]
    assert [job.file for job in jobs[::10]] == [1, 2, 3, 4, 5]
    assert (producer.binlog.oldest, producer.binlog.records_migrated) == (1, 0)


def test_of_what_is_passed_over_the_files_are_gone_but_not_the_jobs(producer: Producer) -> None:
    job = producer.put()
    producer.binlog.pass_over(1000, 99 * SMALL)
    files = producer.binlog
    assert files.current >= 100
    assert files.current - 1 <= files.oldest <= job.file <= files.current
    assert files.records_written == 1001 + files.records_migrated
