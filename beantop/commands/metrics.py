"""`beantop metrics`: export metrics of servers and tubes to Prometheus."""

import argparse
from importlib.util import find_spec
from typing import NamedTuple

from beantop.beanstalk.commands import MAX_ID
from beantop.commands.arguments import interval, named, whole_number
from beantop.commands.invocation import Invocation
from beantop.exit_codes import OK
from beantop.formatting import read_whole, shortened_word
from beantop.report.output import fail, say, write

DESCRIPTION = "Export metrics of servers and all their tubes to Prometheus, until ctrl-c."

EXAMPLES = """\
  beantop metrics queue-1 queue-2
  beantop metrics --listen 0.0.0.0:9113 --interval 10 queue-1
  beantop metrics --alert-rules > /etc/prometheus/beanstalkd-alerts.yml
"""

LISTEN = "127.0.0.1:9113"

INTERVAL = 5.0

MAX_TUBES = 1_000

MISSING = "prometheus-client is missing: pip install prometheus-client"

FILES = {
    "--prometheus-config": ("scrape.yml", "print a configuration of Prometheus, and exit"),
    "--alert-rules": ("alerts.yml", "print alert rules for Prometheus, and exit"),
    "--grafana-dashboard": ("dashboard.json", "print a dashboard for Grafana, and exit"),
}
"""The options that print a file, with its name and their help."""


class Listen(NamedTuple):
    """Where to listen."""

    host: str
    port: int
    """0 for any free port."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--listen",
        type=_listen,
        default=_listen(LISTEN),
        metavar="HOST:PORT",
        help=f"answer scrapes there (default: {LISTEN}); whoever can connect can read all names of tubes",
    )
    parser.add_argument(
        "--interval",
        type=interval,
        default=INTERVAL,
        metavar="SECS",
        help=f"poll every SECS (default: {INTERVAL:g})",
    )
    parser.add_argument(
        "--max-tubes",
        type=whole_number("a number of tubes", 0, MAX_ID),
        default=MAX_TUBES,
        metavar="N",
        help="export at most N tubes of each server, those with problems and the busiest ones first"
        f" (default: {MAX_TUBES:,})",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="sample single jobs too, and export histograms of how long jobs wait and take",
    )
    files = parser.add_mutually_exclusive_group()
    for option, (name, help) in FILES.items():
        files.add_argument(option, dest="file", action="store_const", const=name, help=help)


def run(invocation: Invocation) -> int:
    options = invocation.options
    if options.file:
        write(file_text(options.file, options.listen))
        return OK
    if find_spec("prometheus_client") is None:
        return fail(MISSING)
    return _serve(invocation)


def file_text(name: str, listen: Listen) -> str:
    """Return the text of a file that ships with the program, for an exporter that listens there."""
    from importlib.resources import files

    text = files("beantop.report.prometheus").joinpath(name).read_text("utf-8")
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return text.rstrip("\n").replace(LISTEN, f"{host}:{listen.port}")


def _serve(invocation: Invocation) -> int:
    """Poll and answer scrapes until a signal ends it."""
    import asyncio
    import time

    from beantop.commands.watched import WatchedServer, watch_all
    from beantop.formatting import plural
    from beantop.report.prometheus.exporter import Exporter, registry_of
    from beantop.report.prometheus.web import MetricsServer

    options = invocation.options
    watched = [
        WatchedServer(
            config, options.interval, max_tubes=options.max_tubes, measures=options.profile
        )
        for config in invocation.servers
    ]
    exporter = Exporter(watched, options.max_tubes, time.monotonic)
    host, port = options.listen
    try:
        web = MetricsServer(host, port, registry_of(exporter))
    except OSError as error:
        return fail(f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}")
    web.start()
    say(f"metrics of {plural(len(watched), 'server')} are at {web.url}")
    asyncio.run(watch_all(watched))
    return OK


def _listen(text: str) -> Listen:
    host, _, port = named(text).rpartition(":")
    if (number := read_whole(port, 0, 65535)) is None:
        why = f"{shortened_word(text)!r} is not HOST:PORT, such as {LISTEN}"
        raise argparse.ArgumentTypeError(why)
    default = LISTEN.partition(":")[0]
    return Listen(host.removeprefix("[").removesuffix("]") or default, number)
