"""How soon an alert on the age of the oldest job fires, and what that costs a real server:
`python -m tests.oldest --help`.

Each of very many tubes has a job. The jobs of some, anywhere among them, pass the limit of a rule one
after the other, those of the others later. The program in a terminal shows how many alerts fire; it reaches the server directly, so
that all of the server's processor time is for it.
"""

import argparse
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.beanstalkd import Beanstalkd
from tests.peace import Meter, Server
from tests.terminal import Terminal

PASSING, APART = 20, 3.0
"""Jobs that pass the limit during the measurement, and the seconds from one to the next."""

_ALERTS = re.compile(r"(\d+) ALERTS?\b")


class AgedServer(Server):
    """A beanstalkd with so many tubes, where some jobs are older than those of all other tubes."""

    def __init__(self, binary: str, tubes: int) -> None:
        super().__init__(binary, tubes)
        self.put_at: list[float] = []
        """When the old jobs were put, in seconds of the monotonic clock."""
        passing = range(tubes // PASSING // 2, tubes, tubes // PASSING)
        for number in passing:
            time.sleep(APART)
            self._replace_jobs([number])
            self.put_at.append(time.monotonic())
        time.sleep(APART)
        self._replace_jobs([number for number in range(tubes) if number not in passing])

    def _replace_jobs(self, tubes: Sequence[int]) -> None:
        """Put a new job into each of these tubes, and delete the first one: `t0` has job 1."""
        wires = [
            b"use t%d\r\nput 0 0 60 1\r\nx\r\ndelete %d\r\n" % (tube, tube + 1) for tube in tubes
        ]
        with self.raw() as connection:
            replies = connection.makefile("rb")
            for start in range(0, len(wires), 100):
                some = wires[start : start + 100]
                connection.sendall(b"".join(some))
                for _ in range(3 * len(some)):
                    replies.readline()


def measure(server: AgedServer, tubes: int, limit: float) -> str:
    """Return a row of the table."""
    assert isinstance(server.address, tuple)
    fired_at: list[float] = []
    with TemporaryDirectory() as directory:
        file = Path(directory, "config.toml")
        file.write_text(f'[[alert]]\ntubes = "*"\nwhen = "oldest > {limit:g}s"\n')
        began, meter = time.monotonic(), Meter(lambda: server.cpu)
        arguments = ("--config", str(file), f"127.0.0.1:{server.address[1]}")
        with Terminal(*arguments, size=(160, 50)) as program:
            while len(fired_at) < PASSING and time.monotonic() < server.put_at[-1] + limit + 120:
                program.read(0.2)
                meter.read()
                if found := _ALERTS.search(program.text):
                    now = time.monotonic()
                    fired_at += [now] * (int(found[1]) - len(fired_at))
    passed_at = [at + limit for at in server.put_at]
    late = [fired - passed for fired, passed in zip(fired_at, passed_at, strict=False)]
    after_start = [at - began for at in passed_at]
    lateness = f"{statistics.median(late):.1f} s, {max(late):.1f} s" if late else "–, –"
    return (
        f"{server.version}, {tubes:,} tubes, limit {limit:g} s, passed {after_start[0]:.0f} to "
        f"{after_start[-1]:.0f} s after the start: {len(late)} of {PASSING} fired, late by "
        f"{lateness} (median, most); cost {meter.mean:.2%}, worst 10 s {meter.worst:.2%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tubes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--limit", type=float, default=300.0, help="seconds")
    parser.add_argument("--server", default=Beanstalkd.program()[0], help="beanstalkd")
    arguments = parser.parse_args()
    for tubes in arguments.tubes:
        server = AgedServer(arguments.server, tubes)
        try:
            print(measure(server, tubes, arguments.limit), flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
