"""Turns of tubes where not all can be asked for at once."""

from collections.abc import Collection, Iterable


class Turns:
    """Remembers which names had a turn: the next one is for those that had none, then for those
    whose turn was longest ago."""

    def __init__(self) -> None:
        self._had: dict[str, None] = {}  # the longest ago first

    def __len__(self) -> int:
        return len(self._had)

    def order(self, names: Collection[str]) -> list[str]:
        """Return the names in the order of their turns.

        >>> turns = Turns()
        >>> turns.note("b"), turns.note("a"), turns.note("b")
        (True, True, False)
        >>> turns.order(["a", "b", "c"])
        ['c', 'a', 'b']
        """
        there = frozenset(names)
        never = (name for name in names if name not in self._had)
        return [*never, *(name for name in self._had if name in there)]

    def take(self, names: Collection[str], most: int) -> list[str]:
        """Return the names whose turn it is, at most `most`, and forget all names but these.

        >>> turns = Turns()
        >>> [turns.take(["a", "b", "c"], 2) for _ in range(3)]
        [['a', 'b'], ['c', 'a'], ['b', 'c']]
        """
        chosen = self.order(names)[:most]
        self.keep_only(names)
        for name in chosen:
            self.note(name)
        return chosen

    def note(self, name: str) -> bool:
        """Note that it had its turn. Return whether that was the first."""
        is_first = name not in self._had
        self.forget(name)
        self._had[name] = None
        return is_first

    def forget(self, name: str) -> None:
        self._had.pop(name, None)

    def keep_only(self, names: Iterable[str]) -> None:
        """Forget all names but these."""
        there = frozenset(names)
        self._had = {name: None for name in self._had if name in there}
