import errno
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from pathlib import Path

import pytest

from beantop.beanstalk import (
    Client,
    DeadlineSoonError,
    DrainingError,
    Job,
    JobTooBigError,
    NotFoundError,
    NotIgnoredError,
    TimedOutError,
    UndecodableBodyError,
    format_address,
)
from tests.beanstalk.arguments import NO_NAMES, TAKING_A_NUMBER, TAKING_A_TUBE, TAKING_AN_ID, fill
from tests.beanstalkd import Beanstalkd, wait_until


@pytest.fixture
def client(server: Beanstalkd, tube: str) -> Iterator[Client[str]]:
    with server.client(use=tube, watch=tube) as client:
        yield client


@pytest.fixture
def other(server: Beanstalkd, tube: str) -> Iterator[Client[str]]:
    with server.client(use=tube, watch=tube) as client:
        yield client


def test_put_gives_an_id_and_reserve_the_job(client: Client[str]) -> None:
    id = client.put("hello")
    assert client.reserve() == Job(id, "hello")


def test_reserve_gives_the_most_urgent_job_first(client: Client[str]) -> None:
    client.put("later", priority=2)
    client.put("now", priority=1)
    assert client.reserve().body == "now"


def test_put_has_the_defaults_of_the_field(client: Client[str]) -> None:
    stats = client.stats_job(client.put(""))
    assert (stats["pri"], stats["delay"], stats["ttr"]) == (65536, 0, 60)


def test_put_takes_priority_delay_and_ttr(client: Client[str]) -> None:
    stats = client.stats_job(client.put("", 1, 200, 3000))
    assert (stats["pri"], stats["delay"], stats["ttr"]) == (1, 200, 3000)
    assert stats["state"] == "delayed"


def test_a_deleted_job_is_gone(client: Client[str]) -> None:
    id = client.put("hello")
    client.delete(id)
    with pytest.raises(NotFoundError, match=f"delete {id}: not found"):
        client.delete(id)


def test_a_job_or_its_id_will_do(client: Client[str]) -> None:
    job = Job(client.put("", delay=60), "")
    client.kick_job(job)
    assert client.stats_job(job) == client.stats_job(job.id)
    held = client.reserve()
    client.touch(held)
    client.release(held)
    client.reserve_job(job.id)
    client.bury(held)
    client.delete(held)


def test_a_released_job_is_ready_with_its_new_priority_and_delay(client: Client[str]) -> None:
    client.put("hello")
    job = client.reserve()
    client.release(job, priority=5, delay=60)
    stats = client.stats_job(job)
    assert (stats["state"], stats["pri"], stats["delay"]) == ("delayed", 5, 60)


def test_a_buried_job_comes_back_by_a_kick(client: Client[str]) -> None:
    client.put("hello")
    client.bury(client.reserve(), priority=7)
    assert client.peek_buried().body == "hello"
    assert client.kick(10) == 1
    assert client.stats_job(client.reserve())["pri"] == 7


def test_the_peeks_show_jobs_of_the_used_tube(client: Client[str]) -> None:
    ready, delayed = client.put("r"), client.put("d", delay=60)
    assert client.peek_ready() == client.peek(ready) == Job(ready, "r")
    assert client.peek_delayed() == client.peek(delayed) == Job(delayed, "d")
    with pytest.raises(NotFoundError, match="peek-buried: no job of the used tube is buried"):
        client.peek_buried()


def test_any_job_can_be_reserved_by_its_id(client: Client[str]) -> None:
    id = client.put("late", delay=60)
    assert client.reserve_job(id) == Job(id, "late")
    with pytest.raises(NotFoundError):
        client.reserve_job(id)


def test_a_job_that_another_client_holds_is_out_of_reach(
    client: Client[str], other: Client[str]
) -> None:
    client.put("mine")
    job = client.reserve()
    for act in (other.delete, other.release, other.bury, other.touch, other.kick_job):
        with pytest.raises(NotFoundError, match="held by a worker"):
            act(job)
    assert other.peek(job.id) == job


def test_reserve_waits_for_another_client_to_put(client: Client[str], other: Client[str]) -> None:
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(client.reserve)
        wait_until(lambda: _waiting(other) == 1, "the worker waits")
        id = other.put("at last")
        assert waiting.result(timeout=5) == Job(id, "at last")


def _waiting(client: Client[str]) -> int:
    return client.stats_tube(client.using())["current-waiting"]


def test_reserve_gives_up_after_its_timeout(client: Client[str]) -> None:
    with pytest.raises(TimedOutError, match="reserve-with-timeout 0: no job became ready in time"):
        client.reserve(timeout=0)


def test_a_worker_is_warned_before_its_job_times_out(client: Client[str]) -> None:
    client.put("", ttr=1)
    job = client.reserve()
    with pytest.raises(DeadlineSoonError, match="times out within a second"):
        client.reserve()
    client.touch(job)


