"""A webhook on this machine, which can be out of order for a while."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fact = dict[str, Any]


class Webhook:
    """Notes the facts that it took, and counts those that it refused."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.keys: list[str] = []
        """The header `Idempotency-Key` of each."""
        self.refused = 0
        self.answer = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/json"
                if hook.answer == 200:
                    hook.facts.append(json.loads(body))
                    hook.keys.append(self.headers["Idempotency-Key"])
                else:
                    hook.refused += 1
                self.send_response(hook.answer)
                if hook.answer == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/secret"


@contextmanager
def webhook() -> Iterator[Webhook]:
    hook = Webhook()
    thread = threading.Thread(target=hook.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()
    thread.join()
