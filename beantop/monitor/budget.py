"""Choice of the tubes that each poll asks for, so that the server is left in peace.

Rule 1: a poll asks for as many tubes as fit in what it may cost, and for at most twice as many as the
last one did. So little is asked of a server that is not known yet, and one wrong estimate does little.
Rule 2: the tubes on the screen are asked for every time, even if the next poll then comes later. Marks
and alerts are also asked for every time as long as they take no more than half of what fits.
Rule 3: of the rest, those that changed when they were last asked for come first, but a part of each
poll is for all the others, so that each has its turn. Of both, the longest ago comes first.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from beantop.monitor.cost import SHARE, WINDOW, Costs, allowed, guess
from beantop.monitor.snapshot import Snapshot, Tube
from beantop.monitor.turns import Turns

AIM = 0.9
"""Planned cost of a poll, as a part of what it may cost: no two polls cost the same."""

FIRST = 0.1
"""Seconds that the first poll may cost a server that is not known yet, by a pessimistic guess."""

MIN_COUNT = 16
"""Tubes that a poll asks for at least, beside those on the screen, so that all have their turn."""

FEW = 64
"""Tubes that may be asked for even if a server did not answer in time, or is another one by now."""

ON_SCREEN = 100
"""Tubes for which the next poll may come later, up to a `WINDOW`: more than a screen shows."""

SPARED = 0.5
"""The part of what a poll may cost that is left to samples of jobs while these are behind."""

IN_TURN = 0.5
"""The part of what is left that is for those that were not asked for longest."""


class Budget:
    """Chooses the tubes of each poll."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self._asked = 0  # tubes in the last poll
        self._asked_all = True
        self._most = 0  # tubes that the next poll may ask for, by the size of the last one
        self._turns = Turns()
        self._changing: set[str] = set()

    def choose(
        self,
        names: Sequence[str],
        wanted: Iterable[str],
        seconds: float,
        *,
        spares: bool = False,
    ) -> list[str]:
        """Return the tubes to ask for in this poll, of all these `names`. The next poll comes in
        `seconds`. `wanted` are the tubes to ask for every time, those on the screen first. With
        `spares`, a part of the cost is left for samples."""
        cost = allowed(seconds) * (1 - SPARED if spares else 1)
        room = max(MIN_COUNT, self._fits(cost, len(names)))
        chosen = names if len(names) <= room else self._choose_some(names, wanted, room)
        self._asked = len(chosen)
        return list(chosen)

    def _choose_some(
        self, names: Sequence[str], wanted: Iterable[str], room: int
    ) -> Collection[str]:
        there, longest_ago = frozenset(names), self._turns.order(names)
        at_most = self._fits(SHARE * WINDOW, len(names)) - MIN_COUNT
        each_time = max(room // 2, min(ON_SCREEN, at_most))
        wanted_there = (name for name in wanted if name in there)
        first = frozenset(islice(wanted_there, max(each_time, ON_SCREEN)))
        chosen = dict.fromkeys(islice(filter(first.__contains__, longest_ago), each_time))
        left = max(MIN_COUNT, room - len(chosen))
        in_turn = max(MIN_COUNT, int(left * IN_TURN))
        changing = filter(self._changing.__contains__, longest_ago)
        chosen |= dict.fromkeys(islice(_but(chosen, changing), left - in_turn))
        rest = max(MIN_COUNT, room - len(chosen))
        return chosen | dict.fromkeys(islice(_but(chosen, longest_ago), rest))

    def note(self, before: Mapping[str, Tube], snapshot: Snapshot) -> None:
        """Learn from a poll, which `Costs` noted already; the tubes before it."""
        now = snapshot.tubes
        self._most, self._asked_all = 2 * len(snapshot.asked), len(snapshot.asked) >= len(now)
        for name in snapshot.asked:
            self._changing.discard(name)
            if name not in now:
                self._turns.forget(name)
            elif not self._turns.note(name) and _changed(before.get(name), now[name]):
                self._changing.add(name)
        self._changing.intersection_update(now)
        if len(self._turns) > 2 * len(now):
            self._turns.keep_only(now)

    def forget(self) -> None:
        """Ask for few again: after a lost connection another server may be there."""
        self._most = min(self._most, FEW)

    def note_timeout(self) -> None:
        """The server did not answer a poll in time: ask for less."""
        if self._asked:
            self._most, self._asked_all = max(FEW, self._asked // 2), False

    def _fits(self, seconds: float, tubes: int) -> int:
        """Return how many tubes a poll may ask for if it may cost that many seconds."""
        most = self._most
        if self._asked_all:  # more may fit: all there were is no limit
            most = max(most, int(FIRST / guess(tubes)))
        cost = self._costs.of_a_tube(tubes)
        return min(most, int(AIM * seconds / cost)) if cost else most


def _but(others: Collection[str], names: Iterable[str]) -> Iterator[str]:
    """Return the names that are not among the others."""
    return (name for name in names if name not in others)


def _changed(before: Tube | None, now: Tube) -> bool:
    if before is None:
        return False
    return (
        before.total_jobs != now.total_jobs
        or before.deletes != now.deletes
        or before.reserved != now.reserved
        or before.ready != now.ready
        or before.buried != now.buried
        or before.delayed != now.delayed
    )
