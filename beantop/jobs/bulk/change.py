"""Sending the commands that change jobs, and counting the replies."""

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
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.job_info import JobInfo

CommandsOf = Callable[[JobInfo], Sequence[Command[object]]]
Refused = tuple[JobInfo, BeanstalkdError]


@dataclass
class Changed:
    """The outcome of each job."""

    done: list[JobInfo] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    """Refused by the server: these jobs are unchanged."""
    half_done: list[Refused] = field(default_factory=list)
    """Reserved for us, and then refused by the server."""
    unknown: list[JobInfo] = field(default_factory=list)
    not_sent: list[JobInfo] = field(default_factory=list)
    ended: str = ""
    """Why some commands were not sent or got no reply."""
    gone: set[int] = field(default_factory=set)
    """Ids of refused jobs that no longer exist."""


async def change(
    turn: Turn, jobs: Sequence[JobInfo], commands_of: CommandsOf, tally: Tally
) -> Changed:
    """Send the commands of all jobs, and count those that were not changed; the caller counts the
    done ones. Sets `tally.ended` if the connection is lost."""
    changed = await send(turn, jobs, commands_of)
    await count_changed(turn, changed, tally)
    return changed


async def send(turn: Turn, jobs: Sequence[JobInfo], commands_of: CommandsOf) -> Changed:
    """Send the commands of all jobs, without counting."""
    commands_by_job = [commands_of(job) for job in jobs]
    attempt = await turn.pipeline_partial(command for sent in commands_by_job for command in sent)
    changed = Changed(ended=describe_error(attempt.error) if attempt.error else "")
    at = 0
    for job, sent in zip(jobs, commands_by_job, strict=True):
        results = attempt.results[at : at + len(sent)]
        errors = [result for result in results if isinstance(result, BeanstalkdError)]
        if errors:
            kind = changed.refused if len(errors) == len(results) else changed.half_done
            kind.append((job, errors[0]))
        elif len(results) == len(sent):
            changed.done.append(job)
        else:
            (changed.unknown if at < attempt.sent else changed.not_sent).append(job)
        at += len(sent)
    return changed


async def count_changed(turn: Turn, changed: Changed, tally: Tally) -> None:
    """Count the jobs that were not changed, and give back those reserved in vain."""
    tally.note(Outcome.UNKNOWN, len(changed.unknown))
    tally.ended = tally.ended or changed.ended
    not_found = [job for job, error in changed.refused if isinstance(error, NotFoundError)]
    others = [error for _, error in changed.refused if not isinstance(error, NotFoundError)]
    tally.others.update(map(refusal, others))
    if not_found:
        changed.gone = await count_refused(turn, not_found, tally)
    if changed.half_done:
        await _give_back(turn, changed.half_done, tally)


async def _give_back(turn: Turn, taken: Sequence[Refused], tally: Tally) -> None:
    """Restore jobs that we hold to their previous state, and count them."""
    attempt = await turn.pipeline_partial([as_it_was(job) for job, _ in taken])
    for (_, first_error), result in zip(taken, attempt.results, strict=False):
        if not isinstance(result, BeanstalkdError):
            tally.others[refusal(first_error)] += 1
        else:
            tally.note(_half_done_outcome(first_error, result))
    tally.note(Outcome.UNKNOWN, len(taken) - len(attempt.results))
    if attempt.error:
        tally.ended = tally.ended or describe_error(attempt.error)


def as_it_was(job: JobInfo) -> Command[None]:
    """Return the command that restores a reserved job to its previous state."""
    if job.state == "buried":
        return commands.bury(job.id, job.known_priority)
    return commands.release(job.id, job.known_priority, job.waits)


def _half_done_outcome(first: BeanstalkdError, second: BeanstalkdError) -> Outcome:
    """Return the outcome of a job for which the change failed, and then returning it too."""
    if isinstance(first, BuriedError) or isinstance(second, BuriedError):
        return Outcome.BURIED
    if isinstance(second, NotFoundError):
        return Outcome.RESERVATION_LOST
    return Outcome.RESERVED_BY_US


def refusal(error: BeanstalkdError) -> Reason:
    """Return the outcome of a job that the server refused to change."""
    if isinstance(error, UnknownCommandError | BadFormatError):
        return Reason(Outcome.UNKNOWN_COMMAND)
    word = error.command.partition(" ")[0]
    return Reason(Outcome.REFUSED, f"({word}): {error.sentence}")
