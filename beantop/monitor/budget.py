"""How many tubes one poll may ask for, and which, so that the server is left in peace.

`stats-tube` walks the server's list of tubes: the more tubes there are, the more each of them costs
(0.07 ms of 10,000, measured on 1.12), so asking for all can take most of the server's only thread.

Rule 1: a poll asks for as many tubes as fit in `SHARE` of the time until the next one.
Rule 2: those that are wanted are asked for every time, whatever it costs.
Rule 3: of the rest, those that changed when they were asked last come first, but a part of each poll
is for all the others, so that each has its turn. Of both, those come that were not asked for longest.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from beantop.monitor.snapshot import Tube

SHARE = 0.05
"""The most of a server's time that polling may take."""

AIM = 0.75
"""The part of `SHARE` that polls are to take, since none costs exactly what the one before did."""

FIRST = 1_024
"""Tubes that a poll asks for while it is not known what one costs: 20 ms of 1,000 tubes."""

MIN_COUNT = 16
"""Tubes that a poll asks for at least, so that it comes to an end with all of them."""

IN_TURN = 0.5
"""The part of what is left that is for those that were not asked for longest."""


class Budget:
    """Chooses the tubes of each poll, and learns what they cost."""

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=5)  # seconds a tube
        self._turn: dict[str, None] = {}  # all that were asked for, the longest ago first
        self._changing: set[str] = set()

    def choose(self, names: Sequence[str], wanted: Collection[str], seconds: float) -> list[str]:
        """The tubes to ask for in this poll, of all these `names`. The next poll comes in `seconds`."""
        room = self._room(seconds)
        if len(names) <= room:
            return list(names)
        there = frozenset(names)
        chosen = dict.fromkeys(name for name in wanted if name in there)
        left = max(MIN_COUNT, room - len(chosen))
        in_turn = max(MIN_COUNT, int(left * IN_TURN))
        never = (name for name in names if name not in self._turn)
        longest_ago = [name for name in chain(never, self._turn) if name in there]
        changing = filter(self._changing.__contains__, longest_ago)
        chosen |= dict.fromkeys(islice(_but(chosen, changing), left - in_turn))
        rest = max(MIN_COUNT, room - len(chosen))
        chosen |= dict.fromkeys(islice(_but(chosen, longest_ago), rest))
        return list(chosen)

    def note(
        self, asked: Iterable[str], cost: float, before: Mapping[str, Tube], now: Mapping[str, Tube]
    ) -> None:
        """Learn from a poll that cost the server so many seconds; the tubes before it, and now."""
        names = list(asked)
        if names:
            self._costs.append(cost / len(names))
        for name in names:
            self._turn.pop(name, None)
            self._changing.discard(name)
            if name in now:
                self._turn[name] = None
                if _changed(before.get(name), now[name]):
                    self._changing.add(name)
        self._changing.intersection_update(now)
        if len(self._turn) > 2 * len(now):
            self._turn = {name: None for name in self._turn if name in now}

    def _room(self, seconds: float) -> int:
        """How many tubes fit, by what they cost lately."""
        if not self._costs:
            return FIRST
        cost = max(sum(self._costs) / len(self._costs), 1e-9)
        return max(MIN_COUNT, int(AIM * SHARE * seconds / cost))


def _but(others: Collection[str], names: Iterable[str]) -> Iterator[str]:
    """The names without those."""
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