@pytest.mark.long
def test_a_job_whose_ttr_is_over_goes_to_the_next_worker(
    client: Client[str], other: Client[str]
) -> None:
    client.put("slow", ttr=1)
    job = client.reserve()
    wait_until(lambda: client.stats_job(job)["state"] == "ready", "the ttr is over")
    assert other.reserve(timeout=0) == job
    with pytest.raises(NotFoundError):
        client.delete(job)


def test_the_jobs_of_a_client_that_closes_are_ready_again(
    server: Beanstalkd, client: Client[str], tube: str
) -> None:
    id = client.put("hello")
    with server.client(watch=tube) as worker:
        worker.reserve()
    assert client.reserve(timeout=5).id == id


def test_use_is_where_jobs_go(client: Client[str], tube: str) -> None:
    assert client.using() == tube
    client.use(f"{tube}-b")
    assert client.using() == f"{tube}-b"
    assert client.stats_job(client.put(""))["tube"] == f"{tube}-b"


def test_watch_and_ignore_say_how_many_are_watched(client: Client[str], tube: str) -> None:
    assert client.watch("more") == 2
    assert client.watching() == [tube, "more"]
    assert client.ignore(tube) == 1
    with pytest.raises(NotIgnoredError, match="the only watched tube"):
        client.ignore("more")


def test_a_tube_is_listed_while_somebody_uses_it(client: Client[str], tube: str) -> None:
    assert tube in client.tubes()
    client.use("default")
    client.watch("default")
    client.ignore(tube)
    assert tube not in client.tubes()
    with pytest.raises(NotFoundError):
        client.stats_tube(tube)


def test_a_paused_tube_gives_no_jobs(client: Client[str], tube: str) -> None:
    client.put("hello")
    client.pause_tube(tube, 60)
    assert client.stats_tube(tube)["pause"] == 60
    with pytest.raises(TimedOutError):
        client.reserve(0)
    client.pause_tube(tube, 0)
    assert client.reserve(5).body == "hello"


def test_a_tube_may_have_a_name_of_200_characters_or_of_digits(client: Client[str]) -> None:
    for name in ("a" * 200, "123", "Az09+/;.$_()-"):
        client.use(name)
        assert client.using() == name
        assert client.stats_tube(name)["name"] == name


def test_the_server_has_stats(client: Client[str]) -> None:
    stats = client.stats()
    assert stats["max-job-size"] == 65535
    assert stats["draining"] == "false"
    assert isinstance(stats["version"], str)


def test_a_client_uses_and_watches_what_it_was_made_for(server: Beanstalkd) -> None:
    with Client(server.address, use="a", watch=["b", "c"]) as client:
        assert client.using() == "a"
        assert sorted(client.watching()) == ["b", "c"]


def test_the_default_tube_is_watched_if_it_is_named(server: Beanstalkd) -> None:
    with Client(server.address, watch=iter(["b", "default"])) as client:
        assert client.watching() == ["default", "b"]


def test_a_client_must_watch_something(server: Beanstalkd) -> None:
    with pytest.raises(NotIgnoredError):
        Client(server.address, watch=[])


def test_a_bad_tube_is_refused_before_there_is_a_connection() -> None:
    for use, watch in (("a b", "a"), ("a", "a b")):
        with pytest.raises(ValueError, match="'a b' is not a tube name"):
            Client(("127.0.0.1", 1), use=use, watch=watch)


def test_a_client_takes_a_unix_socket(tmp_path: Path) -> None:
    server = Beanstalkd(socket_path=tmp_path / "s")
    try:
        with Client(str(tmp_path / "s"), use="a") as client:
            assert client.peek(client.put("hello")).body == "hello"
            assert repr(client) == f"<Client of unix:{tmp_path}/s>"
    finally:
        server.stop()


def test_a_client_takes_a_connected_socket(server: Beanstalkd) -> None:
    with Client(server.raw(), use="a") as client:
        assert client.using() == "a"
        assert "127.0.0.1" in repr(client)


def test_a_server_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(ConnectionRefusedError):
            Client(taken.getsockname())
    with pytest.raises(FileNotFoundError) as caught:
        Client(str(tmp_path / "nothing"))
    assert caught.value.errno == errno.ENOENT


def test_a_client_names_its_server(server: Beanstalkd, client: Client[str]) -> None:
    assert repr(client) == f"<Client of {format_address(server.address)}>"


def test_a_closed_client_says_so(client: Client[str]) -> None:
    client.close()
    client.close()
    with pytest.raises(ConnectionError, match="delete 1: not sent, this client was closed"):
        client.delete(1)


def test_a_context_manager_closes(server: Beanstalkd) -> None:
    with server.client() as client:
        client.using()
    with pytest.raises(ConnectionError, match="this client was closed"):
        client.using()


