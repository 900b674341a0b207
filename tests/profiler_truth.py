"""What the profiler estimates, beside the truth that workers noted: `python -m tests.profiler_truth`.

Producers and workers, in a process of their own, note when each job was put, reserved and deleted. The
profiler sees only the server. The table has percentiles in seconds, estimate / truth.
"""

import argparse
import asyncio
import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NamedTuple

from beantop.app.session.profiled import FAST, USUAL, Wanted
from beantop.app.session.profiler import Profiler
from beantop.beanstalk import Address, AsyncClient, BeanstalkdError, commands
from beantop.jobs.connection import ActingConnection
from beantop.monitor.durations import Bounds, Durations, Estimate
from beantop.monitor.snapshot import NOTHING_SEEN, Server, take_snapshot
from tests.beanstalkd import Beanstalkd

SPAWN = multiprocessing.get_context("spawn")

WARM_UP = 2.0
"""Seconds of load before the profiler begins."""


@dataclass(frozen=True)
class Load:
    """Producers and workers of a tube; times in seconds, all at random."""

    tube: str
    rate: float
    """Jobs put per second."""
    workers: int
    work: float
    """Mean time of a job."""
    burst: int = 1
    """Jobs put at once."""
    delay: int = 0


LOADS = (
    Load("fast", 60, 6, 0.05),
    Load("loaded", 20, 10, 0.45),
    Load("slow", 3, 8, 2.0),
    Load("growing", 8, 3, 0.5),
    Load("bursts", 10, 6, 0.4, burst=50),
)

MANY = Load("many", 1_000, 20, 0.01)


class Job(NamedTuple):
    """The truth about a job, in seconds of the monotonic clock."""

    tube: str
    put_at: float
    reserved_at: float | None
    gone_at: float | None


class Truth:
    """What producers and workers noted."""

    def __init__(self) -> None:
        self._jobs: dict[int, list[float | str | None]] = {}

    def jobs(self) -> list[Job]:
        return [Job(*noted) for noted in self._jobs.values()]  # type: ignore[arg-type]

    def put(self, id: int, tube: str, at: float) -> None:
        noted = self._jobs.setdefault(id, [tube, at, None, None])
        noted[:2] = [tube, at]

    def note(self, id: int, index: int, at: float) -> None:
        self._jobs.setdefault(id, ["", 0.0, None, None])[index] = at


async def produce(address: Address, load: Load, truth: Truth, until: float, seed: str) -> None:
    chance = random.Random(seed)
    client = await AsyncClient.connect(address, timeout=60)
    await client.call(commands.use(load.tube))
    due = time.monotonic()
    while (due := due + chance.expovariate(load.rate / load.burst)) < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        for _ in range(load.burst):
            id = await client.call(commands.put(b"x", 0, load.delay, 60))
            truth.put(id, load.tube, time.monotonic())
    client.close()


async def work(address: Address, load: Load, truth: Truth, until: float, seed: str) -> None:
    chance = random.Random(seed)
    client = await AsyncClient.connect(address, timeout=60)
    await client.call(commands.watch(load.tube))
    await client.call(commands.ignore("default"))
    while time.monotonic() < until:
        try:
            job = await client.call(commands.reserve(1))
        except BeanstalkdError:
            continue
        truth.note(job.id, 2, time.monotonic())
        await asyncio.sleep(chance.expovariate(1 / load.work))
        await client.call(commands.delete(job.id))
        truth.note(job.id, 3, time.monotonic())
    client.close()


def carry_out(
    address: Address, loads: Sequence[Load], until: float, seed: int, told: "Connection"
) -> None:
    """Put and work until then, in a process of its own; then tell the truth."""
    truth = Truth()

    async def main() -> None:
        everybody = []
        for load in loads:
            everybody.append(produce(address, load, truth, until, f"{seed} {load.tube}"))
            for number in range(load.workers):
                everybody.append(work(address, load, truth, until, f"{seed} {load.tube} {number}"))
        await asyncio.gather(*everybody)

    asyncio.run(main())
    told.send(truth.jobs())


class Measured(NamedTuple):
    """A run."""

    profiler: Profiler
    since: float
    until: float
    truth: list[Job]
    cpu: float
    """Processor time of the server meanwhile, for all its clients."""


