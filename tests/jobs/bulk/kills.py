"""KILL at random moments of a delete, of putting back, of a move and of an export.

    python -m tests.jobs.bulk.kills 100             # of each
    python -m tests.jobs.bulk.kills 100 SEED move   # of one, with the chances of that number, or of -

Each time a process of its own begins the action on 600 jobs, and is killed somewhere in between: a
moment after one of its 15 batches. Then whatever a person would do is done: what is left parked is
looked for, told and finished, and `U` is pressed until it has nothing more to put back. In the end
each body must be on the server once, in the state that it had. Of the jobs that were buried one at
most may have become ready: the one that was on its way to be buried, which the server gives back when
the connection that holds it is lost; it is buried with the others.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from beantop.beanstalk import Job, State
from beantop.jobs import finding
from beantop.jobs.bulk import move, put_back, runner
from beantop.jobs.bulk.delete import Delete
from beantop.jobs.bulk.finish import Finishing
from beantop.jobs.bulk.move import Move, to_tube
from beantop.jobs.bulk.put_back import Import, PutBack
from beantop.jobs.bulk.runner import Act, Bulk
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.job_info import JobInfo
from beantop.jobs.parking import Parking
from beantop.jobs.records import SavedJob
from beantop.jobs.trash.store import Trash
from beantop.report.export import export_to
from tests.beanstalkd import Beanstalkd, wait_until
from tests.jobs.acting import acting
from tests.jobs.bulk.running import delete_saved, do, jobs_of

JOBS = 600
BATCH = 40  # so that there are many places to be killed at
LONGEST = 0.006
"""Seconds after the end of a batch; it takes about as long as the next one."""
STATES: tuple[State, ...] = ("ready", "delayed", "buried")
SIZES = [
    (runner, "BATCH"), (move, "PARKED_AT_ONCE"), (put_back, "PARKED_AT_ONCE"), (finding, "BATCH")
]  # fmt: skip
"""How much is done at once, by its name."""
SERVER = "queue"
"""Its name in the trash and in records."""


@dataclass
class Scene:
    """A tube with jobs on a server, and the directories of a user."""

    server: Beanstalkd
    tube: str
    directory: Path
    states: Sequence[State] = STATES
    told: int = 0
    """Jobs that were told to be parked."""
    twice: int = 0
    """Jobs that were told to be there twice."""

    @property
    def trash(self) -> Trash:
        return Trash(self.directory / "trash")

    @property
    def parking(self) -> Parking:
        return Parking(self.directory / "parking")

    def fill(self) -> list[JobInfo]:
        jobs = []
        for number in range(JOBS):
            state = self.states[number % len(self.states)]
            body = f"{self.tube} {number} {state}".encode()
            delay = 9000 if state == "delayed" else 0
            jobs.append(SavedJob(self.tube, body, 0, state, 5, delay))
        assert do(self.server, Import(), jobs).done == JOBS
        return [*jobs_of(self.server, self.tube).values()]

    def jobs(self) -> dict[int, JobInfo]:
        return {**jobs_of(self.server, self.tube), **jobs_of(self.server, f"{self.tube}-moved")}

    def press_u(self) -> bool:
        """Finish what was cut off, then put back the last deletion. Whether there was one."""
        acting(self.server.address, self._finish)
        if not (deletion := self.trash.last(SERVER).deletion):
            return False
        do(self.server, self.putting_back(), deletion.restorable)
        return True

    def putting_back(self) -> PutBack:
        deletion = self.trash.last(SERVER).deletion
        assert deletion
        record = self.parking.begin(SERVER, "put back", "jobs", trash=deletion.path)
        return PutBack(deletion, self.trash.open(deletion), record=record)

    async def _finish(self, connection: ActingConnection) -> None:
        for action in self.parking.cut_off(SERVER):
            finishing = Finishing(action, self.parking, self.trash, connection)
            left = await finishing.examine()
            self.told += len(left.parked)
            self.twice += len(left.waiting) if action.act == "move" else 0
            assert not left.problem
            assert not left.unclear
            done = await finishing.finish()
            assert not done.failed
        assert self.parking.cut_off(SERVER) == []

    def check(self) -> None:
        """Each body is there once, in its state; all that is parked was told."""
        jobs = self.jobs()
        with self.server.client() as client:
            bodies = {id: client.peek(id).body for id in jobs}
        counts = Counter(bodies.values())
        assert len(counts) == JOBS, f"{JOBS - len(counts)} of {JOBS} jobs lost"
        doubled = sum(counts.values()) - JOBS
        assert not doubled, f"{doubled} of {JOBS} jobs are there twice"
        wrong = Counter(
            f"{bodies[id].split()[-1]} is {job.standing}"
            for id, job in jobs.items()
            if job.is_parked or job.state != bodies[id].split()[-1]
        )
        assert not wrong, f"jobs in a wrong state: {wrong}"

    def clear(self) -> None:
        with self.server.client() as client:
            for id in self.jobs():
                client.delete(id)


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


def begin(run: Callable[[Callable[[], None]], object]) -> Child:
    """Run something in a process of its own, which is given what tells that a batch is done."""
    told, tells = os.pipe()
    if id := os.fork():
        os.close(tells)
        return Child(id, told)
    try:
        for module, name in SIZES:
            setattr(module, name, BATCH)
        run(partial(_tell, tells))
    finally:
        os._exit(0)


def act_on(scene: Scene, act: Act[Any], items: Sequence[Any], tell: Callable[[], None]) -> None:
    asyncio.run(Bulk(ActingConnection(scene.server.address), act, items).run(tell))


def kill(scene: Scene, chance: random.Random, run: Callable[[Callable[[], None]], object]) -> None:
    """Kill it, and wait until the server has done all that it was sent."""
    batches, seconds = chance.randrange(JOBS // BATCH), chance.uniform(0, LONGEST)
    begin(run).kill_after(batches, seconds)
    with scene.server.client() as client:
        wait_until(lambda: client.stats()["current-connections"] == 1, "it has gone")


def delete(scene: Scene, chance: random.Random) -> bool:
    """A delete is killed, the rest is deleted, and all is put back."""
    jobs, trash = scene.fill(), scene.trash
    kill(scene, chance, lambda tell: act_on(scene, Delete(trash.begin(SERVER, "jobs")), jobs, tell))
    rest = [*scene.jobs().values()]
    delete_saved(scene.server, trash, rest)
    while scene.press_u():
        pass
    return 0 < len(rest) < JOBS


def put_all_back(scene: Scene, chance: random.Random) -> bool:
    """Putting back is killed, and goes on."""
    delete_saved(scene.server, scene.trash, scene.fill())
    items = getattr(scene.trash.last(SERVER).deletion, "restorable", [])
    kill(scene, chance, lambda tell: act_on(scene, scene.putting_back(), items, tell))
    there = len(scene.jobs())
    check_told(scene)
    while scene.press_u():
        pass
    return 0 < there < JOBS


def move_all(scene: Scene, chance: random.Random) -> bool:
    """A move is killed, and finished."""
    jobs, goal = scene.fill(), f"{scene.tube}-moved"
    record = scene.parking.begin(SERVER, "move", "jobs")
    act = Move(to_tube(goal), record=record)
    kill(scene, chance, lambda tell: act_on(scene, act, jobs, tell))
    left = len(jobs_of(scene.server, scene.tube))
    check_told(scene)
    scene.press_u()
    return 0 < left < JOBS


def check_told(scene: Scene) -> None:
    """What is parked, or became ready on its way, is what will be told; so is what is there twice."""
    jobs = scene.jobs()
    with scene.server.client() as client:
        bodies = {id: client.peek(id).body for id in jobs}
    parked = [id for id, job in jobs.items() if job.is_parked]
    fell_out = [
        id for id, job in jobs.items() if bodies[id].endswith("buried") and job.state == "ready"
    ]
    assert len(fell_out) <= 1
    seen = Counter(body for id, body in bodies.items() if id not in parked)
    acting(scene.server.address, scene._finish)
    assert scene.told == len(parked) + len(fell_out), (scene.told, len(parked), len(fell_out))
    assert scene.twice == seen.total() - len(seen), (scene.twice, seen.total() - len(seen))


def export(scene: Scene, chance: random.Random) -> bool:
    """An export is killed: there is no file, or the whole file."""
    scene.fill()
    file = scene.directory / "jobs.jsonl"

    def run(tell: Callable[[], None]) -> None:
        peek = finding.peek_some  # type: ignore[attr-defined]  # imported there

        async def told(turn: Turn, ids: Sequence[int]) -> list[Job[bytes] | None]:
            tell()
            return await peek(turn, ids)

        finding.peek_some = told  # type: ignore[attr-defined]  # in a process of its own
        export_to(scene.server.address, scene.tube, str(file))

    kill(scene, chance, run)
    if file.exists():
        assert len(file.read_bytes().splitlines()) == JOBS, "half of an export has its name"
    return not file.exists()


ACTIONS: dict[str, tuple[Callable[[Scene, random.Random], bool], Sequence[State]]] = {
    "delete": (delete, STATES),
    "U": (put_all_back, STATES),
    "move": (move_all, STATES),
    "move of buried jobs": (move_all, ["buried"]),
    "export": (export, STATES),
}


def kill_once(
    server: Beanstalkd, name: str, number: int, chance: random.Random
) -> tuple[bool, Scene]:
    """Whether the kill came in the middle, and what was told."""
    act, states = ACTIONS[name]
    with tempfile.TemporaryDirectory() as directory:
        tube = f"{name.replace(' ', '-')}-{number}"
        scene = Scene(server, tube, Path(directory), states)
        inside = act(scene, chance)
        scene.check()
        scene.clear()
    return inside, scene


def main(kills: int, seed: int, names: Sequence[str]) -> None:
    chance = random.Random(seed)
    server = Beanstalkd()
    try:
        for name in names:
            inside = told = twice = 0
            for number in range(kills):
                came_inside, scene = kill_once(server, name, number, chance)
                inside += came_inside
                told += scene.told
                twice += scene.twice
            print(  # noqa: T201  # it is what the command is for
                f"{name}: {kills} kills, {inside} of them in the middle: 0 jobs lost, 0 twice,"
                f" 0 parked in the end; told of {told} parked ones, and of {twice} that were twice"
            )
    finally:
        server.stop()


if __name__ == "__main__":
    kills, seed, *names = [*sys.argv[1:], "-"][: max(2, len(sys.argv) - 1)]
    main(int(kills), time.time_ns() if seed == "-" else int(seed), names or list(ACTIONS))
