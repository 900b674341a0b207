"""What beantop costs a real server with very many tubes: `python -m tests.peace 10000 60`.

Prints the part of a core that the server takes, by its own rusage, without beantop and with it, and
how often a row on the screen was older than two polls.
"""

import re
import sys
import threading
import time

from beantop.beanstalk import Client
from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal

_OLD = re.compile(r"\d+s old")


def peace(tubes: int, seconds: float) -> str:
    """Watch a server with so many tubes for so long."""
    server = Beanstalkd()
    try:
        _fill(server, tubes)
        with server.client() as client:
            began, before = time.monotonic(), _cpu(client)
            time.sleep(seconds / 2)
            without = (_cpu(client) - before) / (time.monotonic() - began)
            with Terminal(f"127.0.0.1:{server.address[1]}") as program:
                program.until("tubes polled")
                began, before = time.monotonic(), _cpu(client)
                old = 0
                while time.monotonic() < began + seconds:
                    program.read(0.5)
                    old += len(_OLD.findall(program.text))
                with_us = (_cpu(client) - before) / (time.monotonic() - began)
                said = next(line for line in program.text.splitlines() if "polled in" in line)
    finally:
        server.stop()
    return (
        f"{tubes:,} tubes, {seconds:g} s: the server takes {without:.2%} of a core without beantop, "
        f"{with_us:.2%} with it; {old} rows on the screen were old; {' '.join(said.split())}"
    )


def _fill(server: Beanstalkd, tubes: int) -> None:
    """One job into each of so many tubes."""
    wires = b"".join(b"use t%d\r\nput 0 0 60 1\r\nx\r\n" % number for number in range(tubes))
    with server.raw() as connection:
        sender = threading.Thread(target=connection.sendall, args=[wires])
        sender.start()
        answers = 0
        while answers < 2 * tubes:
            answers += connection.recv(65536).count(b"\r\n")
        sender.join()


def _cpu(client: Client[str]) -> float:
    stats = client.stats()
    return float(stats["rusage-utime"]) + float(stats["rusage-stime"])


if __name__ == "__main__":
    print(peace(int(sys.argv[1]), float(sys.argv[2])))
