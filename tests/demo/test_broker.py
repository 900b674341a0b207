"""Limits on the broker's memory and time."""

import time

import pytest

from beantop.demo.broker import Broker
from beantop.demo.clock import SECOND, Clock


def test_clients_that_waited_and_went_are_forgotten() -> None:
    broker = Broker(Clock())
    for _ in range(1000):
        connection = broker.connect(lambda answer: None)
        broker.reserve(connection, 2_000_000_000)
        broker.close(connection)
    assert len(broker._agenda) < 100


def test_tubes_that_were_paused_and_went_are_forgotten() -> None:
    broker = Broker(Clock())
    connection = broker.connect(lambda answer: None)
    for number in range(1000):
        broker.use(connection, f"tube-{number}")
        broker.pause(f"tube-{number}", 2_000_000_000)
    assert len(broker._agenda) < 100


def test_a_job_that_is_touched_for_ever_takes_no_more_room() -> None:
    clock = Clock()
    broker = Broker(clock)
    connection = broker.connect(lambda answer: None)
    job = broker.announce(connection, 0, 0, 2_000_000_000)
    broker.accept(job, b"")
    broker.reserve_job(connection, job.id)
    for second in range(1000):
        clock.advance_to(second * SECOND)
        assert broker.touch(connection, job.id)
    assert len(connection.reserved._heap) < 100


@pytest.mark.long
def test_a_client_that_watches_many_tubes_leaves_at_once() -> None:
    broker = Broker(Clock())
    connection = broker.connect(lambda answer: None)
    for number in range(20_000):
        broker.watch(connection, f"tube-{number}")
    broker.reserve(connection, None)
    began = time.process_time()
    broker.close(connection)
    assert time.process_time() - began < 1  # 0.05, or 3 if each tube is looked for
    assert list(broker.tubes) == ["default"]
