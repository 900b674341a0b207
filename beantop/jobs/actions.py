"""Changing tubes, by order of a person, and saying truly what came of it.

Every action looks again, immediately before it acts, whether its target still is what the person
saw; if it is not, nothing is done. A command whose reply was lost is "unknown", and never repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from beantop.beanstalk import BeanstalkdError, Error, NotFoundError, commands, reason
from beantop.jobs.connection import ActingConnection, Turn
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


async def pause_tube(connection: ActingConnection, tube: str, seconds: int) -> Outcome:
    """Let nothing be reserved for that long from a tube that is not paused; 0 resumes one that is."""
    nothing_done = f"Nothing was {'paused' if seconds else 'resumed'}."

    async def check(turn: Turn) -> None:
        stats = await turn.call(commands.stats_tube(tube))
        paused = stats.get("pause-time-left", 0) > 0
        if paused and seconds:
            raise _Refused(f"{tube} is paused by now. {nothing_done}")
        if not paused and not seconds:
            raise _Refused(f"{tube} is not paused any more. {nothing_done}")

    async def act(turn: Turn) -> str:
        await turn.call(commands.pause_tube(tube, seconds))
        return f"Paused {tube} for {seconds:,} s." if seconds else f"Resumed {tube}."

    return await _outcome(connection, check, act, gone=f"{tube} has gone. {nothing_done}")


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
