"""Groups of jobs, by their bodies or by their `stats-job`."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from beantop.beanstalk import Job
from beantop.formatting import duration, size
from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.job_class import kind_of_job, subject
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.body_reader import BodyReader
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import JobInfo

MAX_FIELD = 100
"""Characters of a field that are shown."""

ELLIPSIS = "…"

AGES = (60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400)
"""Seconds between the groups of ages."""

SIZES = (128, 1024, 8192, 65_536, 2**20)
"""Bytes between the groups of sizes."""


_KEY = os.urandom(16)
"""Makes digests of bodies with masked fields useless for guessing what these are."""


class BodyFacts(NamedTuple):
    """Facts about a body, in a few short words: there may be a million of them."""

    job_class: str = ""
    """The class that the producer names, or the command of a command line; "" for neither."""
    error: str = ""
    """Error of the job, without the parts that differ between jobs; "" if the body has none."""
    shape: str = ""
    """Signature of the body, such as the names of its members."""
    subject: str = ""
    """Subject of the job in a word."""
    field: str = ""
    """The field that jobs are grouped by; "" if the body has none of that name."""
    digest: int = 0
    """Equal for equal bodies."""
    size: int = 0
    """Bytes."""


def facts_of(body: bytes, reading: Reading = AS_RECOGNIZED, path: str = "") -> BodyFacts:
    """Return the facts about a body, with its field at this path. Nothing in it can make this
    fail."""
    from beantop.jobs.bodies.job_error import job_error  # slow to load, and needed only for groups
    from beantop.jobs.bodies.signature import body_signature

    key = _KEY if reading.mask else b""
    digest = int.from_bytes(blake2b(body, digest_size=8, key=key).digest(), "big")
    length, (body, reading, _) = len(body), reading.shown(body)
    error = job_error(body, reading.decoder)
    why = error.signature if error else ""
    return BodyFacts(
        kind_of_job(body, reading),
        why,
        body_signature(body, reading),
        subject(body, reading=reading),
        _field(body, reading, path) if path else "",
        digest,
        length,
    )


def _field(body: bytes, reading: Reading, path: str) -> str:
    """Return what tells a field from others, also where only its end differs; "" if there is none."""
    value = Fields(body, reading.decoder).get(path)
    if value is None or 0 < len(value) <= MAX_FIELD:
        return value or ""
    if not value:
        return '""'
    digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{value[:MAX_FIELD]}{ELLIPSIS} {digest}"


class Census(BodyReader[BodyFacts]):
    """Facts about the bodies of a list of jobs."""

    def __init__(self, connection: ActingConnection) -> None:
        super().__init__(connection)
        self.reading_of: Callable[[int], Reading] = lambda id: AS_RECOGNIZED
        """Returns how the body of a job is read."""
        self.path = ""
        """The path of the field that is read; "" for none."""
        self._words: dict[str, str] = {}  # equal words are kept once

    def read_field(self, path: str) -> None:
        """Read all bodies again, with another field."""
        if path != self.path:
            self.clear()
            self.path = path

    def facts(self, job: Job[bytes]) -> BodyFacts:
        """Return the facts about the body of a job, for `run`."""
        facts, once = facts_of(job.body, self.reading_of(job.id), self.path), self._once
        return facts._replace(
            job_class=once(facts.job_class),
            error=once(facts.error),
            shape=once(facts.shape),
            subject=once(facts.subject),
            field=once(facts.field),
        )

    def _once(self, word: str) -> str:
        return self._words.setdefault(word, word)

    def clear(self) -> None:
        self._words = {}
        super().clear()


Key: TypeAlias = tuple[str, ...]
"""The words that the jobs of a group have in common; "" for a missing one."""


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs that have something in common."""

    key: Key
    words: Key
    """The same, with words for what is missing."""
    ids: list[int]
    states: Mapping[str | None, int]
    """Number of jobs in each state; None for an unknown state."""
    ages: list[int]
    """Seconds since each job was put, as far as the server said."""
    reserves: int
    """Total number of times its jobs were reserved."""

    @property
    def count(self) -> int:
        return sum(self.states.values())

    @property
    def oldest(self) -> int | None:
        """Seconds since the first of its jobs was put; None if unknown."""
        return max(self.ages, default=None)

    @property
    def newest(self) -> int | None:
        """Seconds since the last of its jobs was put; None if unknown."""
        return min(self.ages, default=None)


class Grouping(NamedTuple):
    """A way to group jobs."""

    label: str
    key_of: Callable[[JobInfo, BodyFacts, int | None], Key]
    """Returns the key of a job, given its numbers, the facts about its body, and its age in
    seconds."""
    reads_bodies: bool = True
    """Whether jobs whose bodies were not read yet are left out."""
    missing: Key = ("unknown",)
    """Words for what is missing in a key."""
    smallest: int = 1
    """Jobs in the smallest group that is shown."""
    order: Callable[[Key], float] | None = None
    """Returns the place of a group in its natural order; None for the order of words."""


