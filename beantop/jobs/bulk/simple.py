"""Actions that keep the id and the tube of a job: kick, bury, change the priority or the delay."""

from collections.abc import Sequence
from dataclasses import dataclass

from beantop.beanstalk import Command, State, commands
from beantop.jobs.bulk.change import change
from beantop.jobs.bulk.checks import still_there
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo


class Simple:
    """Checks each job again, then sends its commands."""

    done: str

    def why_not(self, job: JobInfo) -> Reason | None:
        """Return why the action does not apply to this job, if so."""
        raise NotImplementedError

    def state_after(self, job: JobInfo) -> State | None:
        """Return the state that the action leaves this job in, if nobody else changes it."""
        raise NotImplementedError

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        raise NotImplementedError

    async def apply(self, turn: Turn, jobs: Sequence[JobInfo], tally: Tally) -> int:
        suitable = []
        for job in await still_there(turn, jobs, tally):
            if why := self.why_not(job):
                tally.others[why] += 1
            else:
                suitable.append(job)
        changed = await change(turn, suitable, self.commands_of, tally)
        tally.note_done(job.id for job in changed.done)
        return len(jobs)

    async def finish(self) -> None:
        pass


class Kick(Simple):
    """Make buried and delayed jobs ready by id, since `kick` takes whatever job comes first."""

    done = "Kicked"

    def why_not(self, job: JobInfo) -> Reason | None:
        return Reason(Outcome.ALREADY, "ready") if job.state == "ready" else None

    def state_after(self, job: JobInfo) -> State | None:
        return "ready"

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        return [commands.kick_job(job.id)]


class Bury(Simple):
    """Bury ready and delayed jobs: reserve each by its id, and bury it at once."""

    done = "Buried"

    def why_not(self, job: JobInfo) -> Reason | None:
        return Reason(Outcome.ALREADY, "buried") if job.state == "buried" else None

    def state_after(self, job: JobInfo) -> State | None:
        return "buried"

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        return [commands.reserve_job(job.id), commands.bury(job.id, job.known_priority)]


@dataclass
class Reprioritize(Simple):
    """Change the priority or the delay of jobs. A buried job stays buried."""

    priority: int | None = None
    """None keeps the current one."""
    delay: int | None = None
    """Seconds; None keeps the time that is left."""
    done = "Changed"

    def why_not(self, job: JobInfo) -> Reason | None:
        buried = job.state == "buried" and self.delay is not None
        return Reason(Outcome.NO_DELAY_WHILE_BURIED) if buried else None

    def state_after(self, job: JobInfo) -> State | None:
        if job.state == "buried" or self.delay is None:
            return job.state
        return "delayed" if self.delay else "ready"

    def commands_of(self, job: JobInfo) -> Sequence[Command[object]]:
        priority = job.known_priority if self.priority is None else self.priority
        if job.state == "buried":
            return [commands.reserve_job(job.id), commands.bury(job.id, priority)]
        delay = job.waits if self.delay is None else self.delay
        return [commands.reserve_job(job.id), commands.release(job.id, priority, delay)]
