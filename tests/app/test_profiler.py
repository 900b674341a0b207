"""The profiler on a real server, by a clock that is stated: how long jobs wait and take."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from beantop.app.session.profiled import Wanted
from beantop.app.session.profiler import BODY_RATE, IDLE, MAX_BODY, MAX_PEEKS, RETRY, Profiler
from beantop.beanstalk import Address, AsyncClient, commands
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.connection import ActingConnection
from beantop.monitor.durations import MIN_COUNT
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.job_percentiles import JobPercentiles
from beantop.monitor.job_times import MAX_GAP
from beantop.monitor.sample_budget import SLOW
from beantop.monitor.sampled import MAX_AGE, SampledJobs
from beantop.monitor.snapshot import Snapshot, take_snapshot
from tests.app.scripted_server import scripted_server, stats
from tests.beanstalkd import Beanstalkd
from tests.monitor.queue import is_near

EVERY = 0.25
HELD = 4  # rounds until a worker takes a job, and until it is done

LARAVEL = b'{"displayName": "App\\\\Jobs\\\\SendMail", "job": "x"}'


class Profiling:
    """A profiler, a producer and a worker, by a clock that only rounds move."""

    def __init__(self, server: Beanstalkd, tube: str | None) -> None:
        self.server = server
        self.clock = 1_000.0
        self.profiler = Profiler(ActingConnection(server.address), lambda: self.clock)
        self.wanted = Wanted(tube)
        self.profiler.want(self.wanted)

    async def connect(self) -> None:
        self.client = await AsyncClient.connect(self.server.address)

    async def put(self, tube: str = "a", body: bytes = LARAVEL) -> int:
        await self.client.call(commands.use(tube))
        return await self.client.call(commands.put(body, 0, 0, 60))

    async def round(self) -> None:
        snapshot = await take_snapshot(self.client, 10.0, now=lambda: self.clock)
        self.profiler.note_puts(snapshot)
        await self.profiler.round(self.wanted)
        self.clock += EVERY

    async def work(self, jobs: int = MIN_COUNT + 5, tube: str = "a") -> None:
        """Put a job each round; it waits for `HELD` rounds, and a worker has it for as many."""
        await self.round()
        await self.round()
        ids: list[int] = []
        for number in range(jobs + 2 * HELD + 2):
            if number < jobs:
                ids.append(await self.put(tube))
            if HELD <= number < jobs + HELD:
                await self.client.call(commands.reserve_job(ids[number - HELD]))
            if 2 * HELD <= number < jobs + 2 * HELD:
                await self.client.call(commands.delete(ids[number - 2 * HELD]))
            await self.round()

    def times(self, tube: str = "a") -> TubeTimes:
        times = self.profiler.tube_times(tube)
        assert times
        return times

    def check(self, tube: str = "a") -> None:
        """Check that the times are those of `work`."""
        times, held = self.times(tube), HELD * EVERY
        assert is_near(times.wait, [held], EVERY)
        assert is_near(times.work, [held], 2 * EVERY)
        assert is_near(times.turnaround, [2 * held], EVERY)
        assert times.quick == 0


def on(
    server: Beanstalkd,
    story: Callable[[Profiling], Awaitable[None]],
    tube: str | None = "a",
) -> None:
    async def main() -> None:
        profiling = Profiling(server, tube)
        await profiling.connect()
        await story(profiling)
        profiling.profiler.connection.close()
        profiling.client.close()

    asyncio.run(main())


@pytest.mark.long
def test_the_times_of_jobs_are_measured_from_outside(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.work()
        profiling.check()
        assert profiling.times().sampled == MIN_COUNT + 5
        assert profiling.profiler.trouble == ""

    on(own_server, story)


def test_jobs_are_told_apart_by_their_class(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.work()
        times = profiling.profiler.times
        assert times
        assert times.classes("a") == {"App\\Jobs\\SendMail": 1.0}
        mails = times.tube_times("a", "App\\Jobs\\SendMail")
        assert mails
        assert is_near(mails.wait, [HELD * EVERY], EVERY)

    on(own_server, story)


def test_the_class_is_where_the_configuration_says(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        profiling.profiler.reading_of = lambda tube: Reading(class_path=f"{tube}.kind")
        await profiling.round()
        await profiling.round()
        await profiling.put(body=b'{"class": "Job", "a": {"kind": "welcome"}}')
        await profiling.round()
        assert profiling.profiler.times
        assert profiling.profiler.times.classes("a") == {"welcome": 1.0}

    on(own_server, story)


@pytest.mark.long
def test_large_bodies_are_read_now_and_then(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.round()
        await profiling.round()
        large = LARAVEL + b" " * 60_000
        for _ in range(20):
            for _ in range(5):
                await profiling.put(body=large)
            await profiling.round()
        times = profiling.profiler.times
        assert times
        read = sum(job.class_name != "" for job in times.followed.values())
        assert len(times.followed) > 50  # fewer where this machine is too busy to follow all
        assert read * len(large) <= BODY_RATE * 20 * EVERY + 2 * MAX_PEEKS * len(large)
        assert read > 0

    on(own_server, story)


def test_bodies_of_a_server_that_takes_huge_ones_are_not_read() -> None:
    server = Beanstalkd("-z", str(2 * MAX_BODY))

    async def story(profiling: Profiling) -> None:
        await profiling.work()
        profiling.check()
        assert profiling.profiler.times
        assert profiling.profiler.times.classes("a") == {}

    try:
        on(server, story)
    finally:
        server.stop()


@pytest.mark.long
def test_all_tubes_of_a_server_are_measured(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.work(tube="a")
        await profiling.work(tube="b")
        assert profiling.profiler.times
        assert set(profiling.profiler.times.tubes) >= {"a", "b"}
        profiling.check("a")
        profiling.check("b")

    on(own_server, story, tube=None)


@pytest.mark.long
def test_for_rules_alone_no_body_is_read(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        profiling.wanted = Wanted("", patterns=("a*",))
        profiling.profiler.want(profiling.wanted)
        before = (await profiling.client.call(commands.stats())).get("cmd-peek")
        await profiling.work()
        await profiling.work(tube="b")
        profiling.check()
        assert profiling.profiler.times
        assert profiling.profiler.times.tubes == ["a"]
        assert (await profiling.client.call(commands.stats())).get("cmd-peek") == before

    on(own_server, story)


class ForRules:
    """What a profiler notes for rules about tubes, after a poll."""

    def __init__(self, profiling: Profiling, *patterns: str) -> None:
        self.profiling = profiling
        profiling.wanted = Wanted("", patterns=patterns)
        profiling.profiler.want(profiling.wanted)
        self.sampled = SampledJobs()

    async def note(self) -> Snapshot:
        now = self.profiling.clock
        snapshot = await take_snapshot(self.profiling.client, 10.0, now=lambda: now)
        self.profiling.profiler.note_percentiles(snapshot, self.sampled)
        return snapshot

    async def noted(self, tube: str = "a") -> JobPercentiles | None:
        return self.sampled.percentiles((await self.note()).tubes[tube])


@pytest.mark.long
def test_rules_have_the_times_of_the_tubes_they_are_about(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        rules = ForRules(profiling, "a*")
        assert await rules.noted("default") is None
        await profiling.work()
        known = await rules.noted()
        assert known
        assert known.at == profiling.clock
        held = HELD * EVERY
        for field, truth in {
            "wait-p50": held,
            "work-p95": held,
            "turnaround-p95": 2 * held,
        }.items():
            assert abs(known.seconds[field] - truth) <= 2 * EVERY
        assert await rules.noted("default") is None

    on(own_server, story)


def test_tubes_on_the_screen_have_their_turn_before_their_times_are_too_old(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here each poll has time for one tube. `a` is on the screen; the times of three others are older."""
    monkeypatch.setattr("beantop.app.session.profiler.MAX_SECONDS", 0.0)

    async def story(profiling: Profiling) -> None:
        rules = ForRules(profiling, "*")
        for tube in ("a", "b", "c", "d"):
            await profiling.put(tube)
        await profiling.round()  # finds the highest id
        await profiling.round()
        snapshot = await rules.note()
        for name, age in (("a", 0.75), ("b", 0.8), ("c", 0.8), ("d", 0.25), ("default", 0.8)):
            at = snapshot.tubes[name].taken_at - age * MAX_AGE
            rules.sampled.note_percentiles(name, JobPercentiles(at))
        order = []
        for _ in range(4):
            before = {name: rules.sampled.percentiles_at(name) for name in snapshot.tubes}
            profiling.profiler.note_percentiles(snapshot, rules.sampled, shown={"a", "d"})
            order += [name for name in before if rules.sampled.percentiles_at(name) != before[name]]
        assert order[0] == "a"
        assert set(order[1:]) == {"b", "c", "default"}

    on(own_server, story)


