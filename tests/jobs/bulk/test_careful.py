"""A careful kick on a real server, with workers that act while it waits, on a clock of the test."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from beantop.beanstalk import Client, TimedOutError, commands
from beantop.jobs.bulk.careful import (
    FIRST,
    MAX_PATIENCE,
    MIN_PATIENCE,
    Careful,
    Fate,
    fate_of,
    patience_for,
    spread,
)
from beantop.jobs.bulk.checks import SameBody
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.restore_state import AsLeft, Noted, Restore
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.simple import Kick
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo, listed
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in
from tests.jobs.bulk.kills import begin
from tests.jobs.bulk.running import became, do, jobs_of

Meanwhile = Callable[[], object]

RATE = 50


class Kicking:
    """A careful kick whose clock passes only while it waits. `meanwhile` is called in each wait."""

    def __init__(self, jobs: Iterable[JobInfo], rate: int = RATE) -> None:
        self.jobs = spread([*jobs])
        self.rate = rate
        self.time = 0.0
        self.meanwhile: Meanwhile = lambda: None
        self.after_batch: Meanwhile = lambda: None
        self.is_lost = False
        """Whether a wait must last until the loss of the connection was noticed."""
        self.noted = Noted(Kick())

    def run(self, server: Beanstalkd) -> Tally:
        return acting(server.address, self._run)

    async def _run(self, connection: ActingConnection) -> Tally:
        self.connection = connection
        self.pace = Careful(connection, self.jobs, self.rate, lambda: self.time, self._sleep)
        self.bulk = Bulk(connection, SameBody(self.noted, {}), self.jobs, self.pace)
        tally = await self.bulk.run(self._after_batch)
        assert tally.tried + tally.left == tally.total
        return tally

    def _after_batch(self) -> None:
        self.after_batch()

    async def _sleep(self, seconds: float) -> None:
        self.time += seconds
        self.meanwhile()
        while self.is_lost and self.connection.is_open:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.01)


def bury(server: Beanstalkd, tube: str, count: int) -> dict[int, JobInfo]:
    """Fill a tube with buried jobs."""

    async def fill(connection: ActingConnection) -> None:
        async with connection.turn() as turn:
            put = [commands.put(b"job", 0, 0, 60)] * count
            ids = [id for id in await turn.pipeline_in(tube, put) if isinstance(id, int)]
            await turn.pipeline(
                command
                for id in ids
                for command in (commands.reserve_job(id), commands.bury(id, 0))
            )

    acting(server.address, fill)
    return jobs_of(server, tube)


def reserved(client: Client[str]) -> Iterator[int]:
    """Reserve all ready jobs of the watched tubes, one after the other."""
    while True:
        try:
            yield client.reserve(timeout=0).id
        except TimedOutError:
            return


def finishing(client: Client[str]) -> Meanwhile:
    """A worker that finishes all jobs."""

    def work() -> None:
        for id in reserved(client):
            client.delete(id)

    return work


def burying(client: Client[str], most: int = 10**9) -> Meanwhile:
    """A worker that buries so many jobs, and finishes the others."""
    left = most

    def work() -> None:
        nonlocal left
        for id in reserved(client):
            if left:
                left -= 1
                client.bury(id)
            else:
                client.delete(id)

    return work


def kicked(jobs: Iterable[JobInfo]) -> set[int]:
    return {job.id for job in jobs if job.kicks}


@pytest.mark.long
def test_a_poisoned_tube_is_left_alone_after_the_first_jobs(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 10_000).values())
    with server.client(watch=tube) as worker:
        kicking.meanwhile = burying(worker)
        tally = kicking.run(server)
        assert jobs_in(worker, tube) == {"buried": 10_000}
    assert (tally.done, tally.left) == (FIRST, 10_000 - FIRST)
    assert tally.ended == kicking.pace.why_not == "10 of them were buried again within 1s"
    assert kicked(jobs_of(server, tube).values()) == tally.done_ids
    assert {job.id for job in kicking.jobs[:FIRST]} == tally.done_ids


@pytest.mark.parametrize(("failing", "goes_on"), [(2, True), (3, False)])
def test_two_of_ten_may_fail_and_three_may_not(
    server: Beanstalkd, tube: str, failing: int, goes_on: bool
) -> None:
    kicking = Kicking(bury(server, tube, 30).values())
    with server.client(watch=tube) as worker:
        kicking.meanwhile = burying(worker, failing)
        tally = kicking.run(server)
    assert kicking.pace.fates == {Fate.BURIED: failing, Fate.FINISHED: FIRST - failing}
    assert kicking.pace.taken == {job.id for job in kicking.jobs[:FIRST]}
    assert tally.done == (30 if goes_on else FIRST)
    assert tally.ended == ("" if goes_on else "3 of them were buried again within 1s")


@pytest.mark.long
@pytest.mark.parametrize(("rate", "count"), [(5, 60), (50, 1000), (1000, 3000)])
def test_the_others_follow_evenly_at_the_rate(
    server: Beanstalkd, tube: str, rate: int, count: int
) -> None:
    kicking = Kicking(bury(server, tube, count).values(), rate)
    at: list[tuple[float, int]] = []
    kicking.after_batch = lambda: at.append((kicking.time, kicking.bulk.tally.done))
    with server.client(watch=tube) as worker:
        kicking.meanwhile = finishing(worker)
        assert kicking.run(server).done == count
    (_, _), (began, first), *_ = at
    batch = first - FIRST
    assert batch <= max(1, rate / 10)
    for time, done in at[1:-1]:
        assert done - first == pytest.approx((time - began) * rate, abs=0.01)
    ended, done = at[-1]
    assert (done - first) / (ended - began) == pytest.approx(rate, rel=0.05)
    assert done == count
    assert kicking.pace.others.measured(kicking.bulk.tally) == pytest.approx(rate, rel=0.05)


def test_a_clock_that_jumps_brings_no_burst(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 200).values())
    at: list[float] = []

    def after_batch() -> None:
        at.append(kicking.time)
        if len(at) == 5:
            kicking.time += 3600  # the laptop slept

    kicking.after_batch = after_batch
    with server.client(watch=tube) as worker:
        kicking.meanwhile = finishing(worker)
        assert kicking.run(server).done == 200
    assert all(later - before > 0.09 for before, later in pairwise(at[6:]))


def test_a_worker_that_is_fast_is_seen_before_the_first_second(
    server: Beanstalkd, tube: str
) -> None:
    kicking = Kicking(bury(server, tube, 20).values())
    with server.client(watch=tube) as worker:
        work = finishing(worker)
        kicking.after_batch = work
        assert kicking.run(server).done == 20
    assert kicking.pace.seconds == 0.0


def test_without_a_worker_it_stops_after_the_ttr(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 40).values())
    tally = kicking.run(server)
    assert (tally.done, tally.ended) == (FIRST, "no worker took them within 1m5s")
    assert not kicking.pace.taken
    assert kicking.time == pytest.approx(65)
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": FIRST, "buried": 30}


def test_workers_that_finish_nothing_stop_it_too(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 40).values())
    with server.client(watch=tube) as worker:
        kicking.meanwhile = lambda: [*reserved(worker)] and None
        tally = kicking.run(server)
    assert (tally.done, tally.ended) == (FIRST, "none of them was finished within 1m5s")
    assert kicking.pace.fates == {Fate.RESERVED: FIRST}


def test_jobs_that_changed_are_skipped_and_others_take_their_place(
    server: Beanstalkd, tube: str
) -> None:
    kicking = Kicking(bury(server, tube, 40).values())
    gone, ready, *_ = [job.id for job in kicking.jobs]
    with server.client(watch=tube) as worker:
        worker.delete(gone)
        worker.kick_job(ready)
        kicking.meanwhile = burying(worker)
        tally = kicking.run(server)
    others = became(Outcome.GONE) + became(Outcome.OTHER_STATE, 1, "ready")
    assert (tally.done, tally.others, tally.left) == (FIRST, others, 28)
    assert kicking.pace.followed == FIRST
    assert {job.id for job in kicking.jobs[2 : FIRST + 2]} == tally.done_ids


def test_delayed_jobs_are_kicked_carefully_too(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        for _ in range(30):
            client.put("", delay=1000)
        kicking = Kicking(jobs_of(server, tube).values())
        kicking.meanwhile = burying(client)
        assert kicking.run(server).done == FIRST
        assert jobs_in(client, tube) == {"buried": FIRST, "delayed": 20}


def test_stopped_before_it_begins_it_changes_nothing(server: Beanstalkd, tube: str) -> None:
    jobs = [*bury(server, tube, 20).values()]

    async def story(connection: ActingConnection) -> Tally:
        bulk = Bulk(connection, Kick(), jobs, Careful(connection, jobs, RATE))
        bulk.stop()
        return await bulk.run()

    tally = acting(server.address, story)
    assert (tally.done, tally.left, tally.ended) == (0, 20, "stopped")
    assert not kicked(jobs_of(server, tube).values())


def test_stopped_while_it_follows_it_kicks_no_other_job(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 20).values())
    with server.client(watch=tube) as worker:

        def meanwhile() -> None:
            worker.delete(worker.reserve().id)
            kicking.bulk.stop()

        kicking.meanwhile = meanwhile
        tally = kicking.run(server)
    assert (tally.done, tally.left, tally.ended) == (FIRST, 10, "stopped")
    assert kicking.pace.fates == {Fate.FINISHED: 1, Fate.WAITING: 9}
    assert kicking.pace.why_not == ""
    assert kicking.time < 1  # it did not wait for the next poll


@pytest.mark.long
def test_stopped_among_the_others_it_ends_after_the_batch(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 200).values())
    with server.client(watch=tube) as worker:
        kicking.meanwhile = finishing(worker)

        def after_batch() -> None:
            if kicking.bulk.tally.done >= 50:
                kicking.bulk.stop()

        kicking.after_batch = after_batch
        tally = kicking.run(server)
        assert (tally.done, tally.left, tally.ended) == (50, 150, "stopped")
        finishing(worker)()
        assert jobs_in(worker, tube) == {"buried": 150}


@pytest.mark.parametrize("dies_after", [0, FIRST, FIRST + 20])
def test_a_server_that_dies_loses_nothing_and_the_tally_says_which_were_kicked(
    tmp_path: Path, dies_after: int
) -> None:
    server = Beanstalkd("-b", str(tmp_path))
    try:
        kicking = Kicking(bury(server, "a", 100).values())

        def die() -> None:
            if kicking.bulk.tally.done == dies_after:
                server.stop()

        kicking.meanwhile = die
        if dies_after > FIRST:
            kicking.after_batch = die
            kicking.meanwhile = _finish_first(server)
        if not dies_after:
            server.stop()
        tally = kicking.run(server)
        assert (tally.done, tally.left) == (dies_after, 100 - dies_after)
        assert "refused" in tally.ended or "closed" in tally.ended
        server.start()
        states = {job.id: job.state for job in jobs_of(server, "a").values()}
    finally:
        server.stop()
    finished = kicking.pace.fates[Fate.FINISHED]
    assert Counter(states.values()) == Counter(
        {"ready": dies_after - finished, "buried": 100 - dies_after}
    )
    assert {id for id, state in states.items() if state == "ready"} <= tally.done_ids


def _finish_first(server: Beanstalkd) -> Meanwhile:
    """A worker that finishes the first jobs, and then no other."""
    client = server.client(watch="a")
    left = FIRST

    def work() -> None:
        nonlocal left
        while left:
            client.delete(client.reserve(timeout=0).id)
            left -= 1
        client.close()

    return work


def test_jobs_that_a_restart_took_are_not_called_finished(own_server: Beanstalkd) -> None:
    kicking = Kicking(bury(own_server, "a", 40).values())

    def restart() -> None:
        own_server.stop()
        own_server.start()
        kicking.meanwhile, kicking.is_lost = lambda: None, True

    kicking.meanwhile = restart
    tally = kicking.run(own_server)
    assert (tally.done, tally.ended) == (FIRST, "the server has restarted")
    assert Fate.FINISHED not in kicking.pace.fates


def test_what_no_worker_took_can_be_undone(server: Beanstalkd, tube: str) -> None:
    kicking = Kicking(bury(server, tube, 40).values())
    assert kicking.run(server).done == len(kicking.noted.steps) == FIRST
    steps = kicking.noted.steps
    assert do(server, AsLeft(Restore(steps), steps), [step.after for step in steps]).done == FIRST
    with server.client() as client:
        assert jobs_in(client, tube) == {"buried": 40}


@pytest.mark.parametrize(
    ("now", "fate"),
    [
        (None, Fate.FINISHED),
        ({"state": "buried"}, Fate.BURIED),
        ({"state": "ready", "timeouts": 2, "reserves": 4}, Fate.TIMED_OUT),
        ({"state": "reserved", "reserves": 4}, Fate.RESERVED),
        ({"state": "delayed", "reserves": 4}, Fate.RELEASED),
        ({"state": "ready"}, Fate.WAITING),
    ],
)
def test_what_became_of_a_job_is_read_from_its_counters(
    now: dict[str, object] | None, fate: Fate
) -> None:
    assert fate_of(_job(), None if now is None else _job(**now)) is fate


def test_a_job_is_given_back_if_a_worker_had_it_at_the_first_poll() -> None:
    assert fate_of(_job(state="reserved"), _job(state="delayed")) is Fate.RELEASED
    assert fate_of(None, None) is Fate.FINISHED


@pytest.mark.parametrize(
    ("ttrs", "seconds"), [([1], MIN_PATIENCE), ([5, 60, 7], 65), ([86_400], MAX_PATIENCE)]
)
def test_patience_is_the_largest_ttr_and_a_little_within_limits(
    ttrs: Sequence[int], seconds: float
) -> None:
    assert patience_for(_job(ttr=ttr) for ttr in ttrs) == seconds


def _job(**more: object) -> JobInfo:
    stats = {"tube": "a", "state": "ready", "ttr": 60, "reserves": 3, "timeouts": 1, **more}
    return listed(1, stats, 0.0)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("batches", [1, 4, 9])
def test_a_kill_in_the_middle_leaves_each_job_buried_or_kicked(
    server: Beanstalkd, tube: str, batches: int
) -> None:
    """In the first case it is killed while it follows the first jobs."""
    jobs = spread([*bury(server, tube, 200).values()])

    def run(tell: Callable[[], None]) -> None:
        async def kick(connection: ActingConnection) -> None:
            await Bulk(connection, Noted(Kick()), jobs, Careful(connection, jobs, 10)).run(tell)

        asyncio.run(kick(ActingConnection(server.address)))

    child = begin(run)
    with server.client(watch=tube) as worker:
        os.read(child.told, 1)
        if batches > 1:
            for _ in range(FIRST):
                worker.delete(worker.reserve(timeout=10).id)
            for _ in range(batches - 1):
                os.read(child.told, 1)
        os.kill(child.id, signal.SIGKILL)
        os.waitpid(child.id, 0)
        left = jobs_of(server, tube).values()
        ready = {job.id for job in left if job.state == "ready"}
        assert ready == kicked(left)
        assert {job.id for job in left if job.state == "buried"} == {job.id for job in left} - ready
        assert len(left) == (200 if batches == 1 else 200 - FIRST)
        if batches == 1:
            assert len(ready) == FIRST
        else:  # one job in a batch, so there were 18 s until the end
            assert batches - 1 <= len(ready) < len(left)
