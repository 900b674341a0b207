"""The graphs of a tube, or of a server: each state and what comes in and goes out, side by side.

Each has a graph of its own, since ten buried jobs would not be seen above ten thousand ready ones;
only in and out share a scale, to be compared.
"""

from functools import lru_cache
from itertools import chain, zip_longest

from beantop.app.view.graph import Curve, Kind, graph
from beantop.app.view.lines import Line, fill, rule, shorten
from beantop.formatting import grouped, per_second, printable
from beantop.monitor.rates import Rates
from beantop.monitor.series import SLOTS, SPANS
from beantop.monitor.snapshot import Server, Tube
from beantop.monitor.time_series import TimeSeries, Trace

MIN_LINES = 9
"""Lines below which there are no graphs."""

_SPANS = dict(
    zip(
        SPANS,
        (
            ("2 minutes", "-2m -1m now"),
            ("10 minutes", "-10m -5m now"),
            ("60 minutes", "-60m -30m now"),
            ("6 hours", "-6h -3h now"),
        ),
        strict=True,
    )
)

_graph = lru_cache(maxsize=32)(graph)  # most curves of a look are as they were at the one before

_NAMES: dict[Trace, str] = {"put": "IN", "delete": "OUT"}


def next_span(span: float | None) -> float:
    """The span that follows this one, in seconds; the first after the last.

    >>> next_span(None), next_span(600.0), next_span(21_600.0)
    (600.0, 3600.0, 120.0)
    """
    return SPANS[(SPANS.index(_known_span(span)) + 1) % len(SPANS)]


def past_graphs(
    look: Tube | Server,
    rates: Rates,
    past: TimeSeries,
    span: float | None,
    size: tuple[int, int],
    kind: Kind,
    *,
    is_live: bool = True,
) -> list[Line]:
    """All graphs of the last `span` seconds, in a size of cells; none where there is no room.

    They end `now`, or `then`, at the last look, where that is not now.
    """
    width, height = size
    if height < MIN_LINES or width < 40:
        return []
    span = _known_span(span)
    words, times = _SPANS[span]
    if not is_live:
        times = times.replace("now", "then")
    columns = _columns(width, height)
    each = width // len(columns)
    curves = _curves(look, rates, past, SPANS.index(span))
    named: Line = [(shorten(printable(look.name), 40), "bold")] if isinstance(look, Tube) else []
    title = rule([*named, (f"Last {words}", "bold"), ("t other times", "dim")], width)
    drawn = [
        _column([curves[trace] for trace in traces], each, height - 1, kind, times)
        for traces in columns
    ]
    return [
        title,
        *(fill(list(chain(*parts)), width) for parts in zip_longest(*drawn, fillvalue=[])),
    ]


def _columns(width: int, height: int) -> list[tuple[Trace, ...]]:
    """Which graphs stand one on the other. In a low window, only those that tell most."""
    if width >= 100:
        return [("ready", "delayed"), ("reserved", "buried"), ("put", "delete")]
    if height >= 13:
        return [("ready", "reserved", "buried"), ("put", "delete", "delayed")]
    return [("ready", "buried"), ("put", "delete")]


def _column(curves: list[Curve], width: int, height: int, kind: Kind, times: str) -> list[Line]:
    """Graphs one on the other, the times under the lowest."""
    lines: list[Line] = []
    for number, curve in enumerate(curves, start=1):
        lowest = number == len(curves)
        share = (height - 1) * number // len(curves) - len(lines)
        lines += _graph(curve, width, share + lowest, kind, times if lowest else "")
    return lines


def _curves(look: Tube | Server, rates: Rates, past: TimeSeries, level: int) -> dict[Trace, Curve]:
    values: dict[Trace, tuple[float | None, ...]] = {
        trace: tuple(past.last(trace, SLOTS, look.taken_at, level))
        for trace in ("ready", "reserved", "delayed", "buried", "put", "delete")
    }
    flows = [value for trace in _NAMES for value in values[trace] if value is not None]
    now: dict[Trace, str] = {
        "ready": grouped(look.ready),
        "reserved": grouped(look.reserved),
        "delayed": grouped(look.delayed),
        "buried": grouped(look.buried),
        "put": f"{per_second(rates.put)}/s",
        "delete": f"{per_second(rates.delete)}/s",
    }
    return {
        trace: Curve(
            _NAMES.get(trace, trace.upper()),
            now[trace],
            values[trace],
            "bad" if trace == "buried" else "accent",
            max(flows, default=0.0) if trace in _NAMES else None,
        )
        for trace in values
    }


def _known_span(span: float | None) -> float:
    return span if span in _SPANS else SPANS[0]
