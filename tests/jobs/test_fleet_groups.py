"""Groups of the jobs of several servers."""

from beantop.jobs.fleet_groups import (
    BY_SERVER,
    FLEET_GROUPINGS,
    FleetGroup,
    JobsOnServer,
    groups_of_all,
)
from beantop.jobs.groups import GROUPINGS, Grouping, Key, facts_of
from tests.jobs.test_groups import FACTS, JOBS, job

SERVERS = [
    JobsOnServer(1, "one", JOBS, FACTS),
    JobsOnServer(2, "two", [job(1, age=9000), job(2)], {1: FACTS[3], 2: facts_of(b"once")}),
]


def grouped(by: Grouping) -> dict[Key, FleetGroup]:
    return {group.whole.key: group for group in groups_of_all(SERVERS, by, 100.0)}


def test_a_group_has_the_jobs_of_all_servers_and_knows_those_of_each() -> None:
    groups = grouped(GROUPINGS["class"])
    assert groups.keys() == {("App\\Jobs\\SendMail",), ("",)}
    other = groups["",]
    assert other.whole.count == 4
    assert {number: part.ids for number, part in other.parts.items()} == {1: [3, 4], 2: [1, 2]}
    assert other.whole.states == {"buried": 3, None: 1}
    assert (other.whole.oldest, other.whole.newest, other.whole.reserves) == (700_000, 10, 3)


def test_no_job_can_be_found_by_an_id_that_several_servers_have() -> None:
    assert not any(group.whole.ids for group in grouped(GROUPINGS["class"]).values())


def test_bodies_are_the_same_also_on_different_servers() -> None:
    """`ping` is on both, and two bodies are nowhere else."""
    [same] = grouped(GROUPINGS["same"]).values()
    assert {number: part.ids for number, part in same.parts.items()} == {1: [3, 4], 2: [1]}
    alone = [server._replace(jobs=server.jobs[:3]) for server in SERVERS]
    [same] = groups_of_all(alone, GROUPINGS["same"], 100.0)
    assert {number: part.ids for number, part in same.parts.items()} == {1: [3], 2: [1]}


def test_servers_are_groups_although_their_titles_may_be_the_same() -> None:
    servers = [server._replace(title="queue") for server in SERVERS]
    groups = groups_of_all(servers, BY_SERVER, 100.0)
    assert [(group.whole.words, group.whole.count) for group in groups] == [
        (("1 queue",), 4),
        (("2 queue",), 2),
    ]


def test_servers_come_beside_tubes_among_the_ways_to_group() -> None:
    names = list(FLEET_GROUPINGS)
    assert names[names.index("tube") + 1] == "server"
    assert [name for name in names if name != "server"] == list(GROUPINGS)
