"""The actions that leave a job where it is and what it is: kick, bury, give another priority."""

from collections.abc import Sequence
from dataclasses import dataclass

from beantop.beanstalk import Command, commands
from beantop.jobs.bulk.change import change
from beantop.jobs.bulk.checks import still_there
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo


class _Simple:
    """Looks again at each job, then sends the commands for it."""

    done: str

    def why_not(self, job: JobInfo) -> str:
        """Why it makes no sense for this job, as what is true of it; nothing if it does."""
        raise NotImplementedError

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        raise NotImplementedError

    async def on(self, turn: Turn, things: Sequence[JobInfo], tally: Tally) -> int:
        fit = []
        for job in await still_there(turn, things, tally):
            if why := self.why_not(job):
                tally.failed[why] += 1
            else:
                fit.append(job)
        changed = await change(turn, fit, self.commands_of, tally)
        tally.note_done(job.id for job in changed.done)
        return len(things)

    def finish(self) -> None:
        pass


class Kick(_Simple):
    """Make buried and delayed jobs ready, each by its id: `kick` would take what comes first."""

    done = "Kicked"

    def why_not(self, job: JobInfo) -> str:
        return "is ready already" if job.state == "ready" else ""

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        return [commands.kick_job(job.id)]


class Bury(_Simple):
    """Bury ready and delayed jobs. They are taken by their ids, and buried in the same breath."""

    done = "Buried"

    def why_not(self, job: JobInfo) -> str:
        return "is buried already" if job.state == "buried" else ""

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        return [commands.reserve_job(job.id), commands.bury(job.id, job.known_priority)]


@dataclass
class Reprioritize(_Simple):
    """Give jobs another priority, or another delay. A buried one stays buried."""

    priority: int | None = None
    """None: the one it has."""
    delay: int | None = None
    """Seconds; None: what it still has to wait."""
    done = "Changed"

    def why_not(self, job: JobInfo) -> str:
        buried = job.state == "buried" and self.delay is not None
        return "is buried: only kicked jobs can be delayed" if buried else ""

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        priority = job.known_priority if self.priority is None else self.priority
        if job.state == "buried":
            return [commands.reserve_job(job.id), commands.bury(job.id, priority)]
        delay = job.waits if self.delay is None else self.delay
        return [commands.reserve_job(job.id), commands.release(job.id, priority, delay)]
