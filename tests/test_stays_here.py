"""Tests in this process reach no other machine, whatever the address."""

import asyncio
import socket

import pytest

from beantop.beanstalk import AsyncClient, Client, ConnectionLostError

ELSEWHERE = ("192.0.2.1", 11300)


def test_no_other_machine_is_spoken_to() -> None:
    with pytest.raises(ConnectionRefusedError):
        Client(ELSEWHERE)
    with pytest.raises(ConnectionLostError, match="connection refused"):
        asyncio.run(AsyncClient.connect(ELSEWHERE))


def test_no_resolver_is_asked() -> None:
    with pytest.raises(socket.gaierror):
        Client(("prod-queue-1", 11300))
    with pytest.raises(ConnectionLostError, match="unknown host"):
        asyncio.run(AsyncClient.connect(("prod-queue-1", 11300)))
