"""Kicking, pausing and resuming tubes, on a real server."""

from pathlib import Path

import pytest

from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.runner import Bulk
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.bulk.tubes import KickTubes, PauseTubes
from beantop.jobs.connection import ActingConnection
from beantop.jobs.journal import Journal
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in, put_buried
from tests.jobs.bulk.running import became, do
from tests.monitor.peer import HANG_UP, body, peer


def kick_buried(server: Beanstalkd, tube: str, bound: int = 100) -> Tally:
    return do(server, KickTubes("buried", {tube: bound}), [tube])


def kick_delayed(server: Beanstalkd, tube: str, bound: int = 100) -> Tally:
    return do(server, KickTubes("delayed", {tube: bound}), [tube])


def pause(server: Beanstalkd, tube: str, seconds: int) -> Tally:
    return do(server, PauseTubes(seconds), [tube])


def test_buried_jobs_are_kicked_up_to_the_bound(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        for _ in range(3):
            put_buried(client)
        client.put("", delay=100)
        assert kick_buried(server, tube, 2).jobs == 2
        assert jobs_in(client, tube) == {"ready": 2, "buried": 1, "delayed": 1}
        assert kick_buried(server, tube).jobs == 1
        assert jobs_in(client, tube) == {"ready": 3, "delayed": 1}


def test_delayed_jobs_are_kicked_up_to_the_bound(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        for _ in range(3):
            client.put("", delay=100)
        assert kick_delayed(server, tube, 2).jobs == 2
        assert jobs_in(client, tube) == {"ready": 2, "delayed": 1}


def test_the_jobs_are_counted_by_the_server() -> None:
    answers = {
        "stats-tube a": body("current-jobs-delayed: 1200\n"),
        "use a": b"USING a\r\n",
        "kick 5000": b"KICKED 1200\r\n",
        "use default": b"USING default\r\n",
    }
    with peer(lambda line: answers[line]) as other:
        act = KickTubes("delayed", {"a": 5000})
        tally = acting(other.address, lambda connection: Bulk(connection, act, ["a"]).run())
    assert (tally.done, tally.jobs) == (1, 1200)


def test_delayed_jobs_are_not_kicked_once_one_is_buried(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.put("", delay=100)
        put_buried(client)
        tally = kick_delayed(server, tube)
        assert tally.others == became(Outcome.BURIED_COME_FIRST)
        assert tally.sentence_of_one("Kicked", "tube a") == (
            "Tube a has buried jobs now, and a kick would take those. Nothing was changed."
        )
        assert jobs_in(client, tube) == {"delayed": 1, "buried": 1}


def test_a_kick_of_buried_jobs_never_takes_delayed_ones(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=100)
        assert kick_buried(server, tube).parts == [f"{tube} has no buried jobs now"]
        assert jobs_in(client, tube) == {"delayed": 1}


def test_a_kick_of_delayed_jobs_where_there_are_none_is_refused(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("")
        before = client.stats().get("cmd-kick")
        assert kick_delayed(server, tube).parts == [f"{tube} has no delayed jobs now"]
        assert client.stats().get("cmd-kick") == before


def test_a_tube_that_has_gone_is_neither_kicked_nor_paused_nor_created(
    server: Beanstalkd, tube: str
) -> None:
    gone = Tally(1, others=became(Outcome.GONE))
    assert kick_buried(server, tube) == kick_delayed(server, tube) == gone
    assert pause(server, tube, 60) == pause(server, tube, 0) == gone
    with server.client() as client:
        assert tube not in client.tubes()


def test_kicking_leaves_the_connection_using_no_tube(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        client.use("default")

        async def story(connection: ActingConnection) -> int | None:
            bulk = Bulk(connection, KickTubes("buried", {tube: 1}), [tube])
            assert (await bulk.run()).done == 1
            assert connection.is_open
            return client.stats_tube(tube).get("current-using")

        assert acting(server.address, story) == 0


def test_a_tube_is_paused_and_resumed(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        assert pause(server, tube, 3600) == Tally(1, done=1)
        assert client.stats_tube(tube).get("pause") == 3600
        assert pause(server, tube, 0) == Tally(1, done=1)
        assert client.stats_tube(tube).get("pause-time-left") == 0


def test_a_tube_that_is_paused_already_is_not_paused_again(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.pause_tube(tube, 3600)
        assert pause(server, tube, 60).parts == [f"{tube} is already paused"]
        stats = client.stats_tube(tube)
    assert (stats.get("pause"), stats.get("cmd-pause-tube")) == (3600, 1)


def test_a_tube_that_is_not_paused_is_not_resumed(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        assert pause(server, tube, 0).parts == [f"{tube} is not paused now"]
        assert client.stats_tube(tube).get("cmd-pause-tube") == 0


@pytest.mark.parametrize("name", ["a b", "-a", "caf\xe9", "a" * 201, ""])
def test_a_tube_that_no_client_can_ask_for_is_left_alone(server: Beanstalkd, name: str) -> None:
    for tally in (pause(server, name, 1), kick_buried(server, name), kick_delayed(server, name)):
        assert tally.of(Outcome.INVALID) == 1
        assert "is not a tube name" in tally.parts[0]


def test_a_number_that_no_server_takes_is_not_sent(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        for tally in (kick_buried(server, tube, 2**32), pause(server, tube, -1)):
            assert tally.of(Outcome.INVALID) == 1
            assert "is a number from 0 to 4,294,967,295" in tally.parts[0]
        assert jobs_in(client, tube) == {"buried": 1}


def test_a_server_in_drain_mode_still_does_all_this(own_server: Beanstalkd) -> None:
    with own_server.client(watch="default") as client:
        for _ in range(3):
            put_buried(client)
        own_server.drain()
        assert kick_buried(own_server, "default", 1).done == 1
        assert pause(own_server, "default", 60).done == 1
        assert jobs_in(client, "default") == {"ready": 1, "buried": 2}


def kick_of_five(replies: dict[str, bytes | None], names: str = "abcde") -> tuple[Tally, list[str]]:
    """What comes of kicking tubes with three buried jobs each, and what the server received."""

    def answer(line: str) -> bytes | None:
        word, _, name = line.partition(" ")
        if line in replies:
            return replies[line]
        if word == "stats-tube":
            return body("current-jobs-buried: 3\n")
        return {"use": b"USING %b\r\n" % name.encode(), "kick": b"KICKED 3\r\n"}[word]

    act = KickTubes("buried", dict.fromkeys(names, 3))
    with peer(answer) as other:
        tally = acting(other.address, lambda connection: Bulk(connection, act, [*names]).run())
    return tally, other.received


def test_what_became_of_several_tubes_adds_up_in_one_sentence() -> None:
    tally, _ = kick_of_five(
        {
            "stats-tube b": b"NOT_FOUND\r\n",
            "stats-tube c": body("current-jobs-buried: 0\n"),
            "use e": b"OUT_OF_MEMORY\r\n",
        }
    )
    assert (tally.total, tally.done, tally.jobs, tally.left) == (5, 2, 6, 0)
    assert tally.sentence("Kicked 6 buried jobs in", "tube") == (
        "Kicked 6 buried jobs in 2 of 5 tubes: b was already gone, c has no buried jobs now, e was"
        " refused (use): the server is out of memory."
    )


def test_many_tubes_of_the_same_outcome_are_counted_and_not_named() -> None:
    gone: dict[str, bytes | None] = {f"stats-tube {name}": b"NOT_FOUND\r\n" for name in "abc"}
    assert kick_of_five(gone)[0].parts == ["3 were already gone"]
    del gone["stats-tube a"]
    assert kick_of_five(gone)[0].parts == ["b and c were already gone"]


def test_after_a_loss_no_other_tube_is_tried() -> None:
    tally, received = kick_of_five({"use b": b"USING b\r\n", "stats-tube c": HANG_UP})
    assert (tally.done, tally.others.total(), tally.left) == (2, 0, 3)
    assert received[-1] == "stats-tube c"
    assert tally.sentence("Kicked 6 buried jobs in", "tube") == (
        "Kicked 6 buried jobs in 2 of 5 tubes: 3 were not tried."
        " Ended: the server closed the connection."
    )


def test_a_tube_whose_reply_was_lost_is_unknown_and_named_in_the_log(tmp_path: Path) -> None:
    tally, _ = kick_of_five({"kick 3": HANG_UP}, "ab")
    assert tally.parts == ["a is of unknown outcome: no reply came"]
    assert (tally.left, tally.verb("Kicked")) == (1, "Maybe kicked")
    journal = Journal(tmp_path / "actions.jsonl")
    journal.note("queue", tally.verb("Kicked"), "2 tubes", tally.as_members())
    (noted,) = journal.last(2)
    assert (noted["unknown"], noted["not_tried"], noted["tubes"]) == (1, 1, {"a": "unknown"})
