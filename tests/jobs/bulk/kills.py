"""KILL at random moments of a bulk delete and a bulk move: no body may be lost.

    python -m tests.jobs.bulk.kills 100

Each time a process of its own begins the action on 600 jobs, and is killed somewhere in between: a
moment after one of its 15 batches.
Afterwards every body must be on the server or in the trash. Of the jobs that were delayed or buried
one at most may be ready: the copy that was on its way to be buried, which the server gives back when
the connection that holds it is lost.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from beantop.beanstalk import State
from beantop.jobs.bulk import runner
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.put_back import Import
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from tests.beanstalkd import Beanstalkd
from tests.jobs.bulk.running import bodies_in_trash, do, jobs_of

JOBS = 600
BATCH = 40  # so that there are many places to be killed at
LONGEST = 0.006
"""Seconds after the end of a batch; it takes about as long as the next one."""
STATES: tuple[State, ...] = ("ready", "delayed", "buried")


def fill(server: Beanstalkd, tube: str) -> list[JobInfo]:
    jobs = [
        SavedJob(tube, f"{tube} {number} {STATES[number % 3]}".encode(), state=STATES[number % 3])
        for number in range(JOBS)
    ]
    delayed = [
        job if job.state != "delayed" else SavedJob(tube, job.body, 0, "delayed", 5, 9000)
        for job in jobs
    ]
    assert do(server, Import(), delayed).done == JOBS
    return [*jobs_of(server, tube).values()]


class Child(NamedTuple):
    """A process, and where it tells how far it is."""

    id: int
    told: int

    def kill_after(self, batches: int, seconds: float) -> None:
        """Kill it so long after the end of that batch."""
        for _ in range(batches):
            os.read(self.told, 1)
        time.sleep(seconds)
        os.kill(self.id, signal.SIGKILL)
        os.waitpid(self.id, 0)
        os.close(self.told)


def _tell(tells: int) -> None:
    os.write(tells, b".")


def begin(server: Beanstalkd, jobs: Sequence[JobInfo], action: str, directory: Path) -> Child:
    """Begin the action in a process of its own, which writes a byte for each batch that it did."""
    told, tells = os.pipe()
    if id := os.fork():
        os.close(tells)
        return Child(id, told)
    try:
        runner.BATCH = BATCH
        act = (
            Delete(Trash(directory).begin("queue", "jobs"))
            if action == "delete"
            else Move(to_tube(f"{jobs[0].tube}-moved"))
        )
        bulk = Bulk(ActingConnection(server.address), act, jobs)
        asyncio.run(bulk.run(partial(_tell, tells)))
    finally:
        os._exit(0)


def kill_once(
    server: Beanstalkd, action: str, name: str, chance: random.Random
) -> tuple[int, int, int]:
    """How many jobs were still in the tube, how many bodies there were twice, and how many jobs had
    become ready."""
    with tempfile.TemporaryDirectory() as directory:
        jobs = fill(server, name)
        batches, seconds = chance.randrange(JOBS // BATCH), chance.uniform(0, LONGEST)
        begin(server, jobs, action, Path(directory)).kill_after(batches, seconds)
        left, moved = jobs_of(server, name), jobs_of(server, f"{name}-moved")
        with server.client() as client:
            bodies = Counter(client.peek(id).body.encode() for id in (*left, *moved))
            became_ready = 0
            for job in (*left.values(), *moved.values()):
                was = client.peek(job.id).body.split()[-1]
                became_ready += was != "ready" and job.state == "ready"
            assert became_ready <= 1, f"{became_ready} delayed or buried jobs are ready"
            twice = sum(count - 1 for count in bodies.values())
            everywhere = bodies + bodies_in_trash(Path(directory))
            lost = JOBS - len(everywhere)
            moment = f"{seconds:.4f} s after batch {batches} of {action}"
            assert lost == 0, f"{lost} of {JOBS} jobs lost, killed {moment}"
            for id in (*left, *moved):
                client.delete(id)
    return len(left), twice, became_ready


def main(kills: int, seed: int) -> None:
    chance = random.Random(seed)
    server = Beanstalkd()
    try:
        for action in ("delete", "move"):
            inside = twice = ready = 0
            for number in range(kills):
                left, doubled, became_ready = kill_once(
                    server, action, f"{action}-{number}", chance
                )
                inside += 0 < left < JOBS
                twice += doubled
                ready += became_ready
            assert inside, "no kill came in the middle"
            print(  # noqa: T201  # it is what the command is for
                f"{action}: {kills} kills, {inside} of them in the middle, 0 jobs lost,"
                f" {twice} twice, {ready} became ready"
            )
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns())
