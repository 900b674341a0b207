"""Finding the jobs of a list and reading their bodies, on a real server."""

import asyncio

import pytest

from beantop.jobs import inventory
from beantop.jobs.connection import ActingConnection
from beantop.jobs.groups import GROUPINGS, groups_of
from beantop.jobs.inventory import Inventory
from beantop.jobs.listing import JobList
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting

FAST = 1e9
"""Commands per second that no test waits for."""


def counts(jobs: JobList) -> dict[tuple[str, ...], int]:
    known = groups_of(jobs.scan.found.values(), jobs.census.results, GROUPINGS["class"], 0.0)
    return {group.key: group.count for group in known}


def test_all_jobs_are_found_and_read(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        stock = Inventory(jobs, lambda: FAST)
        await stock.run()
        assert counts(jobs) == {("Mail",): 30, ("Push",): 10}
        assert (stock.unread, stock.running, jobs.scan.coverage.complete) == (0, False, True)

    with server.client(use=tube) as client:
        for number in range(40):
            client.put('{"class": "%s", "args": []}' % ("Mail" if number % 4 else "Push"))
        acting(server.address, story)


def test_it_stops_at_what_is_allowed_and_goes_on_if_more_is(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "MAX_BODIES", 5)

    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        stock = Inventory(jobs, lambda: FAST)
        await stock.run()
        assert (sorted(jobs.census.results), stock.unread) == (ids[-5:], 7)
        await stock.run()
        assert stock.unread == 7
        stock.allow_more()
        await stock.run()
        assert stock.unread == 2
        assert stock.is_gentle

    with server.client(use=tube) as client:
        ids = [client.put("") for _ in range(12)]
        acting(server.address, story)


def test_bodies_are_left_alone_if_nobody_needs_them(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        stock = Inventory(jobs, lambda: FAST)
        stock.reads_bodies = False
        await stock.run()
        assert (set(jobs.scan.found), jobs.census.results, stock.unread) == (set(ids), {}, 0)
        stock.reads_bodies = True
        await stock.run()
        assert set(jobs.census.results) == set(ids)

    with server.client(use=tube) as client:
        ids = [client.put("") for _ in range(12)]
        acting(server.address, story)


def test_a_slow_one_can_be_hurried_and_stopped(server: Beanstalkd, tube: str) -> None:
    async def story(connection: ActingConnection) -> None:
        jobs = JobList(connection, tube)
        stock = Inventory(jobs, lambda: 1e-6)
        running = asyncio.create_task(stock.run())
        await asyncio.sleep(0.05)
        stock.stop()
        await running
        assert jobs.census.results == {}
        running = asyncio.create_task(stock.run())
        await asyncio.sleep(0.05)
        assert not running.done()
        stock.allow_more()
        await running
        assert set(jobs.census.results) == set(ids)

    with server.client(use=tube) as client:
        ids = [client.put("") for _ in range(12)]
        acting(server.address, story)
