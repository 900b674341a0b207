"""A server that gives the same answers at any time: for pictures of jobs, whose ages else would differ."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from beantop.beanstalk import Address

Answer: TypeAlias = bytes | Callable[[float], bytes]
"""The reply to a command line, or a function of the seconds since the server started."""


@contextmanager
def scripted_server(answers: Mapping[str, Answer]) -> Iterator[Address]:
    """Answers each command line from a table, else with NOT_FOUND."""
    began = time.monotonic()

    def answer(command: str) -> bytes:
        using = command.replace("use ", "USING ").encode()
        known = using if command.startswith("use ") else answers.get(command, b"NOT_FOUND")
        return known(time.monotonic() - began) if callable(known) else known

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(answer(line.decode().strip()) + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield ("127.0.0.1", server.server_address[1])
        server.shutdown()
        thread.join()


def job(word: str, id: int, body: bytes) -> bytes:
    """The answer to a peek."""
    return b"%s %d %d\r\n%s" % (word.encode(), id, len(body), body)


def stats(**values: int | str) -> bytes:
    """The answer to a stats command; `time_left` stands for `time-left`."""
    lines = [f"{key.replace('_', '-')}: {value}" for key, value in values.items()]
    text = "\n".join(["---", *lines, ""]).encode()
    return b"OK %d\r\n%s" % (len(text), text)


def buried_long_ago(seconds: float) -> bytes:
    """What stats-job says of a job whose age is seen to the hour: it grows, as it must."""
    return job_stats(4812001, "buried", age=187_920 + int(seconds))


def job_stats(id: int, state: str, **values: int | str) -> bytes:
    """The `stats-job` reply for a job of email-transactional."""
    usual: dict[str, int | str] = {
        "id": id, "tube": "email-transactional", "state": state, "pri": 1024,
        "delay": 0, "ttr": 60, "time_left": 0, "file": 0, "reserves": 3, "timeouts": 3,
        "releases": 0, "buries": 1, "kicks": 0,
    }  # fmt: skip
    return stats(**{**usual, **values})


BODY = (
    b'{"to":"ada@example.org","tpl":"welcome","v":3,"attempt":3,"price":1.50,'
    b'"ctx":{"user_id":90211,"locale":"en_GB","tags":["signup","[beta]"]}}'
)

EMAIL_TUBE: Mapping[str, Answer] = {
    "stats-tube email-transactional": stats(name="email-transactional"),
    "peek-ready": job("FOUND", 4990011, BODY),
    "peek-delayed": job("FOUND", 4990307, b'{"to":"bob@example.org","tpl":"reminder"}'),
    "peek-buried": job("FOUND", 4812001, BODY),
    "peek 4812001": job("FOUND", 4812001, BODY),
    "stats-job 4990011": job_stats(4990011, "ready", age=251, reserves=0, timeouts=0, buries=0),
    "stats-job 4990307": job_stats(
        4990307, "delayed", age=60, delay=600, time_left=540, reserves=0, timeouts=0, buries=0
    ),
    "stats-job 4812001": buried_long_ago,
}
"""A tube with a job at the head of each state."""
