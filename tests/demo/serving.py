"""The demo server in a thread of the test, for clients that block."""

import asyncio
import socket
import threading
import time

from beantop.beanstalk import Address
from beantop.demo.broker import MAX_JOB_SIZE, Broker
from beantop.demo.server import Server
from tests.beanstalkd import PATIENCE


class Serving:
    """A server with real time, on a port of its own; `with` begins and ends it."""

    def __init__(self, max_job_size: int = MAX_JOB_SIZE) -> None:
        self._max_job_size = max_job_size
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> "Serving":
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    @property
    def address(self) -> tuple[str, int]:
        assert not isinstance(self._address, str)
        return self._address

    def raw(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(self.address, timeout=PATIENCE)

    def drain(self) -> None:
        """Switch to drain mode: no new jobs are taken."""
        self.broker.is_draining = True

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self.broker = Broker(time.monotonic_ns, max_job_size=self._max_job_size)
        server = Server(self.broker)
        self._address: Address = await server.listen(("127.0.0.1", 0))
        self._ready.set()
        await self._end.wait()
        server.close()
