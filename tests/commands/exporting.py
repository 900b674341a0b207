"""Servers that are polled in the background, and scrapes of their metrics."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families

from beantop.beanstalk import Address
from beantop.commands.watched import WatchedServer, watch_all
from beantop.config import ServerConfig
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import Server, Snapshot, Tube
from beantop.report.prometheus.exporter import Exporter, registry_of

INTERVAL = 0.5

Labels = frozenset[tuple[str, str]]


class Scrape(dict[tuple[str, Labels], float]):
    """The values of a scrape by name and labels."""

    def __call__(self, name: str, **labels: str) -> float | None:
        """Return one value; None if it was left out."""
        return self.get((name, frozenset(labels.items())))

    def named(self, name: str, label: str) -> set[str]:
        """Return the values of a label of a metric."""
        return {dict(labels)[label] for found, labels in self if found == name}


class Once:
    """The metrics at one moment."""

    def __init__(self, exporter: Exporter) -> None:
        self._families = list(registry_of(exporter).collect())

    def collect(self) -> list[Metric]:
        return self._families

    def printed(self, accept: str) -> str:
        """Return the answer to a scrape, in the format that a client accepts."""
        encode, _ = choose_encoder(accept)
        return encode(self).decode()


def scrape(exporter: Exporter) -> Scrape:
    """Scrape in both formats, and check that they say the same."""
    once = Once(exporter)
    text = scrape_of(once.printed("text/plain"))
    openmetrics = once.printed("application/openmetrics-text")
    families = openmetrics_parser.text_string_to_metric_families(openmetrics)  # type: ignore[no-untyped-call]  # it has no types
    found = {(s.name, frozenset(s.labels.items())) for family in families for s in family.samples}
    assert found == text.keys()
    return text


def scrape_of(text: str) -> Scrape:
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    found = Scrape({(s.name, frozenset(s.labels.items())): s.value for s in samples})
    assert len(found) == len(samples)
    return found


@dataclass
class Fixed:
    """A server whose last poll is given."""

    config: ServerConfig
    latest: ServerStatus
    job_times: dict[str, TubeTimes] = field(default_factory=dict)


def fixed(*tubes: Tube, server: Server | None = None, name: str = "q", left_out: int = 0) -> Fixed:
    """Return a server that was polled at the time 1.0."""
    by_name = {tube.name: tube for tube in tubes}
    snapshot = Snapshot(1.0, 1.5e9, server or Server(1.0), by_name, left_out=left_out)
    history, address = History(), ("queue-1", 11300)
    history.add(snapshot, 1.0)
    status = ServerStatus(address, Link("up", 0.0), snapshot, history, polls=1, pace=1.0)
    return Fixed(ServerConfig(address, name), status)


def exporter_of(*servers: Fixed, max_tubes: int = 1_000, now: float = 1.5) -> Exporter:
    return Exporter(servers, max_tubes, lambda: now)


@contextmanager
def exporting(
    *addresses: Address, late: Callable[[], float] = lambda: 0.0, measures: bool = False
) -> Iterator[Exporter]:
    """Poll servers in a thread for the length of the block. `late` returns by how many seconds the clock
    of the exporter is ahead."""
    servers = [
        WatchedServer(ServerConfig(address), INTERVAL, max_tubes=1_000, measures=measures)
        for address in addresses
    ]
    loop = asyncio.new_event_loop()
    polling = loop.create_task(watch_all(servers))
    thread = threading.Thread(target=_run, args=[loop, polling])
    thread.start()
    try:
        yield Exporter(servers, 1_000, lambda: time.monotonic() + late())
    finally:
        loop.call_soon_threadsafe(polling.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, polling: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(polling)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def names_in(texts: Sequence[str]) -> set[str]:
    """Return the names of our metrics in these texts."""
    return {name for text in texts for name in re.findall(r"beanstalkd_\w+", text)}
