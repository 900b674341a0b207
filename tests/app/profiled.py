"""A program that has measured jobs of which the truth is known, for pictures and for the screen."""

import random
from collections.abc import Sequence
from dataclasses import replace

from beantop.app.app import BeantopApp
from beantop.monitor.focus import Focus
from beantop.monitor.job_times import JobTimes
from beantop.monitor.new_ids import NewIds
from beantop.monitor.poller import ServerStatus
from tests.app import stills
from tests.monitor.queue import Job, Queue, first_in_first_out, follow

SECONDS = 90.0
"""Seconds for which jobs were measured, up to the time of all stills."""

TUBE = "email-transactional"

CLASSES = ("App\\Jobs\\SendWelcomeMail", "App\\Jobs\\SendInvoice", "App\\Jobs\\Digest")


def jobs(rate: float, work: float, workers: int, tube: str = TUBE, seed: int = 4) -> list[Job]:
    """Jobs that come at random, by the clock of the stills."""
    chance = random.Random(seed)
    at, puts = 0.0, []
    while (at := at + chance.expovariate(rate)) < SECONDS:
        puts.append(at)
    found = first_in_first_out(puts, [chance.expovariate(1 / work) for _ in puts], workers, tube)
    began = stills.NOW - SECONDS
    return [
        replace(job, put_at=began + job.put_at, reserved_at=began + job.reserved_at, gone_at=began + job.gone_at)
        for job in found
    ]  # fmt: skip


def measured(
    found: Sequence[Job], tube: str | None = TUBE, first: ServerStatus | None = None
) -> BeantopApp:
    """Return a program that has measured these jobs of a tube, or of all tubes."""
    app = stills.app(first or stills.watched())
    profiler = app.session.fleet.servers[0].profiler
    queue = Queue(found)
    began = stills.NOW - SECONDS
    profiler.times = times = JobTimes(NewIds(0, 0, began), Focus(tube), random.Random(3).random)
    follow(queue, times, since=began, until=stills.NOW, classes=CLASSES if tube else ())
    profiler.polls.extend(
        stills.watched().snapshot.tubes[TUBE]._replace(taken_at=began + at, deletes=180 * at, total_jobs=212 * at)
        for at in range(61)
    )  # fmt: skip
    return app
