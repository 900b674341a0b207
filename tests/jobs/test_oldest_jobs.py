"""How old the oldest jobs of tubes are: sampled when somebody needs it, and as seldom as possible."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from beantop.beanstalk import AsyncClient, commands
from beantop.jobs import oldest_jobs
from beantop.jobs.connection import ActingConnection
from beantop.jobs.oldest_jobs import COST, MAX_TUBES, NO_AGES, SHARE, AgesNeeded, OldestJobs
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.sampled import Age
from beantop.monitor.snapshot import Tube, take_snapshot
from tests.beanstalkd import Beanstalkd

PATIENCE = 10.0

SHOWN = AgesNeeded(is_shown=True)
"""The column is on the screen, but no tube is."""


class Watching:
    """A server whose oldest jobs are sampled."""

    def __init__(self, server: Beanstalkd, client: AsyncClient) -> None:
        self.client = client
        self.connection = ActingConnection(server.address)
        self.oldest = OldestJobs(self.connection)
        self.history = History()
        self.address = server.address

    async def poll(self, *, aside: int | None = None) -> ServerStatus:
        snapshot = await take_snapshot(self.client, PATIENCE, before=self.history.latest)
        self.history.add(snapshot, 60.0)  # a sample of this test is fresh, however slow it is
        link = Link("up", snapshot.taken_at)
        return ServerStatus(
            self.address, link, snapshot, self.history, peer=self.client.peer, aside=aside
        )

    async def sample(self, needs: AgesNeeded = SHOWN, *, aside: int | None = None) -> list[str]:
        """Sample once, poll again, and return the tubes that were sampled."""
        status = await self.poll(aside=aside)
        chosen = self.oldest.choose(status, needs)
        if chosen:
            await self.oldest.sample(chosen, status)
        await self.poll()
        return [sample.tube.name for sample in chosen]

    def tube(self, name: str) -> Tube:
        return self.history.latest.tubes[name]

    def age(self, name: str, field: str = "oldest") -> Age | None:
        return self.history.oldest(self.tube(name), field)

    def first(self, name: str) -> dict[str, int]:
        """The ids of the first jobs that are known."""
        sampled, tube = self.history.sampled, self.tube(name)
        jobs = {"ready": sampled.first(tube, "ready"), "buried": sampled.first(tube, "buried")}
        return {state: job.id for state, job in jobs.items() if job}

    async def put(self, tube: str, *, priority: int = 1024, body: bytes = b"job") -> int:
        await self.client.call(commands.use(tube))
        return await self.client.call(commands.put(body, priority, 0, 60))

    async def bury(self, tube: str, job: int) -> None:
        await self.client.call(commands.watch(tube))
        await self.client.call(commands.reserve_job(job))
        await self.client.call(commands.bury(job))

    async def commands_sent(self) -> dict[str, int]:
        """How many commands of each kind the server got from all connections."""
        stats = await self.client.call(commands.stats())
        names = ("cmd-use", "cmd-peek-ready", "cmd-peek-buried", "cmd-stats-job")
        return {name: stats[name] for name in names}  # type: ignore[literal-required]


def on(server: Beanstalkd, story: Callable[[Watching], Awaitable[None]]) -> None:
    async def main() -> None:
        client = await AsyncClient.connect(server.address)
        watching = Watching(server, client)
        try:
            await story(watching)
        finally:
            watching.connection.close()
            client.close()

    asyncio.run(main())


def test_the_next_ready_job_and_the_first_buried_one_of_each_tube_tell_their_age(
    own_server: Beanstalkd,
) -> None:
    async def story(watching: Watching) -> None:
        first = await watching.put("emails")
        await watching.put("emails")
        buried = await watching.put("pdf")
        await watching.put("pdf")
        await watching.bury("pdf", buried)
        assert sorted(await watching.sample()) == ["emails", "pdf"]
        assert watching.first("emails") == {"ready": first}
        assert watching.first("pdf") == {"ready": buried + 1, "buried": buried}
        age = watching.age("pdf")
        assert age
        assert age.is_fresh
        assert 0 <= age.seconds < PATIENCE
        assert watching.age("emails", "oldest-buried") is None  # there is none
        assert watching.age("default") is None

    on(own_server, story)


@pytest.mark.parametrize(("options", "uses"), [((), 4), (("-z", "1000000"), 6)])
def test_tubes_are_sampled_together_unless_bodies_may_be_huge(
    options: tuple[str, ...], uses: int
) -> None:
    async def story(watching: Watching) -> None:
        for name in ("a", "b", "c"):
            await watching.put(name)
        before = await watching.commands_sent()
        assert sorted(await watching.sample()) == ["a", "b", "c"]
        after = await watching.commands_sent()
        assert after["cmd-use"] - before["cmd-use"] == uses  # the default tube after each batch

    server = Beanstalkd(*options)
    try:
        on(server, story)
    finally:
        server.stop()


def test_without_need_no_connection_is_made(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        await watching.bury("emails", await watching.put("emails"))
        for _ in range(3):
            assert await watching.sample(NO_AGES) == []
        assert not watching.connection.is_open

    on(own_server, story)


def test_while_no_counter_moves_the_clock_tells_the_age_without_a_command(
    own_server: Beanstalkd,
) -> None:
    async def story(watching: Watching) -> None:
        await watching.put("emails")
        await watching.sample()
        before = await watching.commands_sent()
        for _ in range(3):
            assert await watching.sample(SHOWN._replace(on_screen=["emails"])) == []
        assert await watching.commands_sent() == before

    on(own_server, story)


def test_another_first_job_is_found_on_the_screen_at_the_next_poll(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        await watching.put("emails")
        await watching.sample()
        urgent = await watching.put("emails", priority=0)
        assert await watching.sample() == []  # off the screen it has its turn later
        assert await watching.sample(SHOWN._replace(on_screen=["emails"])) == ["emails"]
        assert watching.first("emails") == {"ready": urgent}

    on(own_server, story)


def test_a_job_that_is_gone_tells_no_age(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        jobs = [await watching.put("emails"), await watching.put("emails")]
        await watching.sample()
        await watching.put("pdf")
        await watching.client.call(commands.delete(jobs[0]))
        await watching.poll()
        watching.history.pace = 0.0  # the sample is from an earlier poll
        age = watching.age("emails")
        assert age
        assert not age.is_fresh
        await watching.client.call(commands.delete(jobs[1]))
        await watching.poll()
        assert "emails" not in watching.history.latest.tubes
        await watching.put("emails")
        await watching.poll()
        assert watching.age("emails") is None  # of another tube with the same name

    on(own_server, story)


def test_a_known_buried_job_is_asked_for_without_its_body(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        first = await watching.put("emails")
        await watching.bury("emails", first)
        on_screen = SHOWN._replace(on_screen=["emails"])
        await watching.sample(on_screen)
        second = await watching.put("emails")
        await watching.bury("emails", second)
        before = await watching.commands_sent()
        assert await watching.sample(on_screen) == ["emails"]
        after = await watching.commands_sent()
        assert after["cmd-peek-buried"] == before["cmd-peek-buried"]
        assert after["cmd-stats-job"] == before["cmd-stats-job"] + 1
        await watching.client.call(commands.kick_job(first))
        await watching.sample(on_screen)
        assert watching.first("emails") == {"ready": first, "buried": second}

    on(own_server, story)


def test_a_job_that_was_kicked_and_buried_again_is_no_longer_the_first(
    own_server: Beanstalkd,
) -> None:
    async def story(watching: Watching) -> None:
        first, second = await watching.put("emails"), await watching.put("emails")
        await watching.bury("emails", first)
        await watching.bury("emails", second)
        on_screen = SHOWN._replace(on_screen=["emails"])
        await watching.sample(on_screen)
        await watching.client.call(commands.kick_job(first))
        await watching.bury("emails", first)
        await watching.put("emails")  # a counter moves, for other changes cancel out
        await watching.sample(on_screen)
        assert watching.first("emails")["buried"] == second

    on(own_server, story)


def test_a_tube_with_a_large_first_body_is_rarely_asked_for(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oldest_jobs, "KEPT_WHOLE", 100)

    async def story(watching: Watching) -> None:
        on_screen = SHOWN._replace(on_screen=["films", "emails"])
        await watching.put("films", body=b"x" * 101)
        await watching.put("emails")
        await watching.sample(on_screen)
        await watching.put("films", priority=0)
        await watching.put("emails", priority=0)
        assert await watching.sample(on_screen) == ["emails"]
        monkeypatch.setattr(oldest_jobs, "LARGE_AGAIN", 0.0)
        assert await watching.sample(on_screen) == ["films"]

    on(own_server, story)


def test_what_bodies_cost_the_server_is_taken_from_what_may_be_sent(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oldest_jobs, "BYTES_OF_A_COMMAND", 100)

    async def story(watching: Watching) -> None:
        enough = int(COST / SHARE) + 1  # for a tube
        await watching.put("films", body=b"x" * 1000)
        await watching.put("emails")
        await watching.sample(SHOWN._replace(on_screen=["films"]), aside=enough)
        assert "films" in (name for name in watching.history.latest.tubes if watching.first(name))
        sampled = [await watching.sample(aside=enough) for _ in range(6)]
        assert sampled[:4] == [[], [], [], []]
        assert ["emails"] in sampled

    on(own_server, story)


def test_where_few_commands_are_left_tubes_have_their_turn(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        names = [f"tube-{number}" for number in range(5)]
        for name in names:
            await watching.put(name)
        on_screen = SHOWN._replace(on_screen=names[3:])
        two = int(2 * COST / SHARE) + 1
        first = await watching.sample(on_screen, aside=two)
        is_behind = [watching.oldest.is_behind]
        second = await watching.sample(on_screen, aside=two)
        third = await watching.sample(on_screen, aside=two)
        assert sorted(first) == names[3:]  # on the screen
        assert sorted([*second, *third]) == names[:3]
        is_behind.append(watching.oldest.is_behind)
        assert is_behind == [True, False]

    on(own_server, story)


def test_not_more_than_some_tubes_are_sampled_at_once(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        for number in range(MAX_TUBES + 2):
            await watching.put(f"tube-{number}")
        sizes = [len(await watching.sample()) for _ in range(3)]
        assert sizes == [MAX_TUBES, 2, 0]

    on(own_server, story)


def test_the_connection_uses_no_tube_afterwards(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        job = await watching.put("emails")
        await watching.client.call(commands.use("default"))
        await watching.sample()
        await watching.client.call(commands.delete(job))
        await watching.poll()
        assert "emails" not in watching.history.latest.tubes

    on(own_server, story)


def test_a_tube_that_may_have_disappeared_since_the_poll_is_not_sampled(
    own_server: Beanstalkd,
) -> None:
    async def story(watching: Watching) -> None:
        await watching.put("emails")
        status = await watching.poll()
        chosen = watching.oldest.choose(status, SHOWN)
        assert len(chosen) == 1
        at = status.snapshot.taken_at - oldest_jobs.TOO_LATE - 1
        late = replace(status, snapshot=status.snapshot._replace(taken_at=at))
        before = await watching.commands_sent()
        await watching.oldest.sample(chosen, late)
        assert await watching.commands_sent() == before

    on(own_server, story)


def test_under_the_cursor_the_first_buried_job_tells_its_age(own_server: Beanstalkd) -> None:
    async def story(watching: Watching) -> None:
        first, second = await watching.put("emails"), await watching.put("emails")
        await watching.bury("emails", first)
        await watching.bury("emails", second)

        def said() -> str:
            return next(one.sentence for one in watching.history.found("emails") if one.code == "!")

        await watching.sample(NO_AGES)
        assert said() == "2 buried"
        await watching.sample(AgesNeeded(cursor="emails"))
        assert re.fullmatch(r"2 buried, oldest \d+s", said())
        await watching.client.call(commands.kick_job(second))
        await watching.poll()
        assert said() == "1 buried"  # it may have been the oldest

    on(own_server, story)


def test_nothing_is_kept_of_a_tube_that_was_gone_before_its_sample_came(
    own_server: Beanstalkd,
) -> None:
    async def story(watching: Watching) -> None:
        id = await watching.put("replies")
        status = await watching.poll()
        tube = watching.tube("replies")
        chosen = watching.oldest.choose(status, SHOWN)
        await watching.client.call(commands.delete(id))
        await watching.client.call(commands.use("default"))
        await watching.poll()
        assert "replies" not in watching.history.latest.tubes
        await watching.put("replies")
        await watching.oldest.sample(chosen, status)
        assert watching.history.sampled.first(tube, "ready") is None

    on(own_server, story)
