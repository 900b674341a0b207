"""Running actions on jobs of a server, and what the server and the trash have afterwards."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from beantop.beanstalk import Client
from beantop.jobs import scan as scan_module
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.scan import Scan
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, put_buried

FEW_AHEAD = 64
"""Ids that a scan looks at above the highest job before it walks down: tests have few."""


def one_of_each(client: Client[str]) -> dict[str, int]:
    """A job in each state, in the used tube that the client watches alone."""
    buried = put_buried(client, "buried body")
    reserved = client.put("reserved body")
    client.reserve_job(reserved)
    return {
        "buried": buried,
        "reserved": reserved,
        "ready": client.put("ready body", priority=7, ttr=77),
        "delayed": client.put("delayed body", delay=1000, priority=8, ttr=88),
    }


def jobs_of(server: Beanstalkd, tube: str) -> dict[int, JobInfo]:
    """All jobs of a tube, as a person sees them."""

    async def scan(connection: ActingConnection) -> dict[int, JobInfo]:
        scan = Scan(connection, tube)
        assert (await scan.run()).complete
        return scan.found

    with patch.object(scan_module, "LOOKED_AHEAD", FEW_AHEAD):
        return acting(server.address, scan)


def became(outcome: Outcome, number: int = 1, detail: str = "") -> Counter[Reason]:
    """What became of jobs or tubes, all alike, that an action did not succeed on."""
    return Counter({Reason(outcome, detail): number})


def do(
    server: Beanstalkd,
    act: Act[Any],
    items: Sequence[Any],
    meanwhile: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Run the action and return its tally; `meanwhile` runs after each batch."""

    async def run(connection: ActingConnection) -> Tally:
        bulk = Bulk(connection, act, items)
        return await bulk.run(lambda: meanwhile(bulk.tally))

    tally = acting(server.address, run)
    assert tally.tried + tally.left == tally.total == len(items)
    return tally


def delete_saved(server: Beanstalkd, trash: Trash, jobs: Sequence[JobInfo]) -> Tally:
    return do(server, Delete(trash.begin("queue", "jobs")), jobs)


def bodies_in_trash(directory: Path) -> Counter[bytes]:
    """The bodies of all jobs that may have been deleted."""
    trash, bodies = Trash(directory), Counter[bytes]()
    for deletion in filter(None, map(trash.read, trash.deletions())):
        with trash.open(deletion) as file:
            places = [deletion.places[id] for id in deletion.restorable]
            bodies.update(job.body for job in file.jobs_at(places) if job)
    return bodies


def bodies_on(client: Client[str], ids: Sequence[int]) -> Counter[bytes]:
    """The bodies of the jobs with these ids."""
    return Counter(client.peek(id).body.encode() for id in ids)
