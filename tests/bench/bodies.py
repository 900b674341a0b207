"""Reading many jobs: groups beside a raw scan, a filter beside grep, and what a million jobs take."""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from statistics import median

from beantop.app.action_context import ActionContext
from beantop.app.actions.jobs import act_on, kick_jobs
from beantop.app.session.options import AS_USUAL
from beantop.app.session.session import Session
from beantop.app.view.job_filter import JobFilter
from beantop.beanstalk import Address, AsyncClient, Job, commands
from beantop.beanstalk.commands import DEPTH
from beantop.commands.acting import PolledOnce
from beantop.commands.command_user import Answers, CommandUser
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.connection import ActingConnection
from beantop.jobs.groups import GROUPINGS, Group, groups_of
from beantop.jobs.inventory import Inventory
from beantop.jobs.job_info import JobInfo, listed
from beantop.jobs.job_order import JobOrder, ListQuery
from beantop.jobs.listing import JobList
from tests.beanstalkd import Beanstalkd
from tests.bench.painted import costs_of
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
    loop.run_until_complete(fill(address, TUBE, bodies[: sizes.grouped]))
    raw = stack.enter_context(socket.create_connection(address))
    yield Row(
        f"group {sizes.grouped:,} jobs by class",
        "raw socket: stats-job, peek",
        None,
        lambda: seconds(lambda: loop.run_until_complete(_checked_groups(address, sizes.grouped))),
        lambda: seconds(lambda: _read_by_socket(raw, sizes.grouped)),
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
        f"a key in a list of {sizes.million:,} jobs (CPU)",
        "nothing",
        0.05,
        partial(_key, sizes.million),
        lambda: 0.0,
        by_difference=True,
    )
    yield Row(
        f"K on {sizes.million:,} marked jobs (CPU)",
        "nothing; until it asks",
        0.3,
        partial(_ask, list_of_jobs(sizes.million)),
        lambda: 0.0,
        by_difference=True,
    )
    yield Row(
        f"memory of {sizes.million:,} listed jobs",
        "a list of their ids",
        None,
        partial(_memory, "jobs", sizes.million),
        partial(_memory, "ids", sizes.million),
        unit="GB",
    )


def make_body(number: int) -> bytes:
    name = f"App\\Jobs\\Job{number % PRODUCERS}"
    order = {"id": number, "to": f"ada-{number}@example.org", "lines": [1, 2, 3]}
    return json.dumps({"class": name, "args": [order], "attempt": 3}).encode()


async def fill(address: Address, tube: str, bodies: Iterable[bytes]) -> None:
    """Put a job with each of these bodies."""
    async with await AsyncClient.connect(address, timeout=60.0) as client:
        await client.call(commands.use(tube))
        await client.pipeline((commands.put(body, 5, 0, 60) for body in bodies), 60.0)


async def group(address: Address, tube: str) -> list[Group]:
    """Group the jobs of a tube by class, as the screen does."""
    connection = ActingConnection(address)
    jobs = JobList(connection, tube)
    await jobs.peek(())
    inventory = Inventory(jobs, lambda: 1e9)
    inventory.allow_more()
    await inventory.run()
    groups = groups_of(jobs.scan.found.values(), jobs.census.results, GROUPINGS["class"], 0.0)
    connection.close()
    return groups


async def _checked_groups(address: Address, count: int) -> None:
    groups = await group(address, TUBE)
    assert len(groups) == min(PRODUCERS, count), groups
    assert sum(one.count for one in groups) == count


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
    _, tube, state, _, *others = listed(1, {"tube": TUBE, "state": "buried"}, 0.0)
    return {id: JobInfo._make((id, tube, state, id, *others)) for id in range(1, count + 1)}


def list_of_jobs(count: int) -> JobList:
    """Return a list with this many found jobs, without a connection."""
    jobs = JobList(ActingConnection(("127.0.0.1", 1)), TUBE)
    jobs.scan.found = jobs_in_memory(count)
    return jobs


def _type(text: str, found: dict[int, JobInfo]) -> float:
    keeps = JobFilter(text).test({})
    return cpu_seconds(lambda: JobOrder().ids(ListQuery(None, keeps), found))


def _key(count: int) -> float:
    costs, _ = costs_of("job_list_app", count, 5)
    return median(costs.keys)


def _ask(jobs: JobList) -> float:
    """Return the CPU seconds from the key to the question, which is answered with no."""
    session = Session([PolledOnce(("127.0.0.1", 1), None)], AS_USUAL, (), time.monotonic, time.time)
    server = session.fleet.shown
    user = CommandUser(Answers(only_asks=True), lambda code, sentence: code)
    context = ActionContext(user, server.connection, session.services, lambda: session.views()[0])
    marked = set(jobs.scan.found)
    took = cpu_seconds(lambda: asyncio.run(_kick(context, jobs, marked)))
    assert user.number == len(marked), user.number
    return took


async def _kick(context: ActionContext, jobs: JobList, marked: set[int]) -> None:
    await act_on(context, kick_jobs, jobs.rows_of(marked))


MEMORY = """
from tests.bench.bodies import jobs_in_memory
from tests.used import memory_of
kept = jobs_in_memory({count}) if {jobs} else list(range({count}))
print(memory_of())
"""


def _memory(what: str, count: int) -> float:
    """Return the gigabytes that these take. Linux only."""
    with_them = _resident(MEMORY.format(count=count, jobs=what == "jobs"))
    return max(1, with_them - _without()) * 1024 / 1e9


@cache
def _without() -> int:
    return _resident(MEMORY.format(count=1, jobs=True))


def _resident(script: str) -> int:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return int(done.stdout)
