"""Changing things on a server, by order of a person, and saying truly what came of it.

Every action looks again, immediately before it acts, whether its target still is what the person
saw; if it is not, nothing is done. A command whose reply was lost is "unknown", and never repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from beantop.beanstalk import BeanstalkdError, Error, NotFoundError, State, commands, reason
from beantop.jobs.connection import ActingConnection
from beantop.jobs.look import JobSeen


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action, as a sentence for a person."""

    result: Literal["done", "refused", "unknown"]
    """`refused`: nothing was changed. `unknown`: it may have been done or not."""
    sentence: str


class _Refused(Exception):
    """Nothing is to be done; the text says why."""


async def kick(
    connection: ActingConnection, tube: str, state: Literal["buried", "delayed"], bound: int
) -> Outcome:
    """Make up to `bound` buried or delayed jobs of a tube ready.

    The server takes delayed jobs only while none is buried, and buried ones before all others, so
    each state is kicked only when its turn it is.
    """

    async def act() -> str:
        stats = await connection.call(commands.stats_tube(tube))
        buried = stats.get("current-jobs-buried", 0)
        if state == "buried" and not buried:
            raise _Refused(f"Nothing is buried in {tube} any more. Nothing was kicked.")
        if state == "delayed" and buried:
            raise _Refused(f"{tube} has buried jobs by now, and a kick would take those.")
        kicked = await connection.call_in(tube, commands.kick(bound))
        return f"Kicked {kicked:,} {state} {_jobs(kicked)} of {tube}."

    return await _outcome(act, gone=f"{tube} has gone. Nothing was kicked.")


async def kick_job(connection: ActingConnection, seen: JobSeen) -> Outcome:
    """Make a buried or delayed job ready."""

    async def act() -> str:
        await _check(connection, seen)
        await connection.call(commands.kick_job(seen.id))
        return f"Kicked job {seen.id}: it is ready."

    return await _outcome(act, gone=_gone(seen))


async def delete_job(connection: ActingConnection, seen: JobSeen) -> Outcome:
    """Remove a job for good."""

    async def act() -> str:
        await _check(connection, seen)
        await connection.call(commands.delete(seen.id))
        return f"Deleted job {seen.id}."

    return await _outcome(act, gone=_gone(seen))


async def pause_tube(connection: ActingConnection, tube: str, seconds: int) -> Outcome:
    """Let nothing be reserved from a tube for that long; 0 resumes it."""

    async def act() -> str:
        await connection.call(commands.pause_tube(tube, seconds))
        return f"Paused {tube} for {seconds:,} s." if seconds else f"Resumed {tube}."

    return await _outcome(act, gone=f"{tube} has gone. Nothing was paused.")


def why_not_kick(state: State | None) -> str:
    """Why a job in that state cannot be kicked; nothing if it can."""
    if state in ("buried", "delayed"):
        return ""
    return f"The job is {state or 'unknown'}. Kick is for buried and delayed jobs."


def why_not_delete(seen: JobSeen) -> str:
    """Why a job cannot be deleted; nothing if it can."""
    if seen.state != "reserved":
        return ""
    left = seen.stats.get("time-left", 0)
    return (
        f"A worker holds this job for {left:,} s more. beanstalkd lets only that worker delete it."
    )


async def _check(connection: ActingConnection, seen: JobSeen) -> None:
    """That the job still is in the tube and state in which it was seen."""
    now = await connection.call(commands.stats_job(seen.id))
    if (now.get("tube"), now.get("state")) != (seen.stats.get("tube"), seen.state):
        raise _Refused(
            f"Job {seen.id} is {now.get('state')} by now, it was {seen.state}. Nothing was changed."
        )


async def _outcome(act: Callable[[], Awaitable[str]], gone: str) -> Outcome:
    try:
        return Outcome("done", await act())
    except _Refused as refusal:
        return Outcome("refused", str(refusal))
    except NotFoundError:
        return Outcome("refused", gone)
    except BeanstalkdError as error:
        return Outcome("refused", f"The server refused. {error}.")
    except (OSError, Error) as error:
        return Outcome("unknown", f"Outcome unknown, no answer came: {reason(error)}.")


def _gone(seen: JobSeen) -> str:
    return f"Job {seen.id} is gone, or a worker has taken it meanwhile. Nothing was changed."


def _jobs(count: int) -> str:
    return "job" if count == 1 else "jobs"
