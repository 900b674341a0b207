"""The graphs of a tube or a server: one for each state, one for jobs in and one for jobs out.

Each value has its own graph, because ten buried jobs would be invisible on the scale of ten thousand
ready ones. Only in and out share a scale, so that they can be compared.

The values are on a grid of time (`Series.last`), one for each column of dots.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain, groupby, zip_longest

from beantop.app.view.graph import AXIS, Curve, Kind, graph, values_in
from beantop.app.view.lines import Line, fill, plain, rule, shorten
from beantop.formatting import grouped, per_second, printable
from beantop.monitor.rates import Rates
from beantop.monitor.series import SPANS
from beantop.monitor.snapshot import Server, Tube
from beantop.monitor.time_series import TimeSeries, Trace

MIN_LINES = 9
"""Minimum height in lines: below it, no graphs are drawn."""

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

_graph = lru_cache(maxsize=32)(graph)  # most curves do not change between redraws

_NAMES: dict[Trace, str] = {"put": "IN", "delete": "OUT"}


def next_span(span: float | None) -> float:
    """Return the span after this one, in seconds; the first follows the last.

    >>> next_span(None), next_span(600.0), next_span(21_600.0)
    (600.0, 3600.0, 120.0)
    """
    return SPANS[(SPANS.index(_known_span(span)) + 1) % len(SPANS)]


def past_graphs(
    subject: Tube | Server,
    rates: Rates,
    past: TimeSeries,
    span: float | None,
    size: tuple[int, int],
    kind: Kind,
    *,
    is_live: bool = True,
    marks: Sequence[float] = (),
) -> list[Line]:
    """Return all graphs of the last `span` seconds; an empty list if they do not fit.

    `size` is width and height in cells. The time axis ends at `now`, or, if the numbers are not
    live, at `then`, the time of the last sample. `marks` are seconds before that, to be marked on it.
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
    values = values_in(each, kind)
    curves = _curves(subject, rates, past, values, SPANS.index(span))
    name: Line = []
    if isinstance(subject, Tube):
        name = [(shorten(printable(subject.name), 40), "bold")]
    cells = max(1, each - AXIS - 2)
    marked = {cells - 1 - int(ago * cells / span) for ago in marks if ago < span}
    title = rule([*name, (f"Last {words}", "bold"), ("t other time spans", "dim @span")], width)
    drawn = [
        _with_marks(
            _column([curves[trace] for trace in traces], each, height - 1, kind, times), marked
        )
        for traces in columns
    ]
    return [
        title,
        *(fill(list(chain(*parts)), width) for parts in zip_longest(*drawn, fillvalue=[])),
    ]


def _columns(width: int, height: int) -> list[tuple[Trace, ...]]:
    """Return the graphs of each column, top to bottom. A low window gets only the most important."""
    if width >= 100:
        return [("ready", "delayed"), ("reserved", "buried"), ("put", "delete")]
    if height >= 13:
        return [("ready", "reserved", "buried"), ("put", "delete", "delayed")]
    return [("ready", "buried"), ("put", "delete")]


def _column(curves: list[Curve], width: int, height: int, kind: Kind, times: str) -> list[Line]:
    """Stack graphs, with the time axis under the lowest."""
    lines: list[Line] = []
    for number, curve in enumerate(curves, start=1):
        lowest = number == len(curves)
        share = (height - 1) * number // len(curves) - len(lines)
        lines += _graph(curve, width, share + lowest, kind, times if lowest else "")
    return lines


def _with_marks(lines: list[Line], marked: Collection[int]) -> list[Line]:
    """Put a sign for each mark on the time axis, which is the last line.

    >>> _with_marks([[("", ""), ("      -2m     now ", "dim")]], {4})
    [[('      -2m ', 'dim'), ('▲', 'warn'), ('   now ', 'dim')]]
    """
    if not marked:
        return lines
    axis, at = plain(lines[-1]), {AXIS + cell for cell in marked}
    cells = [("▲", "warn") if place in at else (sign, "dim") for place, sign in enumerate(axis)]
    runs = groupby(cells, key=lambda cell: cell[1])
    line: Line = [("".join(sign for sign, _ in run), style) for style, run in runs]
    return [*lines[:-1], line]


def _curves(
    subject: Tube | Server, rates: Rates, past: TimeSeries, number: int, level: int
) -> dict[Trace, Curve]:
    values: dict[Trace, tuple[float | None, ...]] = {
        trace: tuple(past.last(trace, number, subject.taken_at, level))
        for trace in ("ready", "reserved", "delayed", "buried", "put", "delete")
    }
    flows = [value for trace in _NAMES for value in values[trace] if value is not None]
    now: dict[Trace, str] = {
        "ready": grouped(subject.ready),
        "reserved": grouped(subject.reserved),
        "delayed": grouped(subject.delayed),
        "buried": grouped(subject.buried),
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
