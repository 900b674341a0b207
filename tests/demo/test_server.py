"""The demo server on a socket, with clients that are not ours."""

import asyncio
import socket
import struct
import time
from pathlib import Path

import greenstalk
import pytest

from beantop.beanstalk import AsyncClient, Client, ConnectionLostError, commands
from beantop.demo import server as server_module
from beantop.demo.broker import Broker
from beantop.demo.server import Server
from tests.beanstalkd import PATIENCE, wait_until
from tests.demo.serving import Serving


@pytest.mark.long
def test_greenstalk_lives_the_life_of_a_worker() -> None:
    with Serving() as server, greenstalk.Client(server.address, use="a", watch="a") as client:
        id = client.put("hello", priority=7, delay=0, ttr=30)
        job = client.reserve(timeout=5)
        assert (job.id, job.body) == (id, "hello")
        client.touch(job)
        client.release(job, priority=9, delay=1)
        assert client.stats_job(id)["state"] == "delayed"
        job = client.reserve(timeout=5)  # the delay is over
        client.bury(job, priority=3)
        assert client.peek_buried().id == id
        assert client.kick(10) == 1
        job = client.reserve_job(id)
        stats = client.stats_job(job)
        told = (stats["reserves"], stats["releases"], stats["buries"], stats["kicks"], stats["pri"])
        assert told == (3, 1, 1, 1, 3)
        client.delete(job)
        with pytest.raises(greenstalk.NotFoundError):
            client.stats_job(id)
        assert client.stats_tube("a")["cmd-delete"] == 1
        assert client.stats()["total-jobs"] == 1


@pytest.mark.long
def test_a_job_whose_ttr_ends_is_for_others_at_once() -> None:
    with Serving() as server, Client(server.address) as slow, Client(server.address) as other:
        slow.put("x", ttr=1)
        slow.reserve()
        started = time.monotonic()
        assert other.reserve(timeout=10).body == "x"
        assert time.monotonic() - started < 5


def test_a_client_that_hangs_up_gives_its_jobs_back() -> None:
    with Serving() as server, Client(server.address) as other:
        with Client(server.address) as holder:
            holder.put("x")
            holder.reserve()
        assert other.reserve(timeout=10).body == "x"


def test_a_client_that_says_it_will_send_no_more_gets_all_its_answers() -> None:
    with Serving() as server, server.raw() as client:
        client.sendall(b"put 0 0 60 1\r\na\r\n" + b"peek 1\r\n" * 500 + b"reserve\r\nreserve\r\n")
        client.shutdown(socket.SHUT_WR)
        answer = _all_of(client)
        assert answer.startswith(b"INSERTED 1\r\nFOUND 1 1\r\na\r\n")
        assert answer.count(b"FOUND") == 500
        assert answer.endswith(b"RESERVED 1 1\r\na\r\nTIMED_OUT\r\n")


def test_what_was_sent_behind_a_reserve_that_waits_is_done_after_it() -> None:
    with Serving() as server, server.raw() as worker, Client(server.address) as producer:
        worker.sendall(b"reserve\r\ndelete 1\r\nlist-tube-used\r\nquit\r\n")
        wait_until(lambda: producer.stats()["current-waiting"] == 1, "the worker waits")
        producer.put("x")
        assert _all_of(worker) == b"RESERVED 1 1\r\nx\r\nDELETED\r\nUSING default\r\n"


def test_a_client_that_does_not_read_is_left_to_wait_and_others_are_not() -> None:
    with Serving() as server, server.raw() as mute, Client(server.address) as other:
        id = other.put("x" * 60_000)
        mute.setblocking(False)
        asked = 0
        while asked < 4000:  # 240 MB of answers, if they were all made
            try:
                asked += mute.send(b"peek %d\r\n" % id) // 8
            except BlockingIOError:
                break
        assert other.peek(id).id == id
        assert other.stats()["cmd-peek"] < 1000


def test_of_what_comes_behind_a_reserve_that_waits_little_is_read() -> None:
    with Serving() as server, server.raw() as mute, Client(server.address) as other:
        mute.sendall(b"reserve\r\n")
        assert _send_until_stuck(mute, b"x" * 2**16) < 2**25
        assert other.stats()["current-waiting"] == 1
        mute.settimeout(PATIENCE)
        other.put("x")
        assert mute.recv(100) == b"RESERVED 1 1\r\nx\r\n"


@pytest.mark.parametrize("is_rude", [False, True])
def test_a_client_is_missed_that_hangs_up_while_nothing_is_read_from_it(
    is_rude: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LOOK_EVERY", 0.1)
    with Serving() as server, Client(server.address) as other:
        with server.raw() as mute:
            mute.sendall(b"reserve\r\n")
            mute.sendall(b"reserve\r\n" * 2**14)  # more than is read, less than is on its way
            time.sleep(0.05)
            linger = struct.pack("ii", is_rude, 0)  # 1 is for RST instead of FIN
            mute.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        wait_until(lambda: other.stats()["current-connections"] == 1, "it has gone")


@pytest.mark.long
def test_commands_that_take_long_do_not_keep_others_waiting() -> None:
    with Serving() as server, server.raw() as busy, Client(server.address) as other:
        busy.sendall(b"".join(b"watch %d\r\n" % number for number in range(5000)))
        wait_until(lambda: other.stats()["current-tubes"] == 5001, "the tubes are there")
        with server.raw() as greedy:
            greedy.setblocking(False)
            greedy.send(b"list-tubes\r\n" * 1000)
            before = server.broker.command_counts["list-tubes"]
            other.stats()
            other.stats()
            assert server.broker.command_counts["list-tubes"] - before < 500  # and not all 1000


def test_who_was_accepted_as_the_server_went_is_not_served() -> None:
    async def story() -> None:
        server = Server(Broker(time.monotonic_ns))
        address = await server.listen(("127.0.0.1", 0))
        assert isinstance(address, tuple)
        with socket.create_connection(address):
            for _ in range(3):  # asyncio has a transport then, and has told nobody yet
                await asyncio.sleep(0)
            server.close()
            await asyncio.sleep(0.01)
            assert not server.clients

    asyncio.run(story())


def test_the_server_can_go_away_and_come_back_with_its_jobs() -> None:
    async def story() -> None:
        server = Server(Broker(time.monotonic_ns))
        address = await server.listen(("127.0.0.1", 0))
        client = await AsyncClient.connect(address)
        id = await client.call(commands.put(b"x"))
        server.close()
        with pytest.raises(ConnectionError):
            await client.call(commands.peek(id))
        client.close()
        with pytest.raises(ConnectionLostError, match="connection refused"):
            await AsyncClient.connect(address)
        await server.listen(address)
        async with await AsyncClient.connect(address) as client:
            assert (await client.call(commands.peek(id))).body == b"x"
        server.close()

    asyncio.run(story())


def test_a_unix_socket_is_there_while_the_server_is(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "beanstalkd.sock"
        server = Server(Broker(time.monotonic_ns))
        await server.listen(str(path))
        async with await AsyncClient.connect(str(path)) as client:
            assert await client.call(commands.put(b"x")) == 1
        server.close()
        assert not path.exists()

    asyncio.run(story())


def _all_of(client: socket.socket) -> bytes:
    """Everything received until the server hangs up."""
    with client.makefile("rb") as file:
        return file.read()


def _send_until_stuck(client: socket.socket, data: bytes) -> int:
    """Send the bytes again and again until the server takes no more. Return how many it took."""
    client.settimeout(0.2)
    sent = 0
    while sent < 2**26:
        try:
            sent += client.send(data)
        except TimeoutError:
            break
    return sent
