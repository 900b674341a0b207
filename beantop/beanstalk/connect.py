"""Connect to a host that may have several addresses: the first one that answers wins.

asyncio has `happy_eyeballs_delay` for this. Before Python 3.12.8 and 3.13.1 it fails with eager tasks
(python/cpython#124309), and Textual uses eager tasks.
"""

import asyncio
import socket
from functools import partial
from typing import Any

NEXT_ADDRESS_AFTER = 0.25
"""Seconds after which the next address of a host is tried in parallel (RFC 8305)."""


async def connect_to_host(host: str, port: int) -> socket.socket:
    """Return a connected, non-blocking socket. Raises `OSError` with the failure at each address."""
    addresses = await _resolve(host, port)
    attempts: list[asyncio.Task[socket.socket]] = []
    winner: socket.socket | None = None
    try:
        for number, address in enumerate(addresses, 1):
            attempts.append(asyncio.ensure_future(_connect(*address)))
            is_last = number == len(addresses)
            if winner := await _first(attempts, None if is_last else NEXT_ADDRESS_AFTER):
                return winner
        raise _failure(attempts)
    finally:
        for attempt in attempts:
            attempt.cancel()
            attempt.add_done_callback(partial(_close_unless, winner))


async def _resolve(host: str, port: int) -> list[tuple[Any, ...]]:
    """Return the addresses of a host, as from `socket.getaddrinfo`. Only names need a thread."""
    kind, numeric = socket.SOCK_STREAM, socket.AI_NUMERICHOST
    try:
        # Bytes: for a `str`, Python first imports the tables of international domain names.
        return [*socket.getaddrinfo(host.encode(), port, type=kind, flags=numeric)]
    except socket.gaierror:
        return [*await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)]


async def _connect(family: int, kind: int, protocol: int, _: str, where: Any) -> socket.socket:
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, where)
    except BaseException:
        connection.close()
        raise
    return connection


async def _first(
    attempts: list[asyncio.Task[socket.socket]], seconds: float | None
) -> socket.socket | None:
    """Return the socket of the first attempt that succeeds. With `seconds`, return None after that
    time or when the newest attempt has failed; without, return None when all have failed."""
    waiting = {attempt for attempt in attempts if not attempt.done()}
    while waiting:
        done, waiting = await asyncio.wait(
            waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for attempt in done:
            if not attempt.exception():
                return attempt.result()
        if seconds is not None and (not done or attempts[-1] in done):
            return None
    return None


def _failure(attempts: list[asyncio.Task[socket.socket]]) -> BaseException:
    """Return the error of the attempts. Several errors are joined in the form that asyncio uses."""
    errors = [error for attempt in attempts if (error := attempt.exception())]
    if len(errors) == 1:
        return errors[0]
    return OSError(f"Multiple exceptions: {', '.join(map(str, errors))}")


def _close_unless(winner: socket.socket | None, attempt: asyncio.Task[socket.socket]) -> None:
    """Close the socket of an attempt that succeeded but did not win."""
    if not attempt.cancelled() and not attempt.exception() and attempt.result() is not winner:
        attempt.result().close()
