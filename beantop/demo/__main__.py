"""`python -m beantop.demo`: the demo server alone, with the option letters of beanstalkd."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from beantop.beanstalk import Address, describe_error, format_address
from beantop.demo.broker import MAX_JOB_SIZE, Broker
from beantop.demo.clock import Clock
from beantop.demo.demo import LOCALHOST, keep_working
from beantop.demo.scenes import SCENES
from beantop.demo.server import Server
from beantop.demo.workload import Workload
from beantop.formatting import read_whole, shortened_word

OK, CANNOT_LISTEN = 0, 1

LARGEST_JOB = 2**30
"""Maximum bytes for `-z`, as in beanstalkd (JOB_DATA_SIZE_LIMIT_MAX in dat.h)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    path = options.address.removeprefix("unix:")
    where = path if path != options.address else (options.address, options.port)
    if not path:
        parser.error("argument -l: where to listen is missing")
    try:
        asyncio.run(_serve(where, options.size, options.workload))
    except (OSError, UnicodeError) as error:  # UnicodeError: not a host name
        why = _why(error, where)
        print(f"beantop.demo: cannot listen on {format_address(where)}: {why}", file=sys.stderr)
        return CANNOT_LISTEN
    return OK


async def _serve(where: Address, max_job_size: int, has_workload: bool) -> None:
    scene = SCENES[0]
    clock = Clock(time.monotonic_ns() - (scene.past if has_workload else 0))
    broker = Broker(clock, max_job_size=max_job_size)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, setattr, broker, "is_draining", True)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    workloads = [Workload(broker, clock, scene, 0, time.time())] if has_workload else []
    clock.go_live()
    server = Server(broker)
    address = await server.listen(where)
    try:
        async with asyncio.TaskGroup() as tasks:
            traffic = tasks.create_task(keep_working(workloads))
            _announce(address)
            await ended.wait()
            traffic.cancel()
    finally:
        server.close()


def _why(error: OSError | UnicodeError, where: Address) -> str:
    """Describe why listening failed. `describe_error` alone would describe a failure to connect: for a
    missing directory it says that there is no such socket."""
    if isinstance(error, UnicodeError):
        return "not a host name"
    if isinstance(error, FileNotFoundError) and isinstance(where, str):
        return f"there is no directory {os.path.dirname(where) or '.'}"
    return describe_error(error)


def _announce(address: Address) -> None:
    print(
        f"beantop.demo: listening on {format_address(address)}."
        " Jobs are kept in memory only and are lost when it ends.",
        file=sys.stderr,
        flush=True,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m beantop.demo",
        description="An in-memory beanstalkd 1.13, for trials and tests. SIGUSR1 starts drain mode.",
    )
    parser.add_argument(
        "-l",
        dest="address",
        default=LOCALHOST,
        metavar="HOST|unix:PATH",
        help="listen on this host or Unix socket (default: %(default)s)",
    )
    parser.add_argument(
        "-p",
        dest="port",
        type=_whole_number(65535),
        default=11300,
        metavar="PORT",
        help="listen on this port, 0 for any free one (default: %(default)s)",
    )
    parser.add_argument(
        "-z",
        dest="size",
        type=_whole_number(LARGEST_JOB),
        default=MAX_JOB_SIZE,
        metavar="BYTES",
        help="maximum size of a job's body (default: %(default)s)",
    )
    parser.add_argument(
        "--workload", action="store_true", help="simulate tubes, jobs, producers and workers"
    )
    return parser


def _whole_number(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if (count := read_whole(text, 0, most)) is None:
            word = shortened_word(text)
            raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 0 to {most}")
        return count

    return number


if __name__ == "__main__":
    sys.exit(main())
