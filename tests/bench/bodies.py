"""Reading many jobs: groups beside a raw scan, a filter beside grep, and what a million jobs take."""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from beantop.app.view.job_filter import JobFilter
from beantop.beanstalk import Address, AsyncClient, Job, commands
from beantop.beanstalk.commands import DEPTH
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.connection import ActingConnection
from beantop.jobs.groups import GROUPINGS, groups_of
from beantop.jobs.inventory import Inventory
from beantop.jobs.job_info import JobInfo, listed
from beantop.jobs.job_order import JobOrder, ListQuery
from beantop.jobs.listing import JobList
from tests.beanstalkd import Beanstalkd
from tests.bench.row import Row, Sizes, cpu_seconds, seconds

PRODUCERS = 7
TUBE = "bodies"
WORD = "ada-4711"
"""A word that few bodies have."""


def body_rows(sizes: Sizes, stack: ExitStack) -> Iterator[Row]:
    """A tube of many ready jobs of seven classes."""
    server = Beanstalkd()
    stack.callback(server.stop)
    address = server.address
    assert isinstance(address, tuple)
    bodies = [make_body(number) for number in range(sizes.read)]
    loop = stack.enter_context(asyncio.Runner()).get_loop()
    loop.run_until_complete(_fill(address, bodies))
    raw = stack.enter_context(socket.create_connection(address))
    yield Row(
        f"group {sizes.read:,} jobs by class",
        "raw socket: stats-job, peek",
        None,
        lambda: seconds(lambda: loop.run_until_complete(_group(address, sizes.read))),
        lambda: seconds(lambda: _read_by_socket(raw, sizes.read)),
    )
    yield Row(
        f"filter {sizes.read:,} read bodies (CPU)",
        "grep over the same bytes",
        1.0,
        partial(_filter, [Job(id, body) for id, body in enumerate(bodies)]),
        partial(_grep, _written(bodies, stack)),
        by_difference=True,
    )
    for text in ("ada", "priority > 5"):
        yield Row(
            f"a key of a filter, {sizes.typed:,} jobs (CPU)",
            f"nothing; the filter is {text!r}",
            0.05,
            partial(_type, text, jobs_in_memory(sizes.typed)),
            lambda: 0.0,
            by_difference=True,
        )
    yield Row(
        f"memory of {sizes.million:,} listed jobs (GB)",
        "a list of their ids",
        None,
        partial(_memory, "jobs", sizes.million),
        partial(_memory, "ids", sizes.million),
    )


def make_body(number: int) -> bytes:
    name = f"App\\Jobs\\Job{number % PRODUCERS}"
    order = {"id": number, "to": f"ada-{number}@example.org", "lines": [1, 2, 3]}
    return json.dumps({"class": name, "args": [order], "attempt": 3}).encode()


async def _fill(address: Address, bodies: Sequence[bytes]) -> None:
    async with await AsyncClient.connect(address, timeout=60.0) as client:
        await client.call(commands.use(TUBE))
        await client.pipeline((commands.put(body, 5, 0, 60) for body in bodies), 60.0)


async def _group(address: Address, count: int) -> None:
    connection = ActingConnection(address)
    jobs = JobList(connection, TUBE)
    await jobs.peek(())
    inventory = Inventory(jobs, lambda: 1e9)
    inventory.allow_more()
    await inventory.run()
    groups = groups_of(jobs.scan.found.values(), jobs.census.results, GROUPINGS["class"], 0.0)
    connection.close()
    assert len(groups) == min(PRODUCERS, count), groups
    assert sum(group.count for group in groups) == count


def _read_by_socket(connection: socket.socket, count: int) -> None:
    """Send the same commands, with as many in flight, and count replies, unread."""
    for word, answered in ((b"stats-job", b"kicks: "), (b"peek", b"FOUND ")):
        asked = [b"%b %d\r\n" % (word, id) for id in range(1, count + 1)]
        sent = replies = 0
        while replies < count:
            if wires := asked[sent : replies + DEPTH]:
                connection.sendall(b"".join(wires))
                sent += len(wires)
            data = connection.recv(2**18)
            assert data, "the server closed the connection"
            replies += data.count(answered)


def _filter(jobs: Sequence[Job[bytes]]) -> float:
    matches = JobFilter(WORD).matcher(lambda id: AS_RECOGNIZED)
    return cpu_seconds(lambda: [matches(job) for job in jobs])


def _written(bodies: Sequence[bytes], stack: ExitStack) -> Path:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    file = Path(folder) / "bodies"
    file.write_bytes(b"\n".join(bodies))
    return file


def _grep(file: Path) -> float:
    return cpu_seconds(lambda: subprocess.run(["grep", "-ci", WORD, file], capture_output=True))


def jobs_in_memory(count: int) -> dict[int, JobInfo]:
    ids = range(1, count + 1)
    return {id: listed(id, {"tube": TUBE, "state": "buried", "pri": id}, 0.0) for id in ids}


def _type(text: str, found: dict[int, JobInfo]) -> float:
    keeps = JobFilter(text).test({})
    return cpu_seconds(lambda: JobOrder().ids(ListQuery(None, keeps), found))


MEMORY = """
import resource, sys
from tests.bench.bodies import jobs_in_memory
kept = jobs_in_memory({count}) if {jobs} else list(range({count}))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _memory(what: str, count: int) -> float:
    """Gigabytes that a process takes with these and without."""
    with_them, without = (
        _peak(MEMORY.format(count=number, jobs=what == "jobs")) for number in (count, 1)
    )
    return max(1, with_them - without) * (1 if sys.platform == "darwin" else 1024) / 1e9


def _peak(script: str) -> int:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return int(done.stdout)
