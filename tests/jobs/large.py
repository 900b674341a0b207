"""What takes too long for every run of the tests: a large server, walked and changed.

    python -m tests.jobs.large

200,000 jobs in 40 tubes, 1,000,000 ids behind them, a binlog, and a restart: the list of one tube
must be equal to what was put. Then 100,000 jobs are deleted, moved and buried while workers run on
their tube: all must add up.
"""

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from beantop.beanstalk import AsyncClient, NotFoundError, TimedOutError, commands
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.simple import Bury
from beantop.jobs.connection import ActingConnection
from beantop.jobs.scan import Scan
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in

TUBES, EACH, IDS, MANY = 40, 5_000, 1_000_000, 100_000
NO_TIMEOUT = 600.0


async def fill(server: Beanstalkd) -> set[int]:
    """The ids of the jobs of one of the tubes, which lie all over those that there were."""
    client = await AsyncClient.connect(server.address, timeout=NO_TIMEOUT)
    mine: set[int] = set()
    step = IDS // EACH // TUBES
    for start in range(0, IDS, 40_000):
        for tube in range(TUBES):
            await client.call(commands.use(f"tube-{tube}"))
            puts = [commands.put(b"%d" % n, 5, n % 2 * 9000, 60) for n in range(40_000 // TUBES)]
            ids = [id for id in await client.pipeline(puts) if isinstance(id, int)]
            kept = set(ids[::step])
            await client.pipeline([commands.delete(id) for id in ids if id not in kept])
            if tube == 7:
                mine |= kept
        del start
    client.close()
    return mine


async def walk(server: Beanstalkd, mine: set[int]) -> str:
    connection = ActingConnection(server.address)
    scan = Scan(connection, "tube-7")
    coverage = await scan.run()
    connection.close()
    assert coverage.complete, coverage
    assert set(scan.found) == mine
    assert {job.tube for job in scan.found.values()} == {"tube-7"}
    return f"{coverage.found:,} of {coverage.counted:,} jobs in {coverage.walked:,} ids, {coverage.seconds:.1f} s"


class Busy(threading.Thread):
    """A worker and producer that goes on until it is told to stop."""

    def __init__(self, server: Beanstalkd, tube: str) -> None:
        super().__init__()
        self.put = self.deleted = 0
        self.ended = threading.Event()
        self._client = server.client(use=tube, watch=tube)

    def run(self) -> None:
        with self._client as client:
            while not self.ended.is_set():
                client.put("put meanwhile")
                self.put += 1
                for _ in range(2):
                    try:
                        client.delete(client.reserve(timeout=0))
                        self.deleted += 1
                    except (TimedOutError, NotFoundError):
                        continue


def act_on_many(server: Beanstalkd, name: str, make: Callable[[], Act[Any]]) -> str:
    tube = f"many-{name}"

    async def prepare() -> list[Any]:
        client = await AsyncClient.connect(server.address, timeout=NO_TIMEOUT)
        await client.call(commands.use(tube))
        await client.pipeline([commands.put(b"x" * 100, 5, 0, 60) for _ in range(MANY)])
        client.close()
        connection = ActingConnection(server.address)
        scan = Scan(connection, tube)
        await scan.run()
        connection.close()
        return list(scan.found.values())

    async def run(jobs: list[Any]) -> Any:
        connection = ActingConnection(server.address)
        tally = await Bulk(connection, make(), jobs).run()
        connection.close()
        return tally

    jobs = asyncio.run(prepare())
    workers = [Busy(server, tube) for _ in range(2)]
    for worker in workers:
        worker.start()
    started = time.monotonic()
    tally = asyncio.run(run(jobs))
    took = time.monotonic() - started
    for worker in workers:
        worker.ended.set()
        worker.join()
    with server.client() as client:
        left, moved = (
            jobs_in(client, one) if one in client.tubes() else {} for one in (tube, f"{tube}-b")
        )
    put, deleted = (sum(getattr(w, count) for w in workers) for count in ("put", "deleted"))
    here, there = sum(left.values()), sum(moved.values())
    assert (tally.total, tally.tried, tally.is_settled) == (MANY, MANY, True)
    gone = tally.done if name == "delete" else 0
    assert here + there == MANY + put - deleted - gone, (left, moved, tally)
    assert name != "move" or there == tally.done, (moved, tally)
    assert name != "bury" or left.get("buried") == tally.done, (left, tally)
    return (
        f"{name}: {tally.sentence(name, 'job')} {took:.1f} s; workers put {put:,} and deleted"
        f" {deleted:,}; {here:,} here and {there:,} there add up"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = Beanstalkd("-b", directory)
        mine = asyncio.run(fill(server))
        server.stop()
        server.start()
        print("walk:", asyncio.run(walk(server, mine)))  # noqa: T201  # it is what this is for
        trash = Trash(Path(directory) / "trash")
        acts: dict[str, Callable[[], Act[Any]]] = {
            "delete": lambda: Delete(trash.begin("queue", "jobs")),
            "move": lambda: Move(to_tube("many-move-b")),
            "bury": Bury,
        }
        for name, make in acts.items():
            print(act_on_many(server, name, make))  # noqa: T201
        server.stop()


if __name__ == "__main__":
    main()
