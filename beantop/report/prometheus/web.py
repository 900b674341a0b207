"""Answers scrapes over HTTP, each in a thread of its own, while polls go on."""

from collections.abc import Callable, Iterable
from socket import AF_INET, AF_INET6
from socketserver import TCPServer, ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"

SILENCE = 30.0
"""Seconds without a byte after which a client is given up."""

PAGE = f'<!doctype html><title>beantop</title><a href="{PATH}">Metrics</a>\n'.encode()


class MetricsServer(ThreadingMixIn, WSGIServer):
    """Listens from the beginning; answers once `start` was called."""

    daemon_threads = True
    request_queue_size = 128
    """Scrapes that come at once: those for which there is no room try again only after a second."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        """Listen. Port 0 is a free one. Raises `OSError` if that is not possible."""
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host, port), _Handler)
        self.set_app(_app(make_wsgi_app(registry)))

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if self.address_family == AF_INET6 else str(host)
        return f"http://{shown}:{port}{PATH}"

    def start(self) -> None:
        """Answer scrapes until the program ends."""
        Thread(target=self.serve_forever, daemon=True).start()

    def server_bind(self) -> None:
        """Bind without a look-up of our own name, which may take long."""
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)
        self.setup_environ()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that hung up or fell silent."""


class _Handler(WSGIRequestHandler):
    timeout = SILENCE

    def log_message(self, format: str, *arguments: object) -> None:
        """Log no requests."""


def _head(
    metrics: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse"
) -> Iterable[bytes]:
    """Answer as for GET, without the page."""
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def note(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        said.append((status, headers))
        return lambda data: None

    length = sum(map(len, metrics({**environ, "REQUEST_METHOD": "GET"}, note)))
    [(status, headers)] = said
    start(status, [*headers, ("Content-Length", str(length))])
    return []


def _app(metrics: "WSGIApplication") -> "WSGIApplication":
    """Return an application with the metrics under their path, and a link to them."""

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if not environ.get("HTTP_ACCEPT", "").isascii():
            del environ["HTTP_ACCEPT"]  # prometheus-client cannot read it
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "HEAD":
            return _head(metrics, environ, start)
        if environ["PATH_INFO"] == PATH:
            return metrics(environ, start)
        if environ["PATH_INFO"] == "/":
            start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return [PAGE]
        start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"not found: metrics are at {PATH}\n".encode()]

    return answer
