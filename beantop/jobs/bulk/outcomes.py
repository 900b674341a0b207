"""What can become of a job or a tube in an action: a code for the log of actions, words for users."""

from enum import StrEnum
from typing import NamedTuple

from beantop.jobs.job_info import PARKED


class Outcome(StrEnum):
    """What became of a job or a tube. The log of actions has these values: they stay.

    Beside each are its words: the end of a sentence about one job or tube, beginning with the verb.
    """

    words: str

    def __new__(cls, value: str, words: str) -> "Outcome":
        self = str.__new__(cls, value)
        self._value_ = value
        self.words = words
        return self

    DONE = "done", "is done"
    GONE = "gone", "was already gone"
    HELD = "held", "is reserved by a worker"
    UNKNOWN = "unknown", "is of unknown outcome: no reply came"

    # Left in an intermediate state:
    TWICE = "twice", "may exist twice: deleting the copy failed"
    COPY_BURIED = (
        "copy_buried",
        "was put as {}, buried by the server (out of memory); deleting that again failed",
    )
    PARKED = "parked", f"is {PARKED}"
    BURIED = "buried", "was buried: the server is out of memory"
    RESERVATION_LOST = "reservation_lost", "was reserved by beantop, but the reservation was lost"
    RESERVED_BY_US = (
        "reserved_by_us",
        "is reserved by beantop until the ttr ends: the server refused to undo that",
    )

    # Left unchanged:
    REFUSED = "refused", "was refused {}"
    UNKNOWN_COMMAND = (
        "unknown_command",
        "was refused: this server does not know the command (beanstalkd 1.12 does)",
    )
    RESTARTED = "restarted", "was seen before the server restarted: skipped"
    REPLACED = "replaced", "was replaced (same id, different job)"
    OTHER_BODY = "other_body", "was replaced (same id, different body)"
    OTHER_STATE = "other_state", "is now {}"
    CHANGED = "changed", "changed in the meantime"
    NOT_KNOWN = "not_known", "was skipped: unknown {}"
    GONE_OR_HELD = "gone_or_held", "is gone or reserved by a worker"
    ALREADY = "already", "is already {}"
    NO_DELAY_WHILE_BURIED = "no_delay_while_buried", "is buried: kick first, then delay"
    INVALID = "invalid", "is not valid: {}"
    NOT_NOTED = "not_noted", "was not put: {}"
    UNREADABLE = "unreadable", "cannot be read from the file"
    STILL_THERE = "still_there", "is still on the server"
    NO_SUCH_JOBS = "no_such_jobs", "has no {} jobs now"
    BURIED_COME_FIRST = "buried_come_first", "has buried jobs now, and a kick would take those"
    NOT_PAUSED = "not_paused", "is not paused now"


HALF_DONE = frozenset(
    {
        Outcome.TWICE,
        Outcome.COPY_BURIED,
        Outcome.PARKED,
        Outcome.BURIED,
        Outcome.RESERVATION_LOST,
        Outcome.RESERVED_BY_US,
    }
)
"""Left in an intermediate state."""

_MANY = {"is": "are", "was": "were", "has": "have"}
"""Verbs of sentences about one, and about several."""


class Reason(NamedTuple):
    """Why something is not done."""

    outcome: Outcome
    detail: str = ""
    """What the words of the outcome leave open, as the state in "is now buried"."""

    def words(self, number: int) -> str:
        """Return the end of a sentence about this number of jobs or tubes.

        >>> Reason(Outcome.HELD).words(1), Reason(Outcome.OTHER_STATE, "buried").words(2)
        ('is reserved by a worker', 'are now buried')
        """
        verb, _, rest = self.outcome.words.format(self.detail).partition(" ")
        return f"{verb if number == 1 else _MANY.get(verb, verb)} {rest}"
