"""The ids that a server has just handed out, without asking for them.

A server numbers its jobs 1, 2, 3, and `total-jobs` counts those that were put. So the ids of new
jobs follow from the highest id at one moment. It drifts: a put that breaks off takes an id and is
not counted. So a few ids above the guess are sampled, too, and a job that is older than its id says
makes the guess doubtful.
"""

from typing import NamedTuple

from beantop.beanstalk.commands import MAX_ID

NEAR = (1, 2, 3)
"""Distances above the guess that are sampled each time, in case a few puts broke off."""

FAR = tuple(2**power for power in range(2, 14))
"""Distances that take turns, in case many puts broke off."""

AT_ONCE = 4
"""Consecutive ids sampled at the distance whose turn it is."""

MAX_HIGHEST = MAX_ID - FAR[-1] - AT_ONCE
"""The highest id that leaves ids above it to sample."""

TOO_OLD = 2.0
"""Seconds by which a new job may be older than its id says: the server reports whole seconds."""

DOUBTS = 3
"""Consecutive jobs that are too old before the highest id is searched for again."""


class Span(NamedTuple):
    """The ids from `first` to before `end`, handed out between two moments of the monotonic clock."""

    first: int
    end: int
    since: float
    until: float

    def spread(self, most: int, chance: float) -> list[int]:
        """Return some of the ids, evenly spread: of many jobs put at once, the last ones wait longest.
        `chance` is below 1, and decides where they begin.

        >>> Span(1, 9, 0.0, 1.0).spread(3, 0.5), Span(1, 3, 0.0, 1.0).spread(3, 0.5)
        ([2, 5, 7], [1, 2])
        """
        count = self.end - self.first
        if count <= most:
            return list(range(self.first, self.end))
        return [self.first + int((number + chance) * count / most) for number in range(most)]

    def put_at(self, id: int) -> float:
        """Return when a job was put, where all of them were put evenly."""
        passed = (id + 0.5 - self.first) / (self.end - self.first)
        return self.since + passed * (self.until - self.since)


class NewIds:
    """Follows the highest id of one server process."""

    def __init__(self, highest: int, total: int, at: float) -> None:
        """`highest` is the highest id, as far as it could be found, when `total` jobs had been put."""
        self._highest = min(highest, MAX_HIGHEST)
        self._next = self._highest + 1  # the first id that was not in a span
        self._total = total
        self._at = at
        self._doubts = 0
        self._turn = 0
        self.handed_out = 0
        """Ids handed out so far, to puts that broke off, too."""
        self.is_sure = False
        """Whether a job was found at an id that was guessed."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the guess is wrong by so much that the highest id has to be looked for again."""
        return self._doubts >= DOUBTS

    def advance(self, total: int, at: float) -> Span:
        """Return the ids handed out since the last call, by the number of jobs put."""
        self._highest = min(self._highest + total - self._total, MAX_HIGHEST)
        span = Span(self._next, self._highest + 1, self._at, at)
        self._next, self._total, self._at = span.end, total, at
        self.handed_out += span.end - span.first
        return span

    def above(self) -> list[int]:
        """Return ids above the guess to sample."""
        self._turn = (self._turn + 1) % len(FAR)
        far = range(FAR[self._turn], FAR[self._turn] + AT_ONCE)
        return [self._highest + distance for distance in dict.fromkeys((*NEAR, *far))]

    def note_above(self, id: int, total: int) -> None:
        """Note that a job was found above the guess, when `total` jobs had been put."""
        missed = id - self._highest - max(0, total - self._total)
        if missed > 0:
            self._highest += missed  # these ids are in the next span
        self.is_sure = True

    def note_found(self, age: int | None, passed: float) -> bool:
        """Note that a new job was found. Return whether it is as old as its id says, `passed` seconds."""
        if age is not None and age > passed + TOO_OLD:
            self._doubts += 1
            return False
        self._doubts = 0
        self.is_sure = True
        return True

    def note_early(self) -> None:
        """Note that a job did not exist when its id was sampled, and was put only then."""
        self._highest = max(0, self._highest - 1)
        self._next = min(self._next, self._highest + 1)
