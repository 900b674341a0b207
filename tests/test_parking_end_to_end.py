"""A move of buried jobs is killed halfway, in a real terminal, and finished by the next run."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import PATIENCE, Beanstalkd
from tests.jobs.acting import jobs_in, put_buried
from tests.terminal import Terminal

SPAWN = multiprocessing.get_context("spawn")

BODIES = ('{"to": "ada@example.com"}', '{"to": "bob@example.com"}', '{"to": "eve@example.com"}')


@contextmanager
def gate(server: Beanstalkd, word: bytes) -> Iterator[tuple[str, Connection]]:
    """The address of a relay to the server that passes on nothing more of a connection once the
    program says `word` there; and a pipe that tells when it did."""
    news, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=run_gate, args=[server.address, word, theirs])
    process.start()
    try:
        assert news.poll(PATIENCE)
        yield f"127.0.0.1:{news.recv()}", news
    finally:
        process.kill()
        process.join()
        news.close()
        theirs.close()


def run_gate(address: tuple[str, int], word: bytes, news: Connection) -> None:
    """Relay forever."""
    asyncio.run(_run_gate(address, word, news))


async def _run_gate(address: tuple[str, int], word: bytes, news: Connection) -> None:
    async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError), closing(target):
            while data := await source.read(65536):
                if word in data:
                    news.send("shut")
                    await asyncio.Event().wait()
                target.write(data)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        replies, server = await asyncio.open_connection(*address)
        await asyncio.gather(pass_on(reader, server), pass_on(replies, writer))

    relay = await asyncio.start_server(accept, "127.0.0.1")
    news.send(relay.sockets[0].getsockname()[1])
    await relay.serve_forever()


def move_and_kill(server: Beanstalkd, home: Path) -> None:
    """Move the buried jobs, and kill the program before it buries them again."""
    with gate(server, b"bury ") as (address, news), Terminal(address, home=home) as terminal:
        terminal.until("emails")  # the first row, since its jobs are buried
        terminal.press("M")
        terminal.answer("Move which jobs?", "b")
        terminal.until("name of the tube")
        terminal.press("archive")
        terminal.until("│  archive")
        terminal.answer("to which tube?", "\r")
        terminal.answer("Create this tube?", "y")
        assert news.poll(PATIENCE)


@pytest.mark.long
def test_a_move_that_was_killed_is_told_at_the_next_start_and_finished(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    with own_server.client(use="emails", watch="emails") as client:
        for body in BODIES:
            put_buried(client, body)
    move_and_kill(own_server, tmp_path)
    with own_server.client() as client:
        assert jobs_in(client, "archive") == {"delayed": len(BODIES)}
        with Terminal(format_address(own_server.address), home=tmp_path) as terminal:
            terminal.until("3 jobs of archive are parked")
            terminal.press("U")
            terminal.answer("Finish 3 jobs that beantop left unfinished?", "y")
            terminal.until("Finished 3 jobs.")
        assert jobs_in(client, "archive") == {"buried": len(BODIES)}
        assert "emails" not in client.tubes()
