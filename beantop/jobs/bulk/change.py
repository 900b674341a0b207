"""Sending the commands that change jobs, and counting what the server says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from beantop.beanstalk import (
    BadFormatError,
    BeanstalkdError,
    BuriedError,
    Command,
    NotFoundError,
    UnknownCommandError,
    commands,
    describe_error,
)
from beantop.jobs.bulk.checks import count_refused
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo

CommandsOf = Callable[[JobInfo], Sequence[Command[object]]]
Refused = tuple[JobInfo, BeanstalkdError]


@dataclass
class Changed:
    """What came of each job."""

    done: list[JobInfo] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    """The server said no: they are what they were."""
    half_done: list[Refused] = field(default_factory=list)
    """The server took them for us, and then said no."""
    unknown: list[JobInfo] = field(default_factory=list)
    not_sent: list[JobInfo] = field(default_factory=list)
    ended: str = ""
    """Why some were not sent, or not answered."""
    gone: set[int] = field(default_factory=set)
    """The ids of refused ones that are not there any more."""


async def change(
    turn: Turn, jobs: Sequence[JobInfo], commands_of: CommandsOf, tally: Tally
) -> Changed:
    """Send the commands of all jobs, and count those that were not changed; whoever asked counts
    the done ones. A loss of the connection sets `tally.ended`."""
    changed = await send(turn, jobs, commands_of)
    await count_changed(turn, changed, tally)
    return changed


async def send(turn: Turn, jobs: Sequence[JobInfo], commands_of: CommandsOf) -> Changed:
    """Send the commands of all jobs, and count nothing."""
    asked = [commands_of(job) for job in jobs]
    attempt = await turn.pipeline_partial(command for some in asked for command in some)
    changed = Changed(ended=describe_error(attempt.error) if attempt.error else "")
    at = 0
    for job, some in zip(jobs, asked, strict=True):
        results = attempt.results[at : at + len(some)]
        errors = [one for one in results if isinstance(one, BeanstalkdError)]
        if errors:
            kind = changed.refused if len(errors) == len(results) else changed.half_done
            kind.append((job, errors[0]))
        elif len(results) == len(some):
            changed.done.append(job)
        else:
            (changed.unknown if at < attempt.sent else changed.not_sent).append(job)
        at += len(some)
    return changed


async def count_changed(turn: Turn, changed: Changed, tally: Tally) -> None:
    """Count those that were not changed, and give back what was taken for nothing."""
    tally.unknown += len(changed.unknown)
    tally.ended = tally.ended or changed.ended
    not_found = [job for job, error in changed.refused if isinstance(error, NotFoundError)]
    others = [error for _, error in changed.refused if not isinstance(error, NotFoundError)]
    tally.failed.update(map(refusal, others))
    if not_found:
        changed.gone = await count_refused(turn, not_found, tally)
    if changed.half_done:
        await _give_back(turn, changed.half_done, tally)


async def _give_back(turn: Turn, taken: Sequence[Refused], tally: Tally) -> None:
    """Have jobs that we hold be again what they were, and count them."""
    attempt = await turn.pipeline_partial([as_it_was(job) for job, _ in taken])
    for (_, why), result in zip(taken, attempt.results, strict=False):
        if not isinstance(result, BeanstalkdError):
            tally.failed[refusal(why)] += 1
        else:
            tally.half_done[_what_it_is_now(why, result)] += 1
    tally.unknown += len(taken) - len(attempt.results)
    if attempt.error:
        tally.ended = tally.ended or describe_error(attempt.error)


def as_it_was(job: JobInfo) -> Command[None]:
    """The command that makes a job again what it was before we took it."""
    if job.state == "buried":
        return commands.bury(job.id, job.known_priority)
    return commands.release(job.id, job.known_priority, job.waits)


def _what_it_is_now(why: BeanstalkdError, then: BeanstalkdError) -> str:
    """What became of a job that could neither be changed nor be given back, for these reasons."""
    if isinstance(why, BuriedError) or isinstance(then, BuriedError):
        return "was buried: the server is out of memory"
    if isinstance(then, NotFoundError):
        return "was taken, and is not in our hands any more"
    return "is held by beantop until its ttr ends: the server did not take it back"


def refusal(error: BeanstalkdError) -> str:
    """A server's no, as what came of a job."""
    if isinstance(error, UnknownCommandError | BadFormatError):
        return "is out of reach: this server does not know the command (beanstalkd 1.12 does)"
    word = error.command.partition(" ")[0]
    return f"was refused ({word}): {error.sentence}"
