"""Makes metrics of the last polls, when Prometheus scrapes them.

Nothing here waits for a server: polls go on in the background. A tube that is gone has no metrics. A
server that does not answer, or whose numbers are too old, has `beanstalkd_up 0` and the age of its data.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric as Family

from beantop import __version__
from beantop.beanstalk import format_address
from beantop.config import ServerConfig
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.poller import ServerStatus
from beantop.report.prometheus.histograms import histograms
from beantop.report.prometheus.metrics import (
    SERVER_METRICS,
    TUBE_METRICS,
    WATCHED_METRICS,
    Metric,
    ServerNow,
    info_of,
)
from beantop.report.prometheus.worst_tubes import worst_tubes

Thing = TypeVar("Thing")

Labeled: TypeAlias = Iterable[tuple[Sequence[str], Thing]]
"""Servers or tubes, each with the values of its labels."""

TOTAL = "_total"


class Watched(Protocol):
    """A server that is polled in the background."""

    @property
    def config(self) -> ServerConfig: ...

    @property
    def latest(self) -> ServerStatus: ...

    @property
    def job_times(self) -> Mapping[str, TubeTimes]: ...


class Exporter:
    """Collects the metrics of servers. May be called from any thread."""

    def __init__(
        self, servers: Sequence[Watched], max_tubes: int, now: Callable[[], float]
    ) -> None:
        """`max_tubes` is the number of tubes of each server with metrics; `now` is a monotonic clock."""
        self._servers = servers
        self._labels = labels_of([server.config for server in servers])
        self._max_tubes = max_tubes
        self._now = now

    def collect(self) -> Iterator[Family]:
        """Yield the metrics, as `prometheus_client` calls it for each scrape."""
        now = self._now()
        watched = [
            ([name], ServerNow(one.config, one.latest, now, one.job_times))
            for name, one in zip(self._labels, self._servers, strict=True)
        ]
        answering = [(labels, server) for labels, server in watched if server.is_up]
        chosen = [
            (labels, server, worst_tubes(server.status, self._max_tubes))
            for labels, server in answering
        ]
        servers = [(labels, server.polled(len(tubes))) for labels, server, tubes in chosen]
        tubes = [
            ([*labels, label(tube.name)], server.polled_tube(tube))
            for labels, server, tubes in chosen
            for tube in tubes
        ]
        yield InfoMetricFamily("beantop", "The exporter.", {"version": __version__})
        yield _infos(answering)
        yield from (_family(metric, ["server"], watched) for metric in WATCHED_METRICS)
        yield from (_family(metric, ["server"], servers) for metric in SERVER_METRICS)
        yield from (_family(metric, ["server", "tube"], tubes) for metric in TUBE_METRICS)
        yield from histograms([(labels, tube.times) for labels, tube in tubes if tube.times])

    def describe(self) -> Iterator[Family]:
        """Yield the metrics without values, so that a scrape can ask for some of them by name."""
        return Exporter([], 0, self._now).collect()


def registry_of(exporter: Exporter) -> CollectorRegistry:
    """Return a registry with these metrics and no others."""
    registry = CollectorRegistry()
    registry.register(exporter)
    return registry


def labels_of(servers: Sequence[ServerConfig]) -> list[str]:
    """Return a label for each server: its name, with the address if several have that name."""
    titles = [server.title for server in servers]
    return [
        label(title if titles.count(title) == 1 else f"{title} ({format_address(server.address)})")
        for title, server in zip(titles, servers, strict=True)
    ]


def label(text: str) -> str:
    """Return text that can be encoded as a label. Bytes of a path that are not UTF-8 become `\\udcff`."""
    return text.encode("utf-8", "backslashreplace").decode()


def _infos(servers: Labeled[ServerNow]) -> Family:
    family = InfoMetricFamily("beanstalkd", "What the server says of itself.", labels=["server"])
    for labels, server in servers:
        known = {key: label(text) for key, text in info_of(server).items()}
        family.add_metric(labels, known)
    return family


def _family(metric: Metric[Thing], labels: Sequence[str], things: Labeled[Thing]) -> Family:
    names = [*labels, metric.label] if metric.label else labels
    kind = CounterMetricFamily if metric.name.endswith(TOTAL) else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=names)
    for values, thing in things:
        for last, value in metric.values(thing):
            family.add_metric([*values, *last], value)
    return family
