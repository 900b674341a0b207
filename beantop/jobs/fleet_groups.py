"""The jobs of several servers in groups."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from beantop.jobs.groups import (
    GROUPINGS,
    BodyFacts,
    Group,
    Grouping,
    Key,
    groups_of,
)
from beantop.jobs.job_info import JobInfo

BY_SERVER = Grouping("server", lambda job, facts, age: ("",), reads_bodies=False)
"""Groups jobs by their server, which only `groups_of_all` knows."""

FLEET_GROUPINGS: Mapping[str, Grouping] = {
    name: by
    for way, grouping in GROUPINGS.items()
    for name, by in ((way, grouping), *([("server", BY_SERVER)] if way == "tube" else []))
}
"""The ways to group the jobs of several servers, by name."""


class JobsOnServer(NamedTuple):
    """Jobs of one server, and what is known of their bodies."""

    number: int
    """Number of the server, from 1."""
    title: str
    jobs: Sequence[JobInfo]
    facts: Mapping[int, BodyFacts]


@dataclass(frozen=True, slots=True)
class FleetGroup:
    """Jobs of several servers that have something in common."""

    whole: Group
    """All of them, but without ids: jobs of different servers may have the same."""
    parts: Mapping[int, Group]
    """The groups of each server, by its number."""


def groups_of_all(servers: Iterable[JobsOnServer], by: Grouping, now: float) -> list[FleetGroup]:
    """Return the groups of all these jobs at `now`, in seconds of the monotonic clock, in any order."""
    found: defaultdict[Key, dict[int, Group]] = defaultdict(dict)
    for server in servers:
        for group in groups_of(server.jobs, server.facts, _on(server, by), now):
            found[group.key][server.number] = group
    groups = (FleetGroup(_whole(list(parts.values())), parts) for parts in found.values())
    return [group for group in groups if group.whole.count >= by.smallest]


def _on(server: JobsOnServer, by: Grouping) -> Grouping:
    """Return the grouping for the jobs of one server. A small group may be larger with other servers."""
    if by is not BY_SERVER:
        return by._replace(smallest=1)
    key = (f"{server.number} {server.title}",)
    return by._replace(key_of=lambda job, facts, age: key)


def _whole(parts: Sequence[Group]) -> Group:
    states: Counter[str | None] = Counter()
    for part in parts:
        states.update(part.states)
    ages = [age for part in parts for age in part.ages]
    reserves = sum(part.reserves for part in parts)
    return Group(parts[0].key, parts[0].words, [], states, ages, reserves)
