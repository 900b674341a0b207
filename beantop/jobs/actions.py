"""Changing things on a server, by order of a person, and saying truly what came of it.

Every action looks again, immediately before it acts, whether its target still is what the person
saw; if it is not, nothing is done. A command whose reply was lost is "unknown", and never repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from beantop.beanstalk import BeanstalkdError, Error, NotFoundError, State, commands, reason
from beantop.jobs.connection import ActingConnection, Turn
from beantop.jobs.look import JobSeen, find_job
from beantop.text import counted


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

    The server takes delayed jobs only while none is buried, so each state is kicked only when it is
    its turn.
    """

    async def check(turn: Turn) -> None:
        stats = await turn.call(commands.stats_tube(tube))
        buried, delayed = stats.get("current-jobs-buried"), stats.get("current-jobs-delayed")
        if state == "delayed" and buried:
            raise _Refused(
                f"{tube} has buried jobs by now, and a kick would take those. Nothing was kicked."
            )
        if not (buried if state == "buried" else delayed):
            raise _Refused(f"Nothing is {state} in {tube} any more. Nothing was kicked.")

    async def act(turn: Turn) -> str:
        kicked = await turn.call_in(tube, commands.kick(bound))
        return f"Kicked {counted(kicked, f'{state} job')} of {tube}."

    return await _outcome(connection, check, act, gone=f"{tube} has gone. Nothing was kicked.")


async def kick_job(connection: ActingConnection, seen: JobSeen) -> Outcome:
    """Make a buried or delayed job ready."""

    async def act(turn: Turn) -> str:
        await turn.call(commands.kick_job(seen.id))
        return f"Kicked job {seen.id}: it is ready."

    return await _outcome(connection, partial(_check, seen), act, gone=_gone(seen))


async def delete_job(connection: ActingConnection, seen: JobSeen) -> Outcome:
    """Remove a job for good."""

    async def act(turn: Turn) -> str:
        await turn.call(commands.delete(seen.id))
        return f"Deleted job {seen.id}."

    return await _outcome(connection, partial(_check, seen), act, gone=_gone(seen))


async def pause_tube(connection: ActingConnection, tube: str, seconds: int) -> Outcome:
    """Let nothing be reserved for that long from a tube that is not paused; 0 resumes one that is."""
    nothing_done = f"Nothing was {'paused' if seconds else 'resumed'}."

    async def check(turn: Turn) -> None:
        stats = await turn.call(commands.stats_tube(tube))
        paused = stats.get("pause-time-left", 0) > 0
        if paused and seconds:
            raise _Refused(f"{tube} is paused already by now. {nothing_done}")
        if not paused and not seconds:
            raise _Refused(f"{tube} is not paused any more. {nothing_done}")

    async def act(turn: Turn) -> str:
        await turn.call(commands.pause_tube(tube, seconds))
        return f"Paused {tube} for {seconds:,} s." if seconds else f"Resumed {tube}."

    return await _outcome(connection, check, act, gone=f"{tube} has gone. {nothing_done}")


def why_not_kick(state: State | None) -> str:
    """Why a job in that state cannot be kicked; nothing if it can."""
    if state in ("buried", "delayed"):
        return ""
    what = f"The job is {state}." if state else "The state of the job is unknown."
    return f"{what} Kick is for buried and delayed jobs."


def why_not_delete(seen: JobSeen) -> str:
    """Why a job cannot be deleted; nothing if it can."""
    if seen.state != "reserved":
        return ""
    left = seen.stats.get("time-left")
    # A server that missed the end of a ttr tells of a negative time.
    how_long = "" if left is None or left < 0 else f" for {left:,} s more"
    return f"A worker holds this job{how_long}. beanstalkd lets only that worker delete it."


async def _check(seen: JobSeen, turn: Turn) -> None:
    """That the job still is the one that was seen, in the state in which it was seen."""
    now = await find_job(turn, seen.id)
    if now is None:
        raise _Refused(_gone(seen))
    if not seen.may_have_become(now):
        raise _Refused(f"Job {seen.id} is another job by now. Nothing was changed.")
    if now.state != seen.state:
        state = now.state or "in an unknown state"
        raise _Refused(
            f"Job {seen.id} is {state} by now, it was {seen.state}. Nothing was changed."
        )


async def _outcome(
    connection: ActingConnection,
    check: Callable[[Turn], Awaitable[None]],
    act: Callable[[Turn], Awaitable[str]],
    gone: str,
) -> Outcome:
    """Look again, then act, once, both on one and the same connection. What goes wrong before the
    act has changed nothing."""
    acting = False
    try:
        async with connection.turn() as turn:
            await check(turn)
            acting = True
            return Outcome("done", await act(turn))
    except _Refused as refusal:
        return Outcome("refused", str(refusal))
    except NotFoundError:
        return Outcome("refused", gone)
    except BeanstalkdError as error:
        return Outcome("refused", f"The server refused. {error}.")
    except (OSError, Error) as error:
        if acting:
            return Outcome("unknown", f"Outcome unknown: {reason(error)}.")
        return Outcome("refused", f"Nothing was changed: {reason(error)}.")
    except ValueError as error:  # what no server can be asked for is not sent
        return Outcome("refused", f"Nothing was changed: {error}.")


def _gone(seen: JobSeen) -> str:
    return f"Job {seen.id} is gone, or a worker has taken it meanwhile. Nothing was changed."
