"""The program in browsers: a web server that runs one for each page, through `textual-serve`.

There is no password. Requests whose page, or whose name for this machine, is another one are refused:
else any page that a user of this machine opens could look at the servers, and press keys.
"""

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from beantop.ending import ended_by
from beantop.formatting import read_whole
from beantop.report.output import say

SHUTDOWN_SECONDS = 1.0
"""Seconds that open pages have to close when the server ends."""


NOTHING_FROM_ELSEWHERE = (
    "default-src 'self' 'unsafe-inline' data: blob:; connect-src 'self' ws: wss:"
)
"""Content policy of the page: without it, the page would load a font from Google, which would learn of each
visit."""


LARGEST = {"width": 1000, "height": 500}
"""The largest window in cells: each cell takes memory, and time for each frame."""


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Website(Server):
    """A page with the program, which a command runs."""

    def __init__(self, command: Sequence[str], host: str, port: int) -> None:
        super().__init__(shlex.join(command), host, port, title="beantop")

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing, where `textual-serve` prints its name."""

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Return the page, which refers to the address that the browser used."""
        self.public_url = f"{request.scheme}://{request.host}"
        page: web.StreamResponse = await super().handle_index(request)
        page.headers["Content-Security-Policy"] = NOTHING_FROM_ELSEWHERE
        return page

    async def _process_messages(
        self, websocket: web.WebSocketResponse, app_service: AppService
    ) -> None:
        """Handle what a page sends. It may not make its window larger than `LARGEST`."""
        resize = app_service.set_terminal_size

        async def resize_within(width: object, height: object) -> None:
            if type(width) is int and type(height) is int and min(width, height) >= 1:
                await resize(min(width, LARGEST["width"]), min(height, LARGEST["height"]))

        app_service.set_terminal_size = resize_within  # type: ignore[method-assign]  # textual-serve has no hook for it
        with suppress(ValueError, TypeError, LookupError, AttributeError, AssertionError):
            await super()._process_messages(
                websocket, app_service
            )  # ends with a message of another form

    async def serve_until_signal(self) -> int:
        """Serve until a signal comes, and return the exit code. Raises `OSError`."""
        loop, codes = asyncio.get_running_loop(), asyncio.Queue[int]()
        app = await self._make_app()
        app.middlewares.append(self._guard)
        runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()

        def end(code: int) -> None:
            loop.call_soon_threadsafe(codes.put_nowait, code)

        try:
            await web.TCPSite(runner, self.host, self.port).start()
            say(f"http://{_in_url(self.host)}:{self.port} shows it; ctrl-c ends it")
            with ended_by(end):
                return await codes.get()
        finally:
            await runner.cleanup()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if why := self.why_refused(request.host, request.headers.get("Origin")):
            raise web.HTTPForbidden(text=f"beantop: {why}\n")
        for name, most in LARGEST.items():
            if not 1 <= (read_whole(request.query.get(name, "1")) or 0) <= most:
                raise web.HTTPBadRequest(text=f"beantop: the {name} must be from 1 to {most}\n")
        return await handler(request)

    def why_refused(self, host: str, origin: str | None) -> str:
        """Return why a request with these headers is refused; "" if it is not."""
        name = urlsplit(f"//{host}").hostname or ""
        if is_loopback(self.host) and not is_loopback(name):
            return "this machine has another name here"
        if origin is not None and urlsplit(origin).netloc != host:
            return "the request comes from another page"
        return ""


def serve(command: Sequence[str], host: str, port: int) -> int:
    """Run the web server until a signal comes. Return the exit code. Raises `OSError`."""
    return asyncio.run(Website(command, host, port).serve_until_signal())


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
