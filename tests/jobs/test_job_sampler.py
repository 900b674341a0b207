"""Which tubes have jobs that time out is found out from single jobs, and only when that is needed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from beantop.beanstalk import AsyncClient, commands
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_sampler import AT_ONCE, COST, SHARE, JobSampler
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import take_snapshot
from tests.beanstalkd import Beanstalkd

PATIENCE = 10.0
ENOUGH = int(AT_ONCE * COST / SHARE)
"""Commands beside a poll that let the sampler do all it wants."""


class Watching:
    """A server, a worker that lets its jobs time out, and a sampler."""

    def __init__(self, server: Beanstalkd, client: AsyncClient) -> None:
        self.client = client
        self.connection = ActingConnection(server.address)
        self.sampler = JobSampler(self.connection)
        self.history = History()
        self.address = server.address

    async def poll(self, *, aside: int | None = ENOUGH) -> ServerStatus:
        snapshot = await take_snapshot(self.client, PATIENCE, before=self.history.latest)
        self.history.add(snapshot, 1.0)
        link = Link("up", snapshot.taken_at)
        return ServerStatus(
            self.address, link, snapshot, self.history, peer=self.client.peer, aside=aside
        )

    async def sample(self) -> None:
        status = await self.poll()
        await self.sampler.sample(self.sampler.choose(status), status)

    def said(self, tube: str) -> dict[str, str]:
        """The conditions of a tube by their signs."""
        return {condition.code: condition.sentence for condition in self.history.found(tube)}

    async def put(self, tube: str, *, ttr: int = 60) -> int:
        await self.client.call(commands.use(tube))
        return await self.client.call(commands.put(b"job", 1024, 0, ttr))

    async def let_one_time_out(self, tube: str) -> None:
        before = await self._timeouts()
        await self.client.call(commands.watch(tube))
        await self.client.call(commands.reserve(0))
        while await self._timeouts() == before:  # noqa: ASYNC110 (a server sets no event)
            await asyncio.sleep(0.05)

    async def _timeouts(self) -> int:
        return (await self.client.call(commands.stats()))["job-timeouts"]


def on(server: Beanstalkd, story: Callable[[Watching], Awaitable[None]]) -> None:
    async def main() -> None:
        client = await AsyncClient.connect(server.address)
        watching = Watching(server, client)
        await story(watching)
        watching.connection.close()
        client.close()

    asyncio.run(main())


@pytest.mark.long
def test_a_job_that_timed_out_is_found_although_a_worker_holds_it(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        first = await watching.put("pdf", ttr=1)
        await watching.put("pdf")
        await watching.poll()
        await watching.let_one_time_out("pdf")
        held = await watching.client.call(commands.reserve(0))
        assert held.id == first
        await watching.client.call(commands.touch(first))
        await watching.sample()
        said = watching.said("pdf")  # on a slow machine it has timed out again by now
        assert said.keys() == {"T"}
        assert re.fullmatch(rf"job {first} timed out \d+ times?, ttr 1s", said["T"])
        await watching.client.call(commands.delete(first))
        await watching.sample()
        assert watching.said("pdf") == said  # for a minute: the next such job may be hard to find

    on(own_server, story)


def test_without_time_outs_no_connection_is_made(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        await watching.put("emails")
        for _ in range(3):
            await watching.sample()
        assert not watching.connection.is_open

    on(own_server, story)


@pytest.mark.long
def test_samples_wait_until_the_budget_has_saved_enough_for_them(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        await watching.put("pdf", ttr=1)
        await watching.poll()
        await watching.let_one_time_out("pdf")
        status = await watching.poll(aside=0)
        assert watching.sampler.choose(status) == []
        little = replace(status, aside=COST)
        chosen = [len(watching.sampler.choose(little)) for _ in range(4)]
        assert chosen == [0, 1, 0, 1]  # half of what is allowed is for samples

    on(own_server, story)
