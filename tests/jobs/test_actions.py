from dataclasses import replace

import pytest

from beantop.beanstalk import State
from beantop.jobs.actions import (
    Outcome,
    delete_job,
    kick,
    kick_job,
    pause_tube,
    why_not_delete,
    why_not_kick,
)
from beantop.jobs.look import JobSeen
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import acting, jobs_in, look, put_buried
from tests.monitor.peer import body, peer


def done(sentence: str) -> Outcome:
    return Outcome("done", sentence)


def refused(sentence: str) -> Outcome:
    return Outcome("refused", sentence)


def kick_buried(server: Beanstalkd, tube: str, bound: int = 100) -> Outcome:
    return acting(server.address, lambda connection: kick(connection, tube, "buried", bound))


def kick_delayed(server: Beanstalkd, tube: str, bound: int = 100) -> Outcome:
    return acting(server.address, lambda connection: kick(connection, tube, "delayed", bound))


def kick_it(server: Beanstalkd, seen: JobSeen) -> Outcome:
    return acting(server.address, lambda connection: kick_job(connection, seen))


def delete_it(server: Beanstalkd, seen: JobSeen) -> Outcome:
    return acting(server.address, lambda connection: delete_job(connection, seen))


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
            f"{tube} has buried jobs by now, and a kick would take those. Nothing was kicked."
        )
        assert jobs_in(client, tube) == {"delayed": 1, "buried": 1}


def test_a_kick_of_buried_jobs_never_takes_delayed_ones(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=100)
        assert kick_buried(server, tube) == refused(
            f"Nothing is buried in {tube} any more. Nothing was kicked."
        )
        assert jobs_in(client, tube) == {"delayed": 1}


