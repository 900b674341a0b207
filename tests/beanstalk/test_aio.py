"""The async client on a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from beantop.beanstalk import (
    AsyncClient,
    BeanstalkdError,
    ConnectionLostError,
    Job,
    JobTooBigError,
    NotFoundError,
    commands,
    parse_address,
)
from tests.beanstalkd import Beanstalkd, wait_until


@asynccontextmanager
async def connected(
    server: Beanstalkd, tube: str = "default", depth: int = 128
) -> AsyncIterator[AsyncClient]:
    client = await AsyncClient.connect(server.address, depth=depth)
    try:
        await client.call(commands.use(tube))
        yield client
    finally:
        client.close()


def test_call_gives_the_result_of_a_command(server: Beanstalkd, tube: str) -> None:
    async def story() -> None:
        async with connected(server, tube) as client:
            id = await client.call(commands.put(b"hello"))
            assert await client.call(commands.peek(id)) == Job(id, b"hello")
            assert await client.call(commands.using()) == tube
            assert (await client.call(commands.stats_job(id)))["state"] == "ready"

    asyncio.run(story())


def test_call_raises_the_error_of_a_command_and_stays_usable(server: Beanstalkd) -> None:
    async def story() -> None:
        async with connected(server) as client:
            with pytest.raises(NotFoundError, match="peek 99: the job does not exist"):
                await client.call(commands.peek(99))
            with pytest.raises(JobTooBigError):
                await client.call(commands.put(bytes(70_000)))
            assert await client.call(commands.using()) == "default"
            assert not client.closed

    asyncio.run(story())


@pytest.mark.parametrize("depth", [1, 2, 7, 128, 5000])
def test_a_pipeline_gives_results_in_order(server: Beanstalkd, tube: str, depth: int) -> None:
    async def story() -> None:
        async with connected(server, tube, depth) as client:
            bodies = [b"%d" % number for number in range(500)]
            ids = await client.pipeline(commands.put(body) for body in bodies)
            assert ids == sorted(id for id in ids if isinstance(id, int))
            jobs = await client.pipeline(commands.peek(id) for id in ids if isinstance(id, int))
            assert [job.body for job in jobs if isinstance(job, Job)] == bodies

    asyncio.run(story())


def test_an_error_word_fails_its_own_command_only(server: Beanstalkd, tube: str) -> None:
    async def story() -> None:
        async with connected(server, tube) as client:
            id = await client.call(commands.put(b"a"))
            gone, found, too = await client.pipeline(
                [commands.peek(id + 1), commands.peek(id), commands.peek(id + 2)]
            )
            assert found == Job(id, b"a")
            for error in (gone, too):
                assert isinstance(error, BeanstalkdError)
            assert str(gone) == f"peek {id + 1}: the job does not exist"

    asyncio.run(story())


def test_an_empty_pipeline_has_no_results(server: Beanstalkd) -> None:
    async def story() -> None:
        async with connected(server) as client:
            assert await client.pipeline([]) == []

    asyncio.run(story())


def test_a_bad_argument_in_a_pipeline_is_refused_before_anything_is_sent(
    server: Beanstalkd, tube: str
) -> None:
    async def story() -> None:
        async with connected(server, tube) as client:
            with pytest.raises(ValueError, match="the id of a job is a number"):
                await client.pipeline(map(commands.touch, [1, -1]))
            assert (await client.call(commands.stats())).get("cmd-touch") == 0

    asyncio.run(story())


@pytest.mark.long
def test_thousands_of_large_bodies_pass_in_both_directions(own_server: Beanstalkd) -> None:
    async def story() -> None:
        async with connected(own_server, depth=1000) as client:
            body = bytes(60_000)
            ids = await client.pipeline([commands.put(body)] * 5000)
            assert ids == list(range(1, 5001))
            sizes = [0]
            for start in range(1, 5001, 1000):
                jobs = await client.pipeline(map(commands.peek, range(start, start + 1000)))
                sizes += [len(job.body) for job in jobs if isinstance(job, Job)]
            assert sizes == [0, *[60_000] * 5000]

    asyncio.run(story())


def test_callers_at_the_same_time_get_their_own_replies(server: Beanstalkd, tube: str) -> None:
    async def story() -> None:
        async with connected(server, tube) as client:

            async def caller(number: int) -> None:
                id = await client.call(commands.put(b"%d" % number))
                jobs = await client.pipeline([commands.peek(id)] * number)
                assert jobs == [Job(id, b"%d" % number)] * number

            await asyncio.gather(*[caller(number) for number in range(50)])

    asyncio.run(story())


def test_a_unix_socket_is_an_address(tmp_path: Path) -> None:
    server = Beanstalkd(socket_path=tmp_path / "s")

    async def story() -> None:
        async with connected(server) as client:
            assert await client.call(commands.using()) == "default"

    asyncio.run(story())
    server.stop()


def test_a_closed_client_says_so(server: Beanstalkd) -> None:
    async def story() -> None:
        async with connected(server) as client:
            assert client.closed == ""
            client.close()
            client.close("and once more")
            assert client.closed == "the connection was closed"
            for call in (client.call(commands.using()), client.pipeline([])):
                with pytest.raises(ConnectionError, match="not sent: the connection was closed"):
                    await call

    asyncio.run(story())


def test_a_client_that_was_never_connected_says_so() -> None:
    async def story() -> None:
        client = AsyncClient()
        client.close()
        with pytest.raises(ConnectionError, match="not sent: the connection was never made"):
            await client.call(commands.using())

    asyncio.run(story())


def test_a_server_that_is_not_there_is_a_lost_connection(
    tmp_path: Path, own_server: Beanstalkd
) -> None:
    own_server.stop()
    for address in (own_server.address, str(tmp_path / "nothing")):
        with pytest.raises(
            ConnectionLostError, match=r"connection refused|there is no such socket"
        ):
            asyncio.run(AsyncClient.connect(address))


def test_a_host_that_has_no_address_is_a_lost_connection() -> None:
    with pytest.raises(ConnectionLostError, match=r".+"):
        asyncio.run(AsyncClient.connect(parse_address("beantop.invalid")))


def test_a_server_that_dies_fails_all_calls_and_the_later_ones(own_server: Beanstalkd) -> None:
    async def story() -> None:
        async with connected(own_server) as client:
            pipeline = [commands.reserve(0)] * 10 + [commands.reserve()] + [commands.reserve(0)]
            calls = [asyncio.create_task(client.pipeline(pipeline)) for _ in range(3)]
            await asyncio.to_thread(_wait_for_worker, own_server)
            own_server.stop()
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(result) for result in results] == [ConnectionLostError] * 3
            assert client.closed
            with pytest.raises(ConnectionError, match="not sent: "):
                await client.call(commands.using())

    asyncio.run(story())


def _wait_for_worker(server: Beanstalkd) -> None:
    with server.client() as client:
        wait_until(lambda: client.stats_tube("default")["current-waiting"] == 1, "a worker waits")


def test_a_server_that_dies_between_calls_is_noticed(own_server: Beanstalkd) -> None:
    async def story() -> None:
        async with connected(own_server) as client:
            own_server.stop()
            async with asyncio.timeout(5):
                with pytest.raises(ConnectionError):
                    await client.call(commands.using())
            assert client.closed

    asyncio.run(story())


def test_as_a_context_manager_it_closes_itself(server: Beanstalkd) -> None:
    async def story() -> None:
        async with await AsyncClient.connect(server.address) as client:
            assert await client.call(commands.using()) == "default"
        assert client.closed

    asyncio.run(story())
