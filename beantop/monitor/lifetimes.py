"""When tubes came, when they went, and since when no job of theirs was finished."""

from dataclasses import dataclass

from beantop.monitor.snapshot import Snapshot, Tube

NEWS_SECONDS = 10.0
"""For which a tube counts as new after it came, and is remembered after it went."""


@dataclass(slots=True)
class _Life:
    """One tube, while it is there."""

    since: float
    deletes: int | None
    still_since: float


class Lifetimes:
    """What the looks at one server told of its tubes, one after the other."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}
        self._gone: dict[str, float] = {}
        self._began: float | None = None

    def add(self, snapshot: Snapshot, *, same_process: bool) -> None:
        """Note a look. In a new process all tubes are as if seen for the first time."""
        now = snapshot.taken_at
        if self._began is None or not same_process:
            self._began, self._lives, self._gone = now, {}, {}
        for name in self._lives.keys() - snapshot.tubes.keys():
            del self._lives[name]
            self._gone[name] = now
        for name, tube in snapshot.tubes.items():
            self._gone.pop(name, None)
            life = self._lives.get(name)
            if life is None or (tube.deletes or 0) < (life.deletes or 0):
                self._lives[name] = _Life(now, tube.deletes, now)
            elif tube.deletes != life.deletes:
                life.deletes, life.still_since = tube.deletes, now
        self._gone = {name: at for name, at in self._gone.items() if now - at < NEWS_SECONDS}

    def copy(self) -> "Lifetimes":
        """The same, on its own."""
        other = Lifetimes()
        other._lives = {
            name: _Life(life.since, life.deletes, life.still_since)
            for name, life in self._lives.items()
        }
        other._gone, other._began = self._gone.copy(), self._began
        return other

    def age(self, tube: Tube) -> float | None:
        """For how many seconds the tube is there, if it came while the server was watched."""
        life = self._lives.get(tube.name)
        if life is None or self._began is None or life.since == self._began:
            return None
        return tube.taken_at - life.since

    def still_for(self, tube: Tube) -> float:
        """For how many seconds at least no job of the tube was deleted."""
        life = self._lives.get(tube.name)
        return tube.taken_at - life.still_since if life else 0.0

    def has_gone(self, name: str) -> bool:
        """Whether that tube went lately."""
        return name in self._gone

    @property
    def gone(self) -> list[Tube]:
        """The tubes that went lately, of which nothing is known any more."""
        return [Tube(name, at) for name, at in self._gone.items()]
