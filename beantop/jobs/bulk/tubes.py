"""Actions on tubes: kick, pause and resume. Each tube is polled again immediately before."""

from collections.abc import Mapping, Sequence
from typing import Literal

from beantop.beanstalk import (
    Attempt,
    BeanstalkdError,
    NotFoundError,
    StatsTube,
    commands,
    describe_error,
)
from beantop.jobs.bulk.change import refusal
from beantop.jobs.bulk.outcomes import Outcome, Reason
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import Turn


class _OnTubes:
    """Checks one tube after the other, and sends the command to those that are as they were seen."""

    done: str

    def why_not(self, stats: StatsTube) -> Reason | None:
        """Return why the action no longer applies to a tube, if so."""
        raise NotImplementedError

    async def send(self, turn: Turn, tube: str) -> Attempt[int] | Attempt[None]:
        """Send the command; its result is the number of jobs that were changed, or None. Raises if
        it was not sent."""
        raise NotImplementedError

    async def apply(self, turn: Turn, tubes: Sequence[str], tally: Tally) -> int:
        tube = tubes[0]
        try:
            if why := self.why_not(await turn.call(commands.stats_tube(tube))):
                tally.note_tube(tube, why)
            else:
                _count(tube, await self.send(turn, tube), tally)
        except BeanstalkdError as error:
            tally.note_tube(tube, _refusal(error))
        except ValueError as error:  # what no server can be asked for is not sent
            tally.note_tube(tube, Reason(Outcome.INVALID, str(error)))
        return 1

    async def finish(self) -> None:
        pass


class KickTubes(_OnTubes):
    """Make buried or delayed jobs ready, in each tube up to a bound.

    The server takes delayed jobs only while none is buried, so each state is kicked only when it is
    its turn.
    """

    done = "Kicked"

    def __init__(self, state: Literal["buried", "delayed"], bounds: Mapping[str, int]) -> None:
        self._state = state
        self._bounds = bounds

    def why_not(self, stats: StatsTube) -> Reason | None:
        buried, delayed = stats.get("current-jobs-buried"), stats.get("current-jobs-delayed")
        if self._state == "delayed" and buried:
            return Reason(Outcome.BURIED_COME_FIRST)
        if not (buried if self._state == "buried" else delayed):
            return Reason(Outcome.NO_SUCH_JOBS, self._state)
        return None

    async def send(self, turn: Turn, tube: str) -> Attempt[int]:
        return await turn.attempt_in(tube, [commands.kick(self._bounds[tube])])


class PauseTubes(_OnTubes):
    """Pause tubes that are not paused for that many seconds; 0 resumes those that are. With `again`, a tube
    that is paused gets the new time."""

    def __init__(self, seconds: int, *, again: bool = False) -> None:
        self.done = "Paused" if seconds else "Resumed"
        self._seconds = seconds
        self._again = again

    def why_not(self, stats: StatsTube) -> Reason | None:
        paused = stats.get("pause-time-left", 0) > 0
        if paused and self._seconds and not self._again:
            return Reason(Outcome.ALREADY, "paused")
        if not paused and not self._seconds:
            return Reason(Outcome.NOT_PAUSED)
        return None

    async def send(self, turn: Turn, tube: str) -> Attempt[None]:
        return await turn.pipeline_partial([commands.pause_tube(tube, self._seconds)])


def _count(tube: str, attempt: Attempt[int] | Attempt[None], tally: Tally) -> None:
    """Count a tube that a command was sent to, unless it certainly did not get there. Sets
    `tally.ended` if the connection is lost."""
    for result in attempt.results:
        if isinstance(result, BeanstalkdError):
            tally.note_tube(tube, _refusal(result))
        else:
            tally.note_tube(tube, Reason(Outcome.DONE), result or 0)
    if attempt.error:
        tally.ended = describe_error(attempt.error)
        if attempt.sent and not attempt.results:
            tally.note_tube(tube, Reason(Outcome.UNKNOWN))


def _refusal(error: BeanstalkdError) -> Reason:
    return Reason(Outcome.GONE) if isinstance(error, NotFoundError) else refusal(error)