def test_a_kick_of_delayed_jobs_where_there_are_none_is_refused(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("")
        before = client.stats().get("cmd-kick")
        assert kick_delayed(server, tube) == refused(
            f"Nothing is delayed in {tube} any more. Nothing was kicked."
        )
        assert client.stats().get("cmd-kick") == before


def test_a_tube_that_has_gone_is_neither_kicked_nor_paused_nor_created(
    server: Beanstalkd, tube: str
) -> None:
    gone = f"{tube} has gone. Nothing was"
    assert kick_buried(server, tube) == refused(f"{gone} kicked.")
    assert kick_delayed(server, tube) == refused(f"{gone} kicked.")
    assert pause(server, tube, 60) == refused(f"{gone} paused.")
    assert pause(server, tube, 0) == refused(f"{gone} resumed.")
    with server.client() as client:
        assert tube not in client.tubes()


def test_kicking_leaves_the_connection_using_no_tube(server: Beanstalkd, tube: str) -> None:
    with server.client(watch=tube) as client:
        client.use(tube)
        put_buried(client)
        client.delete(client.put("", delay=1))
        client.use("default")
        kick_buried(server, tube)
        assert client.stats_tube(tube).get("current-using") == 0


def test_a_buried_job_is_kicked(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        id, other = put_buried(client), put_buried(client)
        assert kick_it(server, look(server.address, id)) == done(f"Kicked job {id}: it is ready.")
        assert client.stats_job(id).get("state") == "ready"
        assert client.stats_job(other).get("state") == "buried"


def test_a_delayed_job_is_kicked_even_while_others_are_buried(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        id = client.put("", delay=100)
        assert kick_it(server, look(server.address, id)).result == "done"
        assert jobs_in(client, tube) == {"ready": 1, "buried": 1}


@pytest.mark.parametrize("delay", [0, 100])
def test_a_ready_or_delayed_job_is_deleted(server: Beanstalkd, tube: str, delay: int) -> None:
    with server.client(use=tube) as client:
        id, kept = client.put("", delay=delay), client.put("")
        assert delete_it(server, look(server.address, id)) == done(f"Deleted job {id}.")
        assert jobs_in(client, tube) == {"ready": 1}
        assert client.peek(kept).id == kept


def test_a_buried_job_is_deleted(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        assert delete_it(server, look(server.address, put_buried(client))).result == "done"
        assert jobs_in(client, tube) == {}


def test_a_job_that_changed_its_state_is_left_alone(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        id = put_buried(client)
        seen = look(server.address, id)
        client.kick_job(id)
        sentence = f"Job {id} is ready by now, it was buried. Nothing was changed."
        assert kick_it(server, seen) == delete_it(server, seen) == refused(sentence)
        assert jobs_in(client, tube) == {"ready": 1}


def test_a_job_that_a_worker_took_is_left_alone(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as worker:
        id = worker.put("", ttr=100)
        seen = look(server.address, id)
        job = worker.reserve()
        sentence = f"Job {id} is reserved by now, it was ready. Nothing was changed."
        assert delete_it(server, seen) == refused(sentence)
        assert jobs_in(worker, tube) == {"reserved": 1}
        worker.delete(job)


def test_a_job_that_a_worker_held_already_is_left_alone(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as worker:
        id = worker.put("", ttr=100)
        worker.reserve()
        seen = look(server.address, id)
        sentence = f"Job {id} is gone, or a worker has taken it meanwhile. Nothing was changed."
        assert delete_it(server, seen) == kick_it(server, seen) == refused(sentence)
        assert jobs_in(worker, tube) == {"reserved": 1}


def test_a_job_that_is_gone_is_said_to_be(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        id = put_buried(client)
        seen = look(server.address, id)
        client.delete(id)
        sentence = f"Job {id} is gone, or a worker has taken it meanwhile. Nothing was changed."
        assert delete_it(server, seen) == kick_it(server, seen) == refused(sentence)


@pytest.mark.parametrize(("tube", "body"), [("b", "same"), ("a", "other")])
def test_after_a_restart_another_job_may_have_the_id_and_is_left_alone(
    own_server: Beanstalkd, tube: str, body: str
) -> None:
    with own_server.client(use="a") as client:
        id = client.put("same")
    seen = look(own_server.address, id)
    own_server.stop()
    own_server.start()
    with own_server.client(use=tube) as client:
        assert client.put(body) == id
        sentence = f"Job {id} is another job by now. Nothing was changed."
        assert delete_it(own_server, seen) == refused(sentence)
        assert jobs_in(client, tube) == {"ready": 1}


def test_a_tube_is_paused_and_resumed(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        assert pause(server, tube, 3600) == done(f"Paused {tube} for 3,600 s.")
        assert client.stats_tube(tube).get("pause") == 3600
        assert pause(server, tube, 0) == done(f"Resumed {tube}.")
        assert client.stats_tube(tube).get("pause-time-left") == 0


def test_a_job_that_is_younger_than_the_one_seen_is_another_one_and_left_alone(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        seen = look(server.address, client.put("same"))
        older = replace(seen, stats={**seen.stats, "age": 1000})
        sentence = f"Job {seen.id} is another job by now. Nothing was changed."
        assert delete_it(server, older) == kick_it(server, older) == refused(sentence)
        assert jobs_in(client, tube) == {"ready": 1}


def test_a_tube_that_is_paused_already_is_not_paused_again(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.pause_tube(tube, 3600)
        sentence = f"{tube} is paused already by now. Nothing was paused."
        assert pause(server, tube, 60) == refused(sentence)
        stats = client.stats_tube(tube)
    assert (stats.get("pause"), stats.get("cmd-pause-tube")) == (3600, 1)


def test_a_tube_that_is_not_paused_is_not_resumed(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        sentence = f"{tube} is not paused any more. Nothing was resumed."
        assert pause(server, tube, 0) == refused(sentence)
        assert client.stats_tube(tube).get("cmd-pause-tube") == 0


@pytest.mark.parametrize("name", ["a b", "-a", "caf\xe9", "a" * 201, ""])
def test_a_tube_that_no_client_can_ask_for_is_left_alone(server: Beanstalkd, name: str) -> None:
    for outcome in (pause(server, name, 1), kick_buried(server, name), kick_delayed(server, name)):
        assert outcome.result == "refused"
        assert outcome.sentence.startswith("Nothing was changed: ")
        assert "is no name for a tube" in outcome.sentence


def test_a_number_that_no_server_takes_is_not_sent(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        for outcome in (kick_buried(server, tube, 2**32), pause(server, tube, -1)):
            assert outcome.result == "refused"
            assert "is a number from 0 to 4,294,967,295" in outcome.sentence
        assert jobs_in(client, tube) == {"buried": 1}


def test_a_server_in_drain_mode_still_does_all_this(own_server: Beanstalkd) -> None:
    with own_server.client(watch="default") as client:
        first, second, third = put_buried(client), put_buried(client), put_buried(client)
        own_server.drain()
        assert kick_buried(own_server, "default", 1).result == "done"
        assert kick_it(own_server, look(own_server.address, second)).result == "done"
        assert delete_it(own_server, look(own_server.address, first)).result == "done"
        assert pause(own_server, "default", 60).result == "done"
        assert jobs_in(client, "default") == {"ready": 1, "buried": 1}
        assert client.stats_job(third).get("state") == "buried"


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("buried", ""),
        ("delayed", ""),
        ("ready", "The job is ready. Kick is for buried and delayed jobs."),
        ("reserved", "The job is reserved. Kick is for buried and delayed jobs."),
        (None, "The state of the job is unknown. Kick is for buried and delayed jobs."),
    ],
)
def test_kick_is_for_buried_and_delayed_jobs(state: State | None, why: str) -> None:
    assert why_not_kick(state) == why


def test_only_its_worker_deletes_a_reserved_job() -> None:
    held = JobSeen(1, b"", {"state": "reserved", "time-left": 3600})
    assert why_not_delete(held) == (
        "A worker holds this job for 3,600 s more. beanstalkd lets only that worker delete it."
    )
    assert why_not_delete(JobSeen(1, b"", {"state": "reserved"})).startswith(
        "A worker holds this job. "
    )
    assert why_not_delete(JobSeen(1, b"", {"state": "buried"})) == ""
    assert why_not_delete(JobSeen(1, b"")) == ""
