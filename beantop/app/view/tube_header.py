"""The header of the tube screen. All functions are pure."""

from beantop.app.session.server_view import ServerView
from beantop.app.view.cells import signed
from beantop.app.view.header import WIDE, link_line, state_counts, title_line
from beantop.app.view.lines import Line, dimmed
from beantop.app.view.sparks import spark
from beantop.app.view.tube_rows import TubeRow
from beantop.formatting import compact, duration, grouped, per_second, printable, short_duration
from beantop.monitor.tuber_stats import TuberStats


def tube_header(view: ServerView, row: TubeRow, gone: bool, width: int, height: int) -> list[Line]:
    """Return the title, the counts and the last minutes, as many lines as the window has room for.

    If the tube is gone or the server is not connected, the last counts are dim and rates are left
    out."""
    lines = [title_line(view, width, printable(row.tube.name))]
    if view.watched.link.state == "down":
        lines.append(link_line(view))
    if height < 10:
        return lines
    if view.stale or gone:
        return [*lines, dimmed(_counts(row, width))]
    lines.append(_counts(row, width))
    if height >= 14:
        lines += [_trend(row, width), _drain(row, width)]
        if row.tube.tuber_stats:
            lines.append(_tuber_line(row.tube.tuber_stats))
    return lines


def _counts(row: TubeRow, width: int) -> Line:
    tube = row.tube
    states = state_counts(tube.ready, tube.reserved, tube.delayed, tube.buried, width)
    if width >= WIDE:
        return [
            *states,
            ("URGENT ", "dim"),
            (grouped(tube.urgent), "bold"),
            ("  │ ", "dim"),
            (f"using {grouped(tube.using)}  watching {grouped(tube.watching)}  ", ""),
            (f"waiting {grouped(tube.waiting)}  ", ""),
            ("│ ", "dim"),
            (_pause(row), "warn" if tube.paused else "dim"),
        ]
    return [
        *states,
        ("│ ", "dim"),
        (f"{compact(tube.watching)} watch {compact(tube.waiting)} wait", ""),
    ]


def _pause(row: TubeRow) -> str:
    tube = row.tube
    return f"PAUSED, {duration(tube.pause_time_left)} left" if tube.paused else "not paused"


def _trend(row: TubeRow, width: int) -> Line:
    rates = row.rates
    cells = min(60, width - 47)
    return [
        (" ready, log ", "dim"),
        (spark(row.ready_series(max(10, cells))), "accent"),
        ("  in ", "dim"),
        (f"{per_second(rates.put)}/s", "bold"),
        ("  out ", "dim"),
        (f"{per_second(rates.delete)}/s", "bold"),
        ("  net ", "dim"),
        (f"{signed(rates.net)}/s", "bold"),
    ]


def _drain(row: TubeRow, width: int) -> Line:
    """Return estimates: when no job will be ready, how long a job waits, how long it is reserved."""
    if row.tube.ready == 0:
        line: Line = [(" no job is ready", "")]
    else:
        line = [(" drain ", "dim"), (_drain_sentence(row), "")]
    if row.wait is None or row.work is None or width < WIDE:
        return line
    return [
        *line,
        ("   a job waits about ", "dim"),
        (short_duration(row.wait), ""),
        (", takes a worker about ", "dim"),
        (short_duration(row.work), ""),
    ]


def _tuber_line(stats: TuberStats) -> Line:
    """Return the statistics that only tuber has."""
    parts = [
        ("work p50", stats.work_p50),
        ("p95", stats.work_p95),
        ("p99", stats.work_p99),
        ("  oldest ready", stats.oldest_ready),
        ("delayed", stats.oldest_delayed),
        ("buried", stats.oldest_buried),
    ]
    line: Line = []
    for label, seconds in parts:
        if seconds is not None:
            line += [(f" {label} ", "dim"), (short_duration(seconds), "")]
    return line


def _drain_sentence(row: TubeRow) -> str:
    drain = row.drain
    match drain:
        case None:
            return "not known yet"
        case "paused":
            return f"only after the pause, which ends in {duration(row.tube.pause_time_left)}"
        case "no workers":
            return "never: no worker watches this tube"
        case "nothing out":
            return "never at this rate: nothing goes out"
        case "grows":
            return "never at this rate: more comes in than goes out"
        case "steady":
            return "never at this rate: as much comes in as goes out"
        case seconds:
            return f"empty in {duration(seconds)} at this rate"