@pytest.mark.long
def test_what_was_measured_long_ago_is_not_noted_again(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        rules = ForRules(profiling, "a")
        await profiling.work()
        profiling.clock += MAX_GAP + 1.0
        assert await rules.noted() is None

    on(own_server, story)


@pytest.mark.long
def test_a_tube_with_nothing_to_do_is_idle_after_some_minutes(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        rules = ForRules(profiling, "a")
        await profiling.work()
        for passed, is_idle in ((IDLE / 2, False), (IDLE, True)):
            profiling.clock += passed
            await profiling.round()
            known = await rules.noted()
            assert known
            assert known.is_idle is is_idle
        id = await profiling.put()
        known = await rules.noted()
        assert known
        assert not known.is_idle
        await profiling.client.call(commands.delete(id))

    on(own_server, story)


def test_where_estimates_take_long_tubes_take_turns(
    own_server: Beanstalkd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.app.session.profiler.MAX_SECONDS", -1.0)

    async def story(profiling: Profiling) -> None:
        rules = ForRules(profiling, "a*")
        for tube in ("a", "a1", "a2"):
            await profiling.put(tube)
        for _ in range(2):
            await profiling.round()
        noted = []
        for _ in range(6):
            now = profiling.clock
            tubes = (await rules.note()).tubes
            noted += [tube for tube in tubes if rules.sampled.percentiles_at(tube) == now]
            profiling.clock += 1.0
        assert sorted(noted[:3]) == ["a", "a1", "a2"]
        assert noted[3:] == noted[:3]

    on(own_server, story)


def test_jobs_that_were_there_before_do_not_hide_the_new_ones(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        for _ in range(50):
            await profiling.put("old")
        await profiling.work()
        profiling.check()

    on(own_server, story)


@pytest.mark.long
def test_after_a_restart_it_is_right_again(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.work()
        own_server.stop()
        own_server.start()
        await profiling.connect()
        await profiling.round()
        assert len(profiling.profiler.polls) <= 1  # counters begin anew
        await profiling.work()
        assert profiling.times().sampled == MIN_COUNT + 5
        profiling.check()

    on(own_server, story)


def test_a_server_that_is_gone_is_tried_again_later_and_says_so(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.work()
        own_server.stop()
        assert await profiling.profiler.round(profiling.wanted) == RETRY
        assert "Nothing is measured now" in profiling.profiler.trouble
        profiling.check()

    on(own_server, story)


@pytest.mark.long
def test_after_a_restart_with_a_binlog_ids_go_on(tmp_path: Path) -> None:
    server = Beanstalkd("-b", str(tmp_path))

    async def story(profiling: Profiling) -> None:
        for _ in range(300):
            await profiling.put("old")
        server.send_signal(signal.SIGTERM)
        server.stop()
        server.start()
        await profiling.connect()
        await profiling.work()
        assert profiling.times().sampled == MIN_COUNT + 5
        profiling.check()

    try:
        on(server, story)
    finally:
        server.stop()


def break_off(server: Beanstalkd) -> None:
    """Begin a put and hang up: it takes an id and is counted nowhere."""
    with server.raw() as connection:
        connection.sendall(b"put 0 0 60 10\r\nabc")


@pytest.mark.long
def test_puts_that_break_off_are_made_up_for(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.round()
        first = await profiling.put("old")
        for _ in range(2):
            break_off(own_server)
        while (last := await profiling.put("old")) < first + 3:
            pass  # until the server has noticed that they hung up
        assert last >= first + 3
        await profiling.work()
        profiling.check()

    on(own_server, story)


def test_in_drain_mode_the_jobs_that_are_followed_are_measured_to_their_end(
    own_server: Beanstalkd,
) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.round()
        await profiling.round()
        ids = []
        for _ in range(MIN_COUNT):
            ids.append(await profiling.put())
            await profiling.round()
        own_server.drain()
        for id in ids:
            await profiling.client.call(commands.reserve_job(id))
            await profiling.round()
            await profiling.client.call(commands.delete(id))
        await profiling.round()
        times = profiling.times()
        assert times.sampled == MIN_COUNT
        assert times.turnaround
        assert times.turnaround.percentile(99) < MIN_COUNT * 2 * EVERY + 1
        assert profiling.profiler.times
        assert not profiling.profiler.times.followed

    on(own_server, story)


def test_what_beantop_puts_itself_is_not_measured(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        await profiling.round()
        await profiling.round()
        profiling.profiler.is_acting = lambda: True
        for _ in range(10):
            await profiling.put()
        await profiling.round()
        profiling.profiler.is_acting = lambda: False
        await profiling.round()
        assert profiling.profiler.times
        assert not profiling.profiler.times.followed
        await profiling.work()
        profiling.check()

    on(own_server, story)


@pytest.mark.parametrize("wanted", [Wanted("a"), Wanted(None)])
def test_samples_change_nothing_on_the_server(own_server: Beanstalkd, wanted: Wanted) -> None:
    async def story(profiling: Profiling) -> None:
        profiling.wanted = wanted
        await profiling.work(jobs=5)
        await profiling.put()
        before = await profiling.client.call(commands.stats())
        for _ in range(5):
            await profiling.round()
        after = await profiling.client.call(commands.stats())
        changed = {key for key in after if after.get(key) != before.get(key)}
        assert {"cmd-stats-job", "cmd-stats"} <= changed
        changed -= {"rusage-utime", "rusage-stime", "uptime"}
        assert changed <= {
            "cmd-stats",
            "cmd-stats-job",
            "cmd-stats-tube",
            "cmd-list-tubes",
            "cmd-peek",
        }

    on(own_server, story)


def test_a_server_that_answers_slowly_is_left_alone_and_says_so(own_server: Beanstalkd) -> None:
    async def story(profiling: Profiling) -> None:
        profiling.profiler._now = slow_clock(profiling)
        waits = [await profiling.profiler.round(profiling.wanted) for _ in range(4)]
        assert waits[-1] == RETRY
        assert "takes 0.4 s to answer" in profiling.profiler.trouble
        before = (await profiling.client.call(commands.stats()))["cmd-stats-job"]
        await profiling.profiler.round(profiling.wanted)
        assert (await profiling.client.call(commands.stats()))["cmd-stats-job"] == before

    on(own_server, story)


def test_a_server_that_does_not_count_puts_is_not_measured_and_says_so() -> None:
    async def main(address: Address) -> None:
        profiler = Profiler(ActingConnection(address))
        assert await profiler.round(Wanted("a")) == RETRY
        assert "does not say how many jobs were put" in profiler.trouble
        profiler.connection.close()

    with scripted_server({"stats": stats(version="1.12")}) as address:
        asyncio.run(main(address))


def slow_clock(profiling: Profiling) -> Callable[[], float]:
    """A clock by which each answer takes long: it moves each time it is read."""

    def now() -> float:
        profiling.clock += 2 * SLOW
        return profiling.clock

    return now


async def connected(profiler: Profiler) -> None:
    while not profiler.connection.is_open:  # noqa: ASYNC110 (a server sets no event)
        await asyncio.sleep(0.01)


def test_the_connection_is_closed_when_nothing_is_wanted_any_more(own_server: Beanstalkd) -> None:
    async def main() -> None:
        profiler = Profiler(ActingConnection(own_server.address))
        assert profiler.want(Wanted("a", 0.01))
        running = asyncio.create_task(profiler.run())
        await connected(profiler)
        assert not profiler.want(Wanted("a", 0.01))
        assert not profiler.want(None)
        await running
        assert not profiler.connection.is_open
        assert profiler.want(Wanted("a"))

    asyncio.run(main())