def groups_of(
    jobs: Iterable[JobInfo], facts: Mapping[int, BodyFacts], by: Grouping, now: float
) -> list[Group]:
    """Return the groups of these jobs at `now`, in seconds of the monotonic clock, in any order."""
    members: defaultdict[Key, list[tuple[JobInfo, int | None]]] = defaultdict(list)
    for job in jobs:
        known = facts.get(job.id, None if by.reads_bodies else _NO_FACTS)
        if known is not None:
            age = None if job.age is None else job.age + max(0, int(now - job.seen_at))
            members[by.key_of(job, known, age)].append((job, age))
    return [
        _group(key, by.missing, known)
        for key, known in members.items()
        if len(known) >= by.smallest
    ]


_NO_FACTS = BodyFacts()


def _group(key: Key, missing: Key, members: list[tuple[JobInfo, int | None]]) -> Group:
    words = tuple(word or instead for word, instead in zip(key, missing, strict=True))
    states: defaultdict[str | None, int] = defaultdict(int)
    for job, _ in members:
        states[job.state] += 1
    ages = [age for _, age in members if age is not None]
    reserves = sum(job.reserves or 0 for job, _ in members)
    return Group(key, words, [job.id for job, _ in members], states, ages, reserves)


# Ranges of numbers:


def range_of(value: float, limits: tuple[int, ...]) -> int:
    """Return the number of the range that a value is in, from 0.

    >>> [range_of(value, (60, 600)) for value in (0, 60, 599, 600)]
    [0, 1, 1, 2]
    """
    return next((at for at, limit in enumerate(limits) if value < limit), len(limits))


def _range_words(limits: tuple[int, ...], words: Callable[[int], str]) -> tuple[str, ...]:
    """Return the ranges between some limits as words.

    >>> _range_words((60, 600), str)
    ('under 60', '60 to 600', '600 and more')
    """
    between = (f"{words(low)} to {words(high)}" for low, high in pairwise(limits))
    return (f"under {words(limits[0])}", *between, f"{words(limits[-1])} and more")


def _round_duration(seconds: int) -> str:
    """Return a duration in one unit.

    >>> _round_duration(60), _round_duration(6 * 3600), _round_duration(7 * 86_400)
    ('1m', '6h', '7d')
    """
    return duration(seconds).split(" ")[0].removesuffix("0s")


AGE_WORDS = _range_words(AGES, _round_duration)
"""The groups of ages, from the youngest."""

SIZE_WORDS = _range_words(SIZES, size)
"""The groups of sizes, from the smallest."""


def _age(job: JobInfo, facts: BodyFacts, age: int | None) -> Key:
    return ("" if age is None else AGE_WORDS[range_of(age, AGES)],)


def _place_in(words: tuple[str, ...], key: Key) -> float:
    return words.index(key[0]) if key[0] in words else -1


def _number(key: Key) -> float:
    return int(key[0]) if key[0] else -1


NO_CLASS = "no class"

GROUPINGS: Mapping[str, Grouping] = {
    "class": Grouping("class", lambda job, facts, age: (facts.job_class,), missing=(NO_CLASS,)),
    "error": Grouping(
        "class and error",
        lambda job, facts, age: (facts.job_class, facts.error),
        missing=(NO_CLASS, "no error"),
    ),
    "shape": Grouping("kind of body", lambda job, facts, age: (facts.shape,)),
    "same": Grouping(
        "same body",
        lambda job, facts, age: (facts.subject, f"{facts.digest:016x}"),
        missing=("", ""),
        smallest=2,
    ),
    "tube": Grouping("tube", lambda job, facts, age: (job.tube,), reads_bodies=False),
    "state": Grouping("state", lambda job, facts, age: (job.state or "",), reads_bodies=False),
    "priority": Grouping(
        "priority",
        lambda job, facts, age: ("" if job.priority is None else str(job.priority),),
        reads_bodies=False,
        order=_number,
    ),
    "age": Grouping("age", _age, reads_bodies=False, order=partial(_place_in, AGE_WORDS)),
    "size": Grouping(
        "size",
        lambda job, facts, age: (SIZE_WORDS[range_of(facts.size, SIZES)],),
        order=partial(_place_in, SIZE_WORDS),
    ),
}
"""The ways to group jobs, by name."""


BY_CLASS = GROUPINGS["class"]


def beside(chosen: Grouping, by: int, ways: Mapping[str, Grouping]) -> Grouping:
    """Return the grouping `by` places after the chosen one; after the last comes the first.

    >>> beside(BY_CLASS, -1, GROUPINGS).label, beside(by_field("id"), 1, GROUPINGS).label
    ('size', 'class')
    """
    every = list(ways.values())
    at = every.index(chosen) if chosen in every else -1 if by > 0 else 0
    return every[(at + by) % len(every)]


def by_field(path: str) -> Grouping:
    """Return the way to group jobs by a field of their bodies; a `Census` must read it."""
    return Grouping(path, lambda job, facts, age: (facts.field,), missing=("no such field",))
