"""When tubes appeared and disappeared, and since when no job of theirs was finished."""

from dataclasses import dataclass, replace

from beantop.monitor.snapshot import Snapshot, Tube

NEWS_SECONDS = 10.0
"""Seconds for which a tube counts as new, and is remembered after it disappeared."""


@dataclass(slots=True)
class _Life:
    """A tube, while it exists."""

    since: float
    deletes: int | None
    still_since: float
    had_ready: bool
    """Whether jobs were ready, or may have been, at the last sample."""
    sampled_at: float | None = None
    """When its counts were first read; None if they were not yet."""


class Lifetimes:
    """Lifetimes of the tubes of one server, poll by poll."""

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}
        self._gone: dict[str, float] = {}
        self._began: float | None = None

    def add(self, snapshot: Snapshot, *, same_process: bool) -> None:
        """Add a snapshot. After a restart of the server all tubes count as seen for the first time."""
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
                life = self._lives[name] = _Life(now, tube.deletes, now, tube.ready != 0)
            elif tube.deletes != life.deletes or not life.had_ready:  # else there was nothing to do
                life.deletes, life.still_since = tube.deletes, now
            if life.sampled_at is None and tube.ready is not None:
                life.sampled_at = tube.taken_at
            life.had_ready = tube.ready != 0
        self._gone = {name: at for name, at in self._gone.items() if now - at < NEWS_SECONDS}

    def copy(self) -> "Lifetimes":
        """Return an independent copy."""
        other = Lifetimes()
        other._lives = {name: replace(life) for name, life in self._lives.items()}
        other._gone, other._began = self._gone.copy(), self._began
        return other

    def age(self, tube: Tube) -> float | None:
        """Return the age of the tube in seconds; None if it is older than our polls."""
        life = self._lives.get(tube.name)
        if life is None or self._began is None or life.since == self._began:
            return None
        return tube.taken_at - life.since

    def is_new(self, tube: Tube) -> bool:
        """Return whether the tube appeared lately."""
        age = self.age(tube)
        return age is not None and age < NEWS_SECONDS

    def first_seen(self, tube: Tube) -> float:
        """Return the time of the first sample of the tube."""
        life = self._lives.get(tube.name)
        return tube.taken_at if life is None or life.sampled_at is None else life.sampled_at

    def still_for(self, tube: Tube) -> float:
        """Return for how many seconds, at least, jobs were ready and no job of the tube was deleted."""
        life = self._lives.get(tube.name)
        return tube.taken_at - life.still_since if life else 0.0

    def has_gone(self, name: str) -> bool:
        """Return whether that tube disappeared lately."""
        return name in self._gone

    @property
    def gone(self) -> list[Tube]:
        """Tubes that disappeared lately; all their numbers are unknown."""
        return [Tube(name, at) for name, at in self._gone.items()]