def test_a_server_that_dies_is_a_connection_error_from_then_on(own_server: Beanstalkd) -> None:
    with own_server.client() as client, own_server.client() as other:
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(client.reserve)
            wait_until(lambda: other.stats_tube("default")["current-waiting"] == 1, "it waits")
            own_server.stop()
            with pytest.raises(ConnectionError):
                waiting.result(timeout=5)
        for _ in range(2):
            with pytest.raises(ConnectionError, match="not sent, the connection was lost"):
                client.using()


def test_a_body_is_text_in_the_clients_encoding(server: Beanstalkd, tube: str) -> None:
    with (
        Client(server.address, "latin-1", use=tube) as latin,
        Client(server.address, None, use=tube) as plain,
    ):
        id = latin.put("café")
        assert latin.peek(id).body == "café"
        assert plain.peek(id).body == b"caf\xe9"


def test_without_an_encoding_bodies_are_bytes(server: Beanstalkd, tube: str) -> None:
    body = bytes(range(256)) + b"\r\ndelete 1\r\n"
    with Client(server.address, None, use=tube, watch=tube) as client:
        client.put(body)
        assert client.peek_ready().body == body
        assert client.reserve().body == body


def test_a_str_needs_an_encoding(server: Beanstalkd) -> None:
    with (
        Client(server.address, None) as client,
        pytest.raises(TypeError, match="a str body needs a client with an encoding"),
    ):
        methodcaller("put", "text")(client)


@pytest.mark.parametrize("body", [None, 1, bytearray(b"a"), ["a"]])
def test_a_body_is_str_or_bytes(client: Client[str], body: object) -> None:
    with pytest.raises(TypeError, match="a body is str or bytes, not"):
        methodcaller("put", body)(client)


def test_text_that_the_encoding_does_not_have_is_a_value_error(client: Client[str]) -> None:
    with pytest.raises(UnicodeEncodeError):
        client.put("\ud800")
    assert client.put("a")


def test_a_body_that_is_no_text_is_an_error_that_names_the_job(
    server: Beanstalkd, client: Client[str], tube: str
) -> None:
    with Client(server.address, None, use=tube) as plain:
        id = plain.put(b"caf\xe9")
    with pytest.raises(UndecodableBodyError, match=f"the body of job {id} is not utf-8") as caught:
        client.reserve()
    assert (caught.value.id, caught.value.object) == (id, b"caf\xe9")
    client.bury(id)
    assert client.stats_job(id)["state"] == "buried"


def test_an_empty_body_is_a_body(client: Client[str]) -> None:
    client.put("")
    assert client.reserve().body == ""


def test_a_body_over_max_job_size_is_refused_and_the_client_still_usable(
    client: Client[str],
) -> None:
    with pytest.raises(JobTooBigError, match="put 65536 0 60 65536: the body is larger"):
        client.put("x" * 65536)
    assert client.peek(client.put("x" * 65535)).body == "x" * 65535


def test_a_server_in_drain_mode_takes_no_jobs(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        own_server.drain()
        with pytest.raises(DrainingError, match="drain mode"):
            client.put("hello")
        assert client.stats()["draining"] == "true"


@pytest.mark.parametrize(("command", "arguments"), TAKING_A_TUBE)
def test_a_bad_name_is_refused_before_anything_is_sent(
    client: Client[str], command: str, arguments: list[object]
) -> None:
    before = _asked(client)
    for name in [*NO_NAMES, None, b"a", 1]:
        with pytest.raises((ValueError, TypeError)):
            getattr(client, command)(*fill(arguments, name))
    assert _asked(client) == before


@pytest.mark.parametrize(("command", "arguments"), [*TAKING_A_NUMBER, *TAKING_AN_ID])
def test_a_bad_number_is_refused_before_anything_is_sent(
    client: Client[str], command: str, arguments: list[object]
) -> None:
    before = _asked(client)
    for number in (-1, 2**64, True, 1.0, "1", b"1"):
        with pytest.raises((ValueError, TypeError)):
            getattr(client, command)(*fill(arguments, number))
    assert _asked(client) == before


def _asked(client: Client[str]) -> dict[str, object]:
    """The server's command counters, without this question."""
    stats = client.stats()
    return {key: n for key, n in stats.items() if key.startswith("cmd-") and key != "cmd-stats"}


def test_an_unknown_encoding_is_refused_before_connecting() -> None:
    with pytest.raises(LookupError, match="unknown encoding: klingon"):
        Client(("127.0.0.1", 1), encoding="klingon")


def test_an_address_written_as_text_is_told_to_be_a_pair() -> None:
    with pytest.raises(FileNotFoundError, match=r"a TCP address is a pair: \(host, port\)"):
        Client("127.0.0.1:11300")
