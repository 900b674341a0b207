"""The result of an action: how many jobs or tubes it succeeded on, and what became of the others."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from beantop.formatting import grouped, plural
from beantop.jobs.bulk.outcomes import HALF_DONE, Outcome, Reason

NAMED = 2
"""Maximum number of tubes with the same outcome that a sentence names."""

IDS_NAMED = 4
"""Maximum number of ids with gaps that a sentence names."""

_FIRST = (Outcome.GONE, Outcome.HELD, Outcome.UNKNOWN)
"""Outcomes that have a member of their own in the log of actions, and are listed first."""


@dataclass
class Tally:
    """Each job or tube is counted once: `total` is the sum of `done`, `others` and `left`."""

    total: int
    done: int = 0
    others: Counter[Reason] = field(default_factory=Counter)
    """What became of those the action did not succeed on."""
    ended: str = ""
    """Why the remaining ones were not tried."""
    new_ids: dict[int, int] = field(default_factory=dict, compare=False)
    """New ids of jobs that were put again, by their former ids."""
    done_ids: set[int] = field(default_factory=set, compare=False)
    """Ids of the jobs the action succeeded on."""
    tubes: dict[str, Reason] = field(default_factory=dict, compare=False)
    """What became of each tube, if the action is one on tubes."""
    jobs: int = field(default=0, compare=False)
    """The number of jobs that were changed in these tubes."""

    def note_done(self, ids: Iterable[int]) -> None:
        """Count jobs the action succeeded on."""
        before = len(self.done_ids)
        self.done_ids.update(ids)
        self.done += len(self.done_ids) - before

    def note(self, outcome: Outcome, number: int = 1, detail: str = "") -> None:
        """Count jobs the action did not succeed on."""
        if number:
            self.others[Reason(outcome, detail)] += number

    def note_tube(self, name: str, reason: Reason, jobs: int = 0) -> None:
        """Count a tube, and the jobs that were changed there."""
        self.tubes[name] = reason
        self.jobs += jobs
        if reason.outcome is Outcome.DONE:
            self.done += 1
        else:
            self.others[reason] += 1

    @property
    def tried(self) -> int:
        return self.done + self.others.total()

    @property
    def left(self) -> int:
        """The number of those that were not tried."""
        return self.total - self.tried

    @property
    def is_settled(self) -> bool:
        """Whether all were either changed or left as they were."""
        return not self.of(Outcome.UNKNOWN, *HALF_DONE)

    def of(self, *outcomes: Outcome) -> int:
        """Return the number of those with one of these outcomes."""
        return sum(number for reason, number in self.others.items() if reason.outcome in outcomes)

    @property
    def parts(self) -> list[str]:
        """Return what became of those the action did not succeed on.

        >>> tally = Tally(9, done=5)
        >>> tally.note(Outcome.HELD)
        >>> tally.note(Outcome.GONE, 2)
        >>> tally.parts
        ['2 were already gone', '1 is reserved by a worker']
        """
        return [
            f"{self._who(reason, number)} {reason.words(number)}"
            for reason, number in sorted(self.others.items(), key=_rank)
        ]

    def sentence(self, done: str, what: str, where: str = "") -> str:
        """Return the whole outcome, from "Deleted", "buried job", "of email".

        >>> Tally(3, done=3).sentence("Deleted", "job", "of email")
        'Deleted 3 jobs of email.'
        >>> tally = Tally(3, done=1, ended="the connection was lost")
        >>> tally.note(Outcome.GONE)
        >>> tally.sentence("Deleted", "job")
        'Deleted 1 of 3 jobs: 1 was already gone, 1 was not tried. Ended: the connection was lost.'
        """
        of_all = "" if self.done == self.total else f"{grouped(self.done)} of "
        where = f" {where}" if where else ""
        not_tried = f"{grouped(self.left)} {'was' if self.left == 1 else 'were'} not tried"
        parts = [*self.parts, not_tried] if self.left else self.parts
        rest = f": {', '.join(parts)}" if parts else ""
        why = f" Ended: {self.ended}." if self.ended else ""
        return f"{done} {of_all}{plural(self.total, what)}{where}{rest}.{why}"

    @property
    def new_ids_sentence(self) -> str:
        """Return which ids the jobs got, as a sentence; "" if they kept theirs.

        >>> Tally(2, new_ids={3: 17, 4: 18}).new_ids_sentence
        'New ids: 17 to 18.'
        >>> Tally(2, new_ids={3: 17, 4: 30}).new_ids_sentence
        'New ids: 17, 30.'
        >>> Tally(9, new_ids={id: 17 + 2 * id for id in range(9)}).new_ids_sentence
        'New ids: 17 to 33, with gaps.'
        """
        ids = self.new_ids.values()
        return f"New id{'s' if len(ids) > 1 else ''}: {_in_words(ids)}." if ids else ""

    def sentence_of_one(self, done: str, name: str, how: str = "", put: str = "now job") -> str:
        """Return the outcome for a single job or tube, by its name. `put` comes before a new id.

        >>> Tally(1, done=1).sentence_of_one("Paused", "tube email", "for 1m0s")
        'Paused tube email for 1m0s.'
        >>> Tally(1, done=1, new_ids={17: 30}).sentence_of_one("Moved", "job 17", "to email")
        'Moved job 17 to email: now job 30.'
        >>> Tally(1, others=Counter([Reason(Outcome.GONE)])).sentence_of_one("Deleted", "job 17")
        'Job 17 was already gone. Nothing was changed.'
        >>> Tally(1, ended="connection refused").sentence_of_one("Deleted", "job 17")
        'Job 17 was left unchanged: connection refused.'
        """
        if self.done:
            new_id = "".join(f": {put} {id}" for id in self.new_ids.values())
            return f"{done} {name}{f' {how}' if how else ''}{new_id}."
        subject = f"{name[:1].upper()}{name[1:]}"
        if self.left:
            return f"{subject} was left unchanged: {self.ended}."
        came_of_it = ", ".join(reason.words(1) for reason in self.others)
        nothing = " Nothing was changed." if self.is_settled else ""
        why = f" Ended: {self.ended}." if self.ended else ""
        return f"{subject} {came_of_it}.{nothing}{why}"

    def verb(self, done: str) -> str:
        """Return what the action did, for the log of actions.

        >>> Tally(1, done=1).verb("Kicked"), Tally(1).verb("Kicked")
        ('Kicked', 'Not kicked')
        """
        if self.done:
            return done
        return f"{'Not' if self.is_settled else 'Maybe'} {done.lower()}"

    def as_members(self) -> dict[str, object]:
        """Return the outcome for the log of actions."""
        numbers = {reason.outcome: self.of(reason.outcome) for reason in self.others}
        failed = numbers.keys() - {*_FIRST, *HALF_DONE}
        members: dict[str, object] = {
            "total": self.total,
            "done": self.done,
            **{outcome: self.of(outcome) for outcome in _FIRST},
            "half_done": {outcome: numbers[outcome] for outcome in numbers.keys() & HALF_DONE},
            "failed": {outcome: numbers[outcome] for outcome in failed},
            "details": [f"{outcome}: {detail}" for outcome, detail in self.others if detail],
            "not_tried": self.left,
            "ended": self.ended,
        }
        if self.tubes:
            tubes = {name: reason.outcome for name, reason in self.tubes.items()}
            members |= {"tubes": tubes, "jobs": self.jobs}
        return members

    def _who(self, reason: Reason, number: int) -> str:
        """Return the tubes with this outcome, if they are few; else the number."""
        names = [name for name, other in self.tubes.items() if other == reason]
        return " and ".join(names) if 0 < len(names) <= NAMED else grouped(number)


def named_ids(ids: Collection[int]) -> str:
    """Return jobs by their ids.

    >>> named_ids([17]), named_ids([17, 18])
    ('job 17', 'jobs 17 to 18')
    """
    return f"job{'s' if len(ids) > 1 else ''} {_in_words(ids)}" if ids else ""


def _in_words(ids: Collection[int]) -> str:
    """Return at least one id, named one by one if they are few with gaps."""
    first, last = min(ids), max(ids)
    has_gaps = last - first >= len(ids)
    if len(ids) == 1 or (has_gaps and len(ids) <= IDS_NAMED):
        return ", ".join(map(str, sorted(ids)))
    return f"{first} to {last}{', with gaps' if has_gaps else ''}"


def _rank(item: tuple[Reason, int]) -> tuple[int, int]:
    """Return a key that sorts the simple outcomes to the front, then intermediate states, then the
    frequent ones."""
    (outcome, _), number = item
    if outcome in _FIRST:
        return _FIRST.index(outcome), 0
    return len(_FIRST) + (outcome not in HALF_DONE), -number