async def measure(
    address: Address,
    loads: Sequence[Load],
    seconds: float,
    wanted: Wanted | None,
    seed: int = 1,
) -> Measured:
    """Profile a server under load for so many seconds, or only have the load."""
    began = time.monotonic()
    until = began + WARM_UP + seconds
    heard, told = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=carry_out, args=(address, loads, until, seed, told))
    process.start()
    told.close()  # so that the end of the process is heard
    profiler = Profiler(ActingConnection(address))
    poller = await AsyncClient.connect(address, timeout=60)
    await asyncio.sleep(WARM_UP)
    since = time.monotonic()
    before = await _cpu(poller)
    profiler.want(wanted)
    running = asyncio.create_task(profiler.run())
    snapshot = NOTHING_SEEN
    while time.monotonic() < until - 0.1:
        snapshot = await take_snapshot(poller, 10.0, before=snapshot)
        profiler.note_puts(snapshot)
        await asyncio.sleep(min(1.0, max(0.05, until - time.monotonic())))
    profiler.want(None)
    ended, cpu = time.monotonic(), await _cpu(poller) - before
    await running
    truth = await asyncio.get_running_loop().run_in_executor(None, heard.recv)
    process.join()
    poller.close()
    return Measured(profiler, since, ended, truth, cpu)


async def _cpu(client: AsyncClient) -> float:
    """Return the processor time that the server has used, in seconds."""
    return Server(stats=await client.call(commands.stats())).processor_seconds or 0.0


def true_durations(run: Measured, tube: str, kind: str, since: float = 0.0) -> Durations:
    """The truth about the jobs that were put while the profiler was running, at the earliest `since`, as
    far as it had come."""
    found = Durations()
    for job in run.truth:
        if job.tube != tube or not max(since, run.since) <= job.put_at <= run.until:
            continue
        began, ended = {
            "wait": (job.put_at, job.reserved_at),
            "work": (job.reserved_at, job.gone_at),
            "turnaround": (job.put_at, job.gone_at),
        }[kind]
        if began is not None and began < run.until:
            if ended is not None and ended <= run.until:
                found.add(Bounds(ended - began, ended - began))
            else:
                found.add(Bounds(run.until - began, float("inf")))
    return found


KINDS = ("wait", "work", "turnaround")
PERCENTS = (50, 90, 95, 99)


def rows(run: Measured, tubes: Sequence[str]) -> Iterator[str]:
    """The table as lines."""
    for tube in tubes:
        times = run.profiler.tube_times(tube)
        for kind in KINDS:
            estimate: Estimate | None = getattr(times, kind) if times else None
            truth = true_durations(run, tube, kind).estimate()
            cells = [f"{_cell(estimate, percent)} /{_cell(truth, percent)}" for percent in PERCENTS]
            sampled = estimate.count if estimate else 0
            quick = times.quick if times else 0.0
            yield f"{tube:9} {kind:11}{sampled:6.0f} {quick:4.0%}  " + "  ".join(cells)


def _cell(estimate: Estimate | None, percent: float) -> str:
    return f"{estimate.percentile(percent):7.2f}" if estimate else "      –"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fast", action="store_true", help="sample as often as a user can ask for")
    parser.add_argument("--tube", help="only this tube: all that is left over is for it")
    parser.add_argument("--off", action="store_true", help="do not profile, to compare the cost")
    parser.add_argument("--many", action="store_true", help="1,000 puts/s beside the rest")
    options = parser.parse_args()
    loads = [*LOADS, *([MANY] if options.many else [])]
    server = Beanstalkd()
    wanted = None if options.off else Wanted(options.tube, FAST if options.fast else USUAL)
    try:
        run = asyncio.run(measure(server.address, loads, options.seconds, wanted, options.seed))
    finally:
        server.stop()
    print(
        "tube      time        jobs quick  p50 est/truth      p90               p95               p99"
    )
    for row in rows(run, [options.tube] if options.tube else [load.tube for load in loads]):
        print(row)
    seconds = run.until - run.since
    print(
        f"rounds every {run.profiler.pace:.2f} s; {run.cpu / seconds:.2%} of the server's time for all"
    )
    print(
        f"its clients, at most {run.profiler.spent / seconds:.2%} of it for samples, by its rusage"
    )


if __name__ == "__main__":
    main()
