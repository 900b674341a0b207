"""Sending the commands that change jobs, and counting what the server says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from beantop.beanstalk import (
    BadFormatError,
    BeanstalkdError,
    Command,
    NotFoundError,
    UnknownCommandError,
    reason,
)
from beantop.jobs.bulk.checks import count_refused
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn
from beantop.jobs.listed import ListedJob


@dataclass(frozen=True)
class Changed:
    """What came of each job."""

    done: list[ListedJob]
    refused: list[ListedJob]
    """The server said no: they are what they were."""
    unknown: list[ListedJob]


async def change(
    turn: Turn,
    jobs: Sequence[ListedJob],
    commands_of: Callable[[ListedJob], Sequence[Command[object]]],
    tally: Tally,
) -> Changed:
    """Send the commands of all jobs, and count those that were not changed; whoever asked counts
    the done ones. A loss of the connection sets `tally.ended`."""
    asked = [commands_of(job) for job in jobs]
    attempt = await turn.attempt(command for some in asked for command in some)
    changed, not_found = Changed([], [], []), []
    at = 0
    for job, some in zip(jobs, asked, strict=True):
        results = attempt.results[at : at + len(some)]
        error = next((one for one in results if isinstance(one, BeanstalkdError)), None)
        if error:
            changed.refused.append(job)
            if isinstance(error, NotFoundError):
                not_found.append(job)
            else:
                tally.failed[refusal(error)] += 1
        elif len(results) == len(some):
            changed.done.append(job)
        elif at < attempt.sent:
            changed.unknown.append(job)
        at += len(some)
    tally.unknown += len(changed.unknown)
    if attempt.error:
        tally.ended = reason(attempt.error)
    if not_found:
        await count_refused(turn, not_found, tally)
    return changed


def refusal(error: BeanstalkdError) -> str:
    """A server's no, as the end of "it is …"."""
    if isinstance(error, UnknownCommandError | BadFormatError):
        return "out of reach: this server does not know the command (beanstalkd 1.12 does)"
    return f"refused: {error}"
