from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from beantop.beanstalk import BadFormatError, Client, StatsJob
from beantop.jobs.body import KEPT_WHOLE
from beantop.jobs.connection import ActingConnection
from beantop.jobs.job_info import listed
from beantop.jobs.peek import (
    LOOKS_AT_LARGE,
    Heads,
    JobRecord,
    peek_heads,
    peek_job,
    peek_job_again,
)
from tests.beanstalkd import Beanstalkd, free_port
from tests.jobs.acting import acting, jobs_in, look, put_buried
from tests.monitor.peer import SILENCE, body, peer


def heads_of(server: Beanstalkd, tube: str) -> Heads:
    return acting(server.address, lambda connection: peek_heads(connection, tube))


def ids(heads: Heads) -> list[int | None]:
    return [job.id if job else None for job in (heads.ready, heads.delayed, heads.buried)]


def test_the_first_job_of_each_state_is_seen(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        buried = put_buried(client)
        put_buried(client)
        client.put("later", priority=9)
        ready = client.put("first", priority=1)
        client.put("", delay=200)
        delayed = client.put("", delay=100)
        heads = heads_of(server, tube)
    assert ids(heads) == [ready, delayed, buried]
    assert heads.ready
    assert (heads.ready.body, heads.ready.tube, heads.ready.state) == (b"first", tube, "ready")


def test_a_state_without_a_job_has_no_first_one(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.put("")
        client.reserve()
        assert heads_of(server, tube) == Heads()


def test_a_tube_that_is_not_there_has_no_jobs_and_is_not_created(
    own_server: Beanstalkd, tube: str
) -> None:
    with own_server.client() as client:
        assert heads_of(own_server, tube) == Heads()
        assert client.tubes() == ["default"]
        assert client.stats().get("cmd-use") == 0


def test_looking_leaves_the_connection_using_no_other_tube(server: Beanstalkd, tube: str) -> None:
    async def look_and_ask(connection: ActingConnection) -> tuple[int, int]:
        await peek_heads(connection, tube)
        with server.client() as other:
            used = other.stats_tube(tube).get("current-using", -1)
            return used, other.stats_tube("default").get("current-using", -1)

    with server.client(watch=tube):
        assert acting(server.address, look_and_ask) == (0, 3)


def test_looking_changes_no_job(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        ids = [client.put(""), client.put("", delay=100), put_buried(client)]
        before = [client.stats_job(id) for id in ids]
        heads_of(server, tube)
        for id in ids:
            look(server.address, id)
        after = [client.stats_job(id) for id in ids]
    for stats in (*before, *after):
        stats.pop("age", None)
        stats.pop("time-left", None)
    assert before == after


def test_a_job_is_seen_in_whatever_state_it_is(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        held = client.put("held", ttr=100)
        client.reserve()
        jobs = [held, put_buried(client), client.put("", delay=9), client.put("")]
        seen = [look(server.address, id) for id in jobs]
    assert [job.state for job in seen] == ["reserved", "buried", "delayed", "ready"]
    assert (seen[0].id, seen[0].body, seen[0].tube) == (held, b"held", tube)
    assert seen[0].stats.get("ttr") == 100


def test_a_body_is_seen_as_the_bytes_it_is(server: Beanstalkd, tube: str) -> None:
    every_byte = bytes(range(256)) + b"\r\n"
    with server.raw() as connection:
        connection.sendall(b"use %b\r\n" % tube.encode())
        connection.sendall(b"put 0 0 60 %d\r\n%b\r\n" % (len(every_byte), every_byte))
        connection.sendall(b"quit\r\n")
        while connection.recv(4096):
            pass
    ready = heads_of(server, tube).ready
    assert ready
    assert ready.body == every_byte


def test_a_job_that_is_gone_is_none(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        id = client.put("")
        client.delete(id)
    assert acting(server.address, lambda connection: peek_job(connection, id)) is None


def test_a_server_that_drains_shows_its_jobs(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        id = client.put("")
        own_server.drain()
        assert ids(heads_of(own_server, "default")) == [id, None, None]
        assert jobs_in(client, "default") == {"ready": 1}


def answer(line: str) -> bytes:
    """A server whose first ready job is taken and deleted while it is looked at."""
    answers = {
        "stats-tube a": body("name: a\n"),
        "peek-ready": b"FOUND 1 0\r\n\r\n",
        "peek 1": b"FOUND 1 0\r\n\r\n",
        "peek-delayed": b"FOUND 2 1\r\nx\r\n",
        "stats-job 2": body("id: 2\nstate: delayed\n"),
    }
    if line.startswith("use "):
        return b"USING %b\r\n" % line[4:].encode()
    return answers.get(line, b"NOT_FOUND\r\n")


def test_a_job_that_goes_while_it_is_looked_at_is_not_seen() -> None:
    with peer(answer) as other:
        heads = acting(other.address, lambda connection: peek_heads(connection, "a"))
        assert acting(other.address, lambda connection: peek_job(connection, 1)) is None
    assert heads == Heads(delayed=JobRecord(2, b"x", {"id": 2, "state": "delayed"}))


def test_what_is_not_said_of_a_job_is_unknown() -> None:
    with peer(lambda line: body("---\n") if line == "stats-job 1" else answer(line)) as other:
        seen = look(other.address, 1)
    assert (seen.state, seen.tube, seen.stats) == (None, "", {})


def test_a_tube_that_no_client_can_ask_for_is_an_error() -> None:
    nowhere = ("127.0.0.1", free_port())
    with pytest.raises(ValueError, match="is not a tube name"):
        acting(nowhere, lambda connection: peek_heads(connection, "a b"))


def test_what_is_said_of_the_first_jobs_is_asked_for_at_once() -> None:
    """The server says nothing of the first job before it was asked for the last one."""
    jobs = [body(f"id: {id}\ntube: a\n") for id in (1, 2, 3)]
    answers = {
        "stats-tube a": body("name: a\n"),
        "peek-ready": b"FOUND 1 0\r\n\r\n",
        "peek-delayed": b"FOUND 2 1\r\nx\r\n",
        "peek-buried": b"FOUND 3 1\r\ny\r\n",
        "stats-job 1": SILENCE,
        "stats-job 2": SILENCE,
        "stats-job 3": b"".join(jobs),
    }
    with peer(lambda line: answers.get(line, answer(line))) as other:
        heads = acting(other.address, lambda connection: peek_heads(connection, "a"))
    assert ids(heads) == [1, 2, 3]
    assert [job.stats.get("id") for job in (heads.ready, heads.delayed, heads.buried) if job] == [
        1,
        2,
        3,
    ]
    assert other.connections == 1


def test_a_server_that_cannot_show_first_jobs_is_an_error() -> None:
    with (
        peer(lambda line: b"BAD_FORMAT\r\n" if "peek" in line else answer(line)) as other,
        pytest.raises(BadFormatError, match="peek-ready: "),
    ):
        acting(other.address, lambda connection: peek_heads(connection, "a"))


def look_again_at(server: Beanstalkd, seen: JobRecord) -> JobRecord | None:
    return acting(server.address, lambda connection: peek_job_again(connection, seen))


def test_a_job_is_looked_at_again_as_it_is_now(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        id = client.put("body", priority=5)
        seen = look(server.address, id)
        client.bury(client.reserve(), priority=7)
        now = look_again_at(server, seen)
    assert now
    assert (now.id, now.body, now.state, now.stats.get("pri")) == (id, b"body", "buried", 7)
    assert seen.state == "ready"


def test_a_body_is_not_fetched_again() -> None:
    seen = JobRecord(2, b"x", {"id": 2, "state": "ready"})
    with peer(answer) as other:
        now = acting(other.address, lambda connection: peek_job_again(connection, seen))
    assert now == JobRecord(2, b"x", {"id": 2, "state": "delayed"})
    assert other.received == ["stats-job 2"]


def test_a_job_that_is_gone_is_none_when_looked_at_again(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        seen = look(server.address, client.put(""))
        client.delete(seen.id)
    assert look_again_at(server, seen) is None


@pytest.mark.parametrize(
    ("now", "is_it"),
    [
        ({"tube": "a", "age": 9}, True),
        ({"tube": "a", "age": 10}, True),
        ({"tube": "a", "age": 8}, False),
        ({"tube": "b", "age": 9}, False),
        ({"age": 9}, False),
    ],
)
def test_a_job_of_another_tube_or_a_younger_one_is_another_job(now: StatsJob, is_it: bool) -> None:
    seen = JobRecord(1, b"x", {"tube": "a", "age": 9})
    said = body("".join(f"{key}: {value}\n" for key, value in now.items()))
    with peer(lambda _: said) as other:
        found = acting(other.address, lambda connection: peek_job_again(connection, seen))
    assert found == (replace(seen, stats=now) if is_it else None)
    assert seen.listed.may_have_become(listed(1, now, 0.0), seen.seen_at) is is_it


@pytest.fixture(scope="module")
def roomy() -> Iterator[Beanstalkd]:
    """A server that takes large bodies."""
    server = Beanstalkd("-z", "1000000")
    yield server
    server.stop()


LARGE = "x" * (KEPT_WHOLE + 1)


def look_often(
    server: Beanstalkd, tube: str, times: int, then: Callable[[], object] = lambda: None
) -> tuple[Heads, int]:
    """Peek `times` times, act, and peek once more. Return the first job and the number of peeks."""

    async def story(connection: ActingConnection) -> Heads:
        heads = Heads()
        for _ in range(times):
            heads = await peek_heads(connection, tube, heads)
        then()
        return await peek_heads(connection, tube, heads)

    def peeks() -> int:
        with server.client() as client:
            return client.stats().get("cmd-peek-ready", -1)

    before = peeks()
    heads = acting(server.address, story)
    return heads, peeks() - before


def test_a_large_body_is_not_fetched_with_each_look(roomy: Beanstalkd, tube: str) -> None:
    with roomy.client(use=tube) as client:
        id = client.put(LARGE)
        heads, peeks = look_often(roomy, tube, 9)
    assert heads.ready
    assert (heads.ready.id, len(heads.ready.body)) == (id, len(LARGE))
    assert peeks == 2  # once more, to know what moves


def test_what_is_first_is_peeked_now_and_then_even_if_nothing_moves(
    roomy: Beanstalkd, tube: str
) -> None:
    with roomy.client(use=tube) as client:
        client.put(LARGE)
        _, peeks = look_often(roomy, tube, 2 * (LOOKS_AT_LARGE + 1) + 1)
    assert peeks == 4


def test_small_bodies_are_fetched_with_each_look(roomy: Beanstalkd, tube: str) -> None:
    with roomy.client(use=tube) as client:
        client.put("small")
        assert look_often(roomy, tube, 4)[1] == 5


def put_urgent(client: Client[str], tube: str, other: int) -> None:
    client.put("urgent", priority=0)


def reserve_the_first(client: Client[str], tube: str, other: int) -> None:
    client.reserve(timeout=0)


def make_the_other_urgent(client: Client[str], tube: str, other: int) -> None:
    client.release(client.reserve_job(other), priority=0)


def change_places(client: Client[str], tube: str, other: int) -> None:
    """Check that the numbers of ready and reserved jobs do not change."""
    client.release(client.reserve(timeout=0), priority=9)


@pytest.mark.parametrize(
    "moved", [put_urgent, reserve_the_first, make_the_other_urgent, change_places]
)
def test_another_job_that_gets_before_a_large_one_is_seen_at_once(
    roomy: Beanstalkd, tube: str, moved: Callable[[Client[str], str, int], None]
) -> None:
    with roomy.client(use=tube, watch=tube) as client:
        first = client.put(LARGE, priority=5)
        other = client.put("other", priority=6)
        heads, _ = look_often(roomy, tube, 4, lambda: moved(client, tube, other))
        assert heads.ready
        assert heads.ready.id == client.peek_ready().id != first
