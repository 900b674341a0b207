"""Walking ids and deleting jobs: ours, a raw socket's, greenstalk's; and what others feel of it."""

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import repeat
from pathlib import Path

import greenstalk

from beantop.beanstalk import Address, AsyncClient, commands
from beantop.beanstalk.commands import DEPTH
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.scan import Scan
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.bench.bodies import fill
from tests.bench.relay import ROUND_TRIP, relayed
from tests.bench.row import Row, Sizes, seconds

BODY = b'{"to": "ada@example.org", "template": "welcome", "attempt": 3}' * 3

BY_ONE = 300
"""Jobs that greenstalk deletes one by one; its time is that of as many as ours deletes."""

LATE = 0.99
"""Share of the exchanges that are at most as slow as the reported one."""

EXCHANGES = 4_000


def job_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """A server with every fifth job still there, walked; and many jobs far away, deleted."""
    server = Beanstalkd()
    stack.callback(server.stop)
    address = server.address
    assert isinstance(address, tuple)
    loop = stack.enter_context(asyncio.Runner()).get_loop()
    loop.run_until_complete(_fill_every_fifth(address, sizes.walked))
    raw = stack.enter_context(socket.create_connection(address))
    yield Row(
        f"walk {sizes.walked:,} ids",
        f"raw socket, {DEPTH} in flight",
        1 / 0.85,
        lambda: seconds(lambda: loop.run_until_complete(_walk(address, sizes.walked))),
        lambda: seconds(lambda: _walk_by_socket(raw, sizes.walked)),
    )
    yield Row(
        "p99 of others during a scan",
        "the same without it",
        0.001,
        partial(_felt, address, ["-m", "tests.bench.scan_on", str(address[1])]),
        lambda: _felt(address, []),
        by_difference=True,
    )
    far = relayed(address[1], stack)
    yield Row(
        f"delete {sizes.deleted:,} saved jobs, {ROUND_TRIP * 1000:.0f} ms RTT",
        "greenstalk, peek + delete",
        1 / 25,
        lambda: loop.run_until_complete(_delete(address, far, sizes.deleted)),
        lambda: _delete_by_greenstalk(address, far, sizes.deleted),
    )


async def _fill_every_fifth(address: Address, count: int) -> None:
    """So many ids, of which every fifth is a job."""
    await fill(address, "walked", repeat(BODY, count))
    gone = [commands.delete(id) for id in range(1, count + 1) if id % 5]
    async with await AsyncClient.connect(address, timeout=60.0) as client:
        await client.pipeline(gone, 60.0)


async def _walk(address: Address, count: int) -> None:
    connection = ActingConnection(address)
    coverage = await Scan(connection, "walked").run()
    connection.close()
    assert coverage.found == count // 5, coverage
    assert coverage.walked >= count - 5, coverage


def _walk_by_socket(connection: socket.socket, count: int) -> None:
    """Ask for the same ids, with as many in flight, and count replies, unread."""
    asked = [b"stats-job %d\r\n" % id for id in range(1, count + 1)]
    sent = answered = 0
    while answered < count:
        if wires := asked[sent : answered + DEPTH]:
            connection.sendall(b"".join(wires))
            sent += len(wires)
        data = connection.recv(2**18)
        assert data, "the server closed the connection"
        answered += data.count(b"NOT_FOUND\r") + data.count(b"kicks: ")


async def _delete(address: Address, far: Address, count: int) -> float:
    """Seconds that it takes to delete so many jobs of a far server, each saved first."""
    jobs = await _put(address, count)
    connection = ActingConnection(far)
    with tempfile.TemporaryDirectory() as directory:
        file = Trash(Path(directory)).begin("queue", "jobs")
        started = time.perf_counter()
        tally = await Bulk(connection, Delete(file), jobs).run()
        took = time.perf_counter() - started
    connection.close()
    assert tally.done == count, tally
    return took


async def _put(address: Address, count: int) -> Sequence[JobInfo]:
    client = await AsyncClient.connect(address, timeout=60.0)
    await client.call(commands.use("deleted"))
    puts = [commands.put(BODY, 5, 0, 60) for _ in range(count)]
    assert len(await client.pipeline(puts, 60.0)) == count
    client.close()
    connection = ActingConnection(address)
    scan = Scan(connection, "deleted")
    await scan.run()
    connection.close()
    assert len(scan.found) == count
    return list(scan.found.values())


def _delete_by_greenstalk(address: tuple[str, int], far: Address, count: int) -> float:
    with greenstalk.Client(address, use="by-one") as client:
        ids = [client.put(BODY.decode()) for _ in range(min(BY_ONE, count))]
    with greenstalk.Client(far) as client:
        started = time.perf_counter()
        for id in ids:
            client.delete(client.peek(id))
        return (time.perf_counter() - started) * count / len(ids)


def _felt(address: tuple[str, int], command: Sequence[str]) -> float:
    """The slowest exchange but for 1 %, in seconds, of a client, while that program runs."""
    program = (
        subprocess.Popen([sys.executable, *command], stdin=subprocess.PIPE) if command else None
    )
    try:
        if program:
            time.sleep(0.6)  # until it walks
        with greenstalk.Client(address) as client:
            took = sorted(seconds(client.using) for _ in range(EXCHANGES))
    finally:
        if program and program.stdin:
            program.stdin.close()
            program.wait()
    return took[int(LATE * len(took))]
