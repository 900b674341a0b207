"""The outcome of an action on many jobs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from beantop.formatting import grouped, plural

_MANY = {"is": "are", "was": "were", "has": "have"}
"""Verbs of sentences about one job, and about several."""


@dataclass
class Tally:
    """Each job is counted once: `total` is the sum of all other numbers and of `left`.

    Reasons are the end of a sentence about one job, with its verb: "is ready now".
    """

    total: int
    done: int = 0
    gone: int = 0
    """Deleted by someone else in the meantime."""
    held: int = 0
    """Reserved by workers: nobody else can change them."""
    unknown: int = 0
    """Outcome unknown: the reply never came."""
    failed: Counter[str] = field(default_factory=Counter)
    """Jobs left unchanged, counted by reason."""
    half_done: Counter[str] = field(default_factory=Counter)
    """Jobs left in an intermediate state, counted by outcome."""
    ended: str = ""
    """Why the remaining jobs were not tried."""
    new_ids: dict[int, int] = field(default_factory=dict, compare=False)
    """New ids of jobs that were put again, by their former ids."""
    done_ids: set[int] = field(default_factory=set, compare=False)
    """Ids of the jobs the action succeeded on."""

    def note_done(self, ids: Iterable[int]) -> None:
        """Count jobs the action succeeded on."""
        before = len(self.done_ids)
        self.done_ids.update(ids)
        self.done += len(self.done_ids) - before

    @property
    def tried(self) -> int:
        failed = self.failed.total() + self.half_done.total()
        return self.done + self.gone + self.held + self.unknown + failed

    @property
    def left(self) -> int:
        """The number of jobs that were not tried."""
        return self.total - self.tried

    @property
    def parts(self) -> list[str]:
        """Return what became of the jobs the action did not succeed on.

        >>> Tally(9, done=5, gone=2, held=1).parts
        ['2 were already gone', '1 is reserved by a worker', '1 was not tried']
        """
        parts = [
            ("was already gone", self.gone),
            ("is reserved by a worker", self.held),
            ("is of unknown outcome: no reply came", self.unknown),
            *self.half_done.most_common(),
            *self.failed.most_common(),
            ("was not tried", self.left),
        ]
        return [_part(what, count) for what, count in parts if count]

    def sentence(self, done: str, what: str, where: str = "") -> str:
        """Return the whole outcome, from "Deleted", "buried job", "of email".

        >>> Tally(3, done=3).sentence("Deleted", "job", "of email")
        'Deleted 3 jobs of email.'
        >>> Tally(3, done=1, gone=1, ended="the connection was lost").sentence("Deleted", "job")
        'Deleted 1 of 3 jobs: 1 was already gone, 1 was not tried. Ended: the connection was lost.'
        """
        of_all = "" if self.done == self.total else f"{grouped(self.done)} of "
        where = f" {where}" if where else ""
        rest = f": {', '.join(self.parts)}" if self.parts else ""
        why = f" Ended: {self.ended}." if self.ended else ""
        return f"{done} {of_all}{plural(self.total, what)}{where}{rest}.{why}"

    def sentence_of_one(self, done: str, name: str) -> str:
        """Return the outcome for a single job, by its name.

        >>> Tally(1, done=1).sentence_of_one("Deleted", "job 17")
        'Deleted job 17.'
        >>> Tally(1, gone=1).sentence_of_one("Deleted", "job 17")
        'Job 17 was already gone. Nothing was changed.'
        """
        if self.done:
            new_id = "".join(f" Its id is {id} now." for id in self.new_ids.values())
            return f"{done} {name}.{new_id}"
        came_of_it = ", ".join(self.parts).removeprefix("1 ")
        why = f" Ended: {self.ended}." if self.ended else ""
        nothing = "" if self.unknown or self.half_done else " Nothing was changed."
        return f"{name[:1].upper()}{name[1:]} {came_of_it}.{nothing}{why}"

    def as_members(self) -> dict[str, object]:
        """Return the outcome for the log of actions."""
        return {
            "total": self.total,
            "done": self.done,
            "gone": self.gone,
            "held": self.held,
            "unknown": self.unknown,
            "half_done": dict(self.half_done),
            "failed": dict(self.failed),
            "not_tried": self.left,
            "ended": self.ended,
        }


def _part(what: str, count: int) -> str:
    """
    >>> _part("is reserved by a worker", 1), _part("is reserved by a worker", 1200)
    ('1 is reserved by a worker', '1,200 are reserved by a worker')
    >>> _part("cannot be read", 2)
    '2 cannot be read'
    """
    verb, _, rest = what.partition(" ")
    return f"{grouped(count)} {verb if count == 1 else _MANY.get(verb, verb)} {rest}"
