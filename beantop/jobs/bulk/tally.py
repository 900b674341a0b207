"""What came of an action on many jobs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from beantop.formatting import grouped, plural

_MANY = {"is": "are", "was": "were", "has": "have"}
"""How a sentence about one begins, and one about many."""


@dataclass
class Tally:
    """Each job is counted once: `total` is the sum of all the others and of `left`.

    What came of a job is told as the end of a sentence about one, with its verb: "is ready by now".
    """

    total: int
    done: int = 0
    gone: int = 0
    """Deleted by someone else meanwhile."""
    held: int = 0
    """In the hands of a worker, so that nobody else can change them."""
    unknown: int = 0
    """Those of which the reply never came: it may have been done or not."""
    failed: Counter[str] = field(default_factory=Counter)
    """They are what they were; by the reason."""
    half_done: Counter[str] = field(default_factory=Counter)
    """They are neither what they were nor what they were to be; by what became of them."""
    ended: str = ""
    """Why the rest was not tried."""
    new_ids: dict[int, int] = field(default_factory=dict, compare=False)
    """Where jobs were put again: the ids that they have now, by those they had."""
    done_ids: set[int] = field(default_factory=set, compare=False)
    """The ids that those had to which it was done."""

    def note_done(self, ids: Iterable[int]) -> None:
        """Count those to which it was done."""
        before = len(self.done_ids)
        self.done_ids.update(ids)
        self.done += len(self.done_ids) - before

    @property
    def tried(self) -> int:
        failed = self.failed.total() + self.half_done.total()
        return self.done + self.gone + self.held + self.unknown + failed

    @property
    def left(self) -> int:
        """Those that were not tried."""
        return self.total - self.tried

    @property
    def parts(self) -> list[str]:
        """What came of those to which it was not done.

        >>> Tally(9, done=5, gone=2, held=1).parts
        ['2 were gone meanwhile', '1 is held by a worker', '1 was not tried']
        """
        parts = [
            ("was gone meanwhile", self.gone),
            ("is held by a worker", self.held),
            ("is of unknown outcome: no reply came", self.unknown),
            *self.half_done.most_common(),
            *self.failed.most_common(),
            ("was not tried", self.left),
        ]
        return [_part(what, count) for what, count in parts if count]

    def sentence(self, done: str, what: str, where: str = "") -> str:
        """All of it, after "Deleted", "buried job", "of email".

        >>> Tally(3, done=3).sentence("Deleted", "job", "of email")
        'Deleted 3 jobs of email.'
        >>> Tally(3, done=1, gone=1, ended="the connection was lost").sentence("Deleted", "job")
        'Deleted 1 of 3 jobs: 1 was gone meanwhile, 1 was not tried. Ended: the connection was lost.'
        """
        of_all = "" if self.done == self.total else f"{grouped(self.done)} of "
        where = f" {where}" if where else ""
        rest = f": {', '.join(self.parts)}" if self.parts else ""
        why = f" Ended: {self.ended}." if self.ended else ""
        return f"{done} {of_all}{plural(self.total, what)}{where}{rest}.{why}"

    def sentence_of_one(self, done: str, name: str) -> str:
        """The same where there is a single job, which is named.

        >>> Tally(1, done=1).sentence_of_one("Deleted", "job 17")
        'Deleted job 17.'
        >>> Tally(1, gone=1).sentence_of_one("Deleted", "job 17")
        'Job 17 was gone meanwhile. Nothing was changed.'
        """
        if self.done:
            new_id = "".join(f" Its id is {id} now." for id in self.new_ids.values())
            return f"{done} {name}.{new_id}"
        came_of_it = ", ".join(self.parts).removeprefix("1 ")
        why = f" Ended: {self.ended}." if self.ended else ""
        nothing = "" if self.unknown or self.half_done else " Nothing was changed."
        return f"{name[:1].upper()}{name[1:]} {came_of_it}.{nothing}{why}"

    def as_members(self) -> dict[str, object]:
        """The same for a log."""
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
    >>> _part("is held by a worker", 1), _part("is held by a worker", 1200)
    ('1 is held by a worker', '1,200 are held by a worker')
    >>> _part("cannot be read", 2)
    '2 cannot be read'
    """
    verb, _, rest = what.partition(" ")
    return f"{grouped(count)} {verb if count == 1 else _MANY.get(verb, verb)} {rest}"
