"""Kicking and pausing tubes, with a true report of the outcome.

Every action looks again, immediately before it acts, whether its target still is what the person
saw; if it is not, nothing is done. A command whose reply was lost is "unknown", and never repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from beantop.beanstalk import BeanstalkdError, Error, NotFoundError, commands, describe_error
from beantop.formatting import duration, plural
from beantop.jobs.connection import ActingConnection, Turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an action on a tube, as a sentence."""

    result: Literal["done", "refused", "unknown"]
    """`refused`: nothing was changed. `unknown`: it may have been done or not."""
    sentence: str
    verb: str = field(default="", compare=False)
    """For the log of actions: "Kicked", "Not kicked", "Maybe kicked"."""
    target: str = field(default="", compare=False)
    """The target: "3 buried jobs of email"."""


class _Refused(Exception):
    """Nothing may be done; the text says why."""


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
                f"{tube} has buried jobs now, and a kick would take those. Nothing was kicked."
            )
        if not (buried if state == "buried" else delayed):
            raise _Refused(f"{tube} no longer has {state} jobs. Nothing was kicked.")

    async def act(turn: Turn) -> str:
        kicked = await turn.call_in(tube, commands.kick(bound))
        return f"{plural(kicked, f'{state} job')} of {tube}"

    target, gone = f"{state} jobs of {tube}", f"{tube} is gone. Nothing was kicked."
    return await _outcome(connection, check, act, verb="Kicked", target=target, gone=gone)


async def pause_tube(connection: ActingConnection, tube: str, seconds: int) -> Outcome:
    """Pause a tube that is not paused for that many seconds; 0 resumes one that is paused."""
    nothing_done = f"Nothing was {'paused' if seconds else 'resumed'}."

    async def check(turn: Turn) -> None:
        stats = await turn.call(commands.stats_tube(tube))
        paused = stats.get("pause-time-left", 0) > 0
        if paused and seconds:
            raise _Refused(f"{tube} is paused already. {nothing_done}")
        if not paused and not seconds:
            raise _Refused(f"{tube} is no longer paused. {nothing_done}")

    async def act(turn: Turn) -> str:
        await turn.call(commands.pause_tube(tube, seconds))
        return f"{tube} for {duration(seconds)}" if seconds else tube

    verb, gone = "Paused" if seconds else "Resumed", f"{tube} is gone. {nothing_done}"
    return await _outcome(connection, check, act, verb=verb, target=tube, gone=gone)


async def _outcome(
    connection: ActingConnection,
    check: Callable[[Turn], Awaitable[None]],
    act: Callable[[Turn], Awaitable[str]],
    *,
    verb: str,
    target: str,
    gone: str,
) -> Outcome:
    """Check, then act once, both on the same connection. An error before the act has changed nothing.
    `act` returns the target in more detail, once it is done."""
    acting = False
    try:
        async with connection.turn() as turn:
            await check(turn)
            acting = True
            done_to = await act(turn)
            return Outcome("done", f"{verb} {done_to}.", verb, done_to)
    except _Refused as refusal:
        why = str(refusal)
    except NotFoundError:
        why = gone
    except BeanstalkdError as error:
        why = f"The server refused. {error}."
    except (OSError, Error) as error:
        if acting:
            why = f"Outcome unknown: {describe_error(error)}."
            return Outcome("unknown", why, f"Maybe {verb.lower()}", target)
        why = f"Nothing was changed: {describe_error(error)}."
    except ValueError as error:  # what no server can be asked for is not sent
        why = f"Nothing was changed: {error}."
    return Outcome("refused", why, f"Not {verb.lower()}", target)
