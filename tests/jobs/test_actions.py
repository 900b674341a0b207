import pytest

from beantop.jobs.actions import (
    Outcome,
    kick,
    pause_tube,
)
from beantop.jobs.connection import ActingConnection
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in, put_buried
from tests.monitor.peer import body, peer


def done(sentence: str) -> Outcome:
    return Outcome("done", sentence)


def refused(sentence: str) -> Outcome:
    return Outcome("refused", sentence)


def kick_buried(server: Beanstalkd, tube: str, bound: int = 100) -> Outcome:
    return acting(server.address, lambda connection: kick(connection, tube, "buried", bound))


def kick_delayed(server: Beanstalkd, tube: str, bound: int = 100) -> Outcome:
    return acting(server.address, lambda connection: kick(connection, tube, "delayed", bound))


def pause(server: Beanstalkd, tube: str, seconds: int) -> Outcome:
    return acting(server.address, lambda connection: pause_tube(connection, tube, seconds))


def test_buried_jobs_are_kicked_up_to_the_bound(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        for _ in range(3):
            put_buried(client)
        client.put("", delay=100)
        assert kick_buried(server, tube, 2) == done(f"Kicked 2 buried jobs of {tube}.")
        assert jobs_in(client, tube) == {"ready": 2, "buried": 1, "delayed": 1}
        assert kick_buried(server, tube) == done(f"Kicked 1 buried job of {tube}.")
        assert jobs_in(client, tube) == {"ready": 3, "delayed": 1}


def test_delayed_jobs_are_kicked_up_to_the_bound(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        for _ in range(3):
            client.put("", delay=100)
        assert kick_delayed(server, tube, 2) == done(f"Kicked 2 delayed jobs of {tube}.")
        assert jobs_in(client, tube) == {"ready": 2, "delayed": 1}


def test_many_jobs_are_counted_with_a_comma() -> None:
    answers = {
        "stats-tube a": body("current-jobs-delayed: 1200\n"),
        "use a": b"USING a\r\n",
        "kick 5000": b"KICKED 1200\r\n",
        "use default": b"USING default\r\n",
    }
    with peer(lambda line: answers[line]) as other:
        outcome = acting(other.address, lambda connection: kick(connection, "a", "delayed", 5000))
    assert outcome == done("Kicked 1,200 delayed jobs of a.")


def test_delayed_jobs_are_not_kicked_once_one_is_buried(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.put("", delay=100)
        put_buried(client)
        assert kick_delayed(server, tube) == refused(
            f"{tube} has buried jobs now, and a kick would take those. Nothing was kicked."
        )
        assert jobs_in(client, tube) == {"delayed": 1, "buried": 1}


def test_a_kick_of_buried_jobs_never_takes_delayed_ones(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=100)
        assert kick_buried(server, tube) == refused(
            f"{tube} no longer has buried jobs. Nothing was kicked."
        )
        assert jobs_in(client, tube) == {"delayed": 1}


def test_a_kick_of_delayed_jobs_where_there_are_none_is_refused(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("")
        before = client.stats().get("cmd-kick")
        assert kick_delayed(server, tube) == refused(
            f"{tube} no longer has delayed jobs. Nothing was kicked."
        )
        assert client.stats().get("cmd-kick") == before


def test_a_tube_that_has_gone_is_neither_kicked_nor_paused_nor_created(
    server: Beanstalkd, tube: str
) -> None:
    gone = f"{tube} is gone. Nothing was"
    assert kick_buried(server, tube) == refused(f"{gone} kicked.")
    assert kick_delayed(server, tube) == refused(f"{gone} kicked.")
    assert pause(server, tube, 60) == refused(f"{gone} paused.")
    assert pause(server, tube, 0) == refused(f"{gone} resumed.")
    with server.client() as client:
        assert tube not in client.tubes()


def test_kicking_leaves_the_connection_using_no_tube(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        client.use("default")

        async def story(connection: ActingConnection) -> int | None:
            assert (await kick(connection, tube, "buried", 1)).result == "done"
            assert connection.is_open
            return client.stats_tube(tube).get("current-using")

        assert acting(server.address, story) == 0


def test_a_tube_is_paused_and_resumed(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        assert pause(server, tube, 3600) == done(f"Paused {tube} for 1h 0m.")
        assert client.stats_tube(tube).get("pause") == 3600
        assert pause(server, tube, 0) == done(f"Resumed {tube}.")
        assert client.stats_tube(tube).get("pause-time-left") == 0


def test_a_tube_that_is_paused_already_is_not_paused_again(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.pause_tube(tube, 3600)
        sentence = f"{tube} is paused already. Nothing was paused."
        assert pause(server, tube, 60) == refused(sentence)
        stats = client.stats_tube(tube)
    assert (stats.get("pause"), stats.get("cmd-pause-tube")) == (3600, 1)


def test_a_tube_that_is_not_paused_is_not_resumed(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        sentence = f"{tube} is no longer paused. Nothing was resumed."
        assert pause(server, tube, 0) == refused(sentence)
        assert client.stats_tube(tube).get("cmd-pause-tube") == 0


@pytest.mark.parametrize("name", ["a b", "-a", "caf\xe9", "a" * 201, ""])
def test_a_tube_that_no_client_can_ask_for_is_left_alone(server: Beanstalkd, name: str) -> None:
    for outcome in (pause(server, name, 1), kick_buried(server, name), kick_delayed(server, name)):
        assert outcome.result == "refused"
        assert outcome.sentence.startswith("Nothing was changed: ")
        assert "is not a tube name" in outcome.sentence


def test_a_number_that_no_server_takes_is_not_sent(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        for outcome in (kick_buried(server, tube, 2**32), pause(server, tube, -1)):
            assert outcome.result == "refused"
            assert "is a number from 0 to 4,294,967,295" in outcome.sentence
        assert jobs_in(client, tube) == {"buried": 1}


def test_a_server_in_drain_mode_still_does_all_this(own_server: Beanstalkd) -> None:
    with own_server.client(watch="default") as client:
        for _ in range(3):
            put_buried(client)
        own_server.drain()
        assert kick_buried(own_server, "default", 1).result == "done"
        assert pause(own_server, "default", 60).result == "done"
        assert jobs_in(client, "default") == {"ready": 1, "buried": 2}
