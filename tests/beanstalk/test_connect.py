"""A host with several addresses, on a loop with eager tasks too, where Python has them."""

import asyncio
import socket
import sys
from collections.abc import Coroutine
from typing import Any

import pytest

from beantop.beanstalk import AsyncClient, ConnectionLostError, commands
from beantop.beanstalk import connect as connecting
from tests.beanstalkd import Beanstalkd, free_port, wait_until

EAGER = [False, True] if sys.version_info >= (3, 12) else [False]


def run(story: Coroutine[Any, Any, None], *, eager: bool) -> None:
    async def main() -> None:
        if sys.version_info >= (3, 12) and eager:
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        await asyncio.ensure_future(story)

    asyncio.run(main())


def has_addresses(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Let the name `queue-1` have these addresses."""
    resolve = socket.getaddrinfo

    def resolved(host: str, port: int, *more: Any, **options: Any) -> object:
        if host != "queue-1":
            return resolve(host, port, *more, **options)
        if options.get("flags"):
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", a) for a in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.mark.parametrize("eager", EAGER)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_is_reached_by_number_and_by_name(
    server: Beanstalkd, host: str, eager: bool
) -> None:
    async def story() -> None:
        async with await AsyncClient.connect((host, int(server.address[1]))) as client:
            assert await client.call(commands.using()) == "default"

    run(story(), eager=eager)


@pytest.mark.parametrize("eager", EAGER)
def test_an_address_that_refuses_is_passed_over(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, eager: bool
) -> None:
    has_addresses(monkeypatch, ("127.0.0.1", free_port()), ("127.0.0.1", int(server.address[1])))

    async def story() -> None:
        async with await AsyncClient.connect(("queue-1", 1)) as client:
            assert await client.call(commands.using()) == "default"

    run(story(), eager=eager)


@pytest.mark.parametrize("eager", EAGER)
def test_an_address_that_stays_silent_is_not_waited_for(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, eager: bool
) -> None:
    monkeypatch.setattr(connecting, "NEXT_ADDRESS_AFTER", 0.01)

    async def story() -> None:
        with socket.socket() as full, socket.socket() as queued:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            queued.connect(full.getsockname())  # the next one gets no answer
            has_addresses(monkeypatch, full.getsockname(), ("127.0.0.1", int(server.address[1])))
            async with await AsyncClient.connect(("queue-1", 1)) as client:
                assert await client.call(commands.using()) == "default"

    run(story(), eager=eager)


@pytest.mark.parametrize("eager", EAGER)
def test_what_failed_at_each_address_is_said(monkeypatch: pytest.MonkeyPatch, eager: bool) -> None:
    has_addresses(monkeypatch, ("127.0.0.1", free_port()), ("127.0.0.1", free_port()))

    async def story() -> None:
        with pytest.raises(ConnectionLostError) as failure:
            await AsyncClient.connect(("queue-1", 1))
        assert str(failure.value) == "connection refused (2 addresses tried)"

    run(story(), eager=eager)


@pytest.mark.parametrize("eager", EAGER)
def test_a_connection_that_is_made_too_late_is_closed(
    server: Beanstalkd, monkeypatch: pytest.MonkeyPatch, eager: bool
) -> None:
    there = ("127.0.0.1", int(server.address[1]))
    monkeypatch.setattr(connecting, "NEXT_ADDRESS_AFTER", 0.0)
    has_addresses(monkeypatch, *[there] * 20)

    async def story() -> None:
        async with await AsyncClient.connect(("queue-1", 1)) as client:
            assert await client.call(commands.using()) == "default"

    run(story(), eager=eager)  # a socket that nobody closes is a ResourceWarning, and so an error
    with server.client() as client:
        wait_until(lambda: client.stats()["current-connections"] == 1, "the others are closed")
