"""The lines above the tables. All functions are pure; they depend on the window's size."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beantop.app.session.server_view import ServerView
from beantop.app.view.cells import SIGN_STYLES
from beantop.app.view.lines import SEPARATOR, Line, Piece, dimmed, path, spread, width_of
from beantop.app.view.sparks import peak, spark
from beantop.formatting import UNKNOWN, compact, duration, grouped, per_second, plural, printable
from beantop.monitor.snapshot import Server

if TYPE_CHECKING:
    from beantop.monitor.fleet import Totals

WIDE = 100
"""Width in cells from which whole words and all digits are shown."""

ROOMY = 118
"""Width in cells from which less important things are shown too."""

MIN_NAME = 20
"""Cells of a server's name that take priority over its version."""

GO_ON: Piece = ("frozen, f resumes", "warn @freeze")
"""Shown in the line above a table while the screen is frozen."""


def title_line(view: ServerView, width: int, *crumbs: str) -> Line:
    """Return the server, its state and the time. `crumbs`, printable, name the place within the
    server. Names are shortened to make room for urgent parts."""
    sign = view.watched.link.sign
    left: Line = [(" ", ""), (sign, SIGN_STYLES[sign])]
    if width >= (WIDE if crumbs else 60):
        left = [(" beantop", "bold"), (" │", "dim"), *left]
    place = _place(view) if view.servers > 1 and not crumbs else []
    right, clock = [*place, *_alerts(view), *_urgent(view, width)], _clock(view, width)
    room = width - width_of([*left, *right, *clock]) - 2
    if not crumbs and room >= MIN_NAME + width_of(version := _version_line(view, width)):
        right += version
        room -= width_of(version)
    style = f"color-{view.known.color} bold" if view.known.color else "bold"
    names = path([printable(view.known.title), *crumbs], room)
    return spread([*left, (" ", ""), *_crumbs(names, style), *right], clock, width)


def _crumbs(names: Sequence[str], style: str) -> Line:
    """Return a path; a click on a part of it goes back there."""
    *parts, here = names
    line: Line = []
    for back, part in zip(range(len(parts), 0, -1), parts, strict=True):
        line += [(part, f"{style} @back_by({back})"), (SEPARATOR, style)]
    return [*line, (here, style)]


def fleet_title(fleet: Sequence[ServerView], sums: "Totals", width: int, *crumbs: str) -> Line:
    """Return how many servers answer, their total counts and the time. Parts that are not urgent
    are left out if they do not fit."""
    urgent, clock = [*_frozen(fleet), *_alerts(fleet[0])], _fleet_clock(fleet, width)
    room = width - width_of([*urgent, *clock]) - 1
    left: Line = [(" beantop", "bold"), (" │", "dim")] if width >= (WIDE if crumbs else 80) else []
    left.append(_answering(fleet, width))
    where: Line = [(f" › {crumb}", "bold") for crumb in crumbs]
    while where and width_of([*left, *where]) > room:
        where.pop()
    buried = (f"  {grouped(sums.buried)} buried", "bad" if sums.buried else "dim")
    counts: Line = [(f"   {grouped(sums.ready)} ready", ""), buried]
    for more in (where, counts):
        if width_of([*left, *more]) <= room:
            left += more
            room = room if len(where) == len(crumbs) else 0  # the end of the path is missing
    return spread([*left, *urgent], clock, width)


def _answering(fleet: Sequence[ServerView], width: int) -> Piece:
    answering = sum(view.answers for view in fleet)
    total = plural(len(fleet), "server") if width >= 80 else grouped(len(fleet))
    style = "bold" if answering == len(fleet) else "bad bold"
    return f" {answering} of {total} answering", style


def _frozen(fleet: Sequence[ServerView]) -> Line:
    """Return for how long servers have been frozen, and how many if not all are."""
    spans = [view.now - view.frozen_at for view in fleet if view.frozen_at is not None]
    if not spans:
        return []
    number = f"{len(spans)} of {len(fleet)} " if len(spans) < len(fleet) else ""
    return [(f"  {number}FROZEN {duration(max(spans))}", "warn bold")]


def _fleet_clock(fleet: Sequence[ServerView], width: int) -> Line:
    """Return whether the servers are read-only, the poll interval and the time."""
    modes = {"RO" if view.readonly else "RW" for view in fleet}
    mode = ("/".join(sorted(modes, reverse=True)), "warn bold" if modes == {"RO"} else "dim")
    if width < 60:
        return [mode, (" ", "")]
    intervals = [view.interval for view in fleet]
    ends = sorted({min(intervals), max(intervals)})
    pace = " to ".join(f"{seconds:g}s" for seconds in ends)
    clock = (f"  {time_of_day(fleet[0].wall_time)} ", "dim")
    return [mode, ("  ", ""), *_keyed(pace, width), clock]


def _alerts(view: ServerView) -> Line:
    alerts = "1 ALERT" if view.alerts == 1 else f"{grouped(view.alerts)} ALERTS"
    return [("  ", ""), (f" {alerts} ", "alarm @alerts")] if view.alerts else []


def _place(view: ServerView) -> Line:
    """Return the number of the server among several, and those of the others that are not connected."""
    others = [str(number) for number in view.away if number != view.number]
    away: Line = [(f" ×{','.join(others)}", "bad @server")] if others else []
    place = (f"[{view.number}/{view.servers}", "dim @server")
    return [("  ", ""), place, *away, ("]", "dim @server")]


def link_line(view: ServerView) -> Line:
    """Return why the server cannot be reached, and when the next attempt is."""
    link = view.watched.link
    return [
        (" × ", "bad bold"),
        (_sentence(printable(link.reason)), "bad"),
        (f"  {next_try(view)}.  ", ""),
        ("r", "bold"),
        (" = retry now", ""),
    ]


def next_try(view: ServerView) -> str:
    """Return when the next attempt to connect is."""
    link = view.watched.link
    wait = link.retry_at - view.now
    attempt = f"Attempt {link.tries + 1}"
    return f"{attempt} in {duration(round(wait))}" if wait >= 0.5 else f"{attempt} is running"


def server_counts(view: ServerView, width: int) -> Line:
    """Return the jobs of the whole server, its rates and its connections."""
    server = view.watched.snapshot.server
    rates = view.watched.history.server_rates()
    put, delete, timeouts = (
        UNKNOWN if rate is None or view.stale else f"{per_second(rate)}/s"
        for rate in (rates.put, rates.delete, rates.timeout)
    )
    line = state_counts(server.ready, server.reserved, server.delayed, server.buried, width)
    if width >= WIDE:
        return [
            *line,
            (" │ ", "dim"),
            *_labelled("IN", put),
            *_labelled("OUT", delete),
            *(_labelled("TIMEOUTS", timeouts) if width >= ROOMY else []),
            ("│ ", "dim"),
            *_labelled("CONNS", f"{grouped(server.connections)} ({grouped(server.waiting)} wait)"),
        ]
    return [
        *line,
        ("│ ", "dim"),
        (f"in {put} out {delete} ", ""),
        ("│ ", "dim"),
        (f"{compact(server.connections)} conn {compact(server.waiting)} wait", ""),
    ]


def state_counts(
    ready: int | None, reserved: int | None, delayed: int | None, buried: int | None, width: int
) -> Line:
    """Return the number of jobs in each state; buried jobs are highlighted."""
    wide = width >= WIDE
    words = ("READY", "RESERVED", "DELAYED", "BURIED") if wide else ("RDY", "RSV", "DLY", "BUR")
    number = grouped if wide else compact
    line: Line = [(" ", "")]
    for word, count in zip(words, (ready, reserved, delayed, buried), strict=True):
        bad = word.startswith("BUR") and bool(count)
        value = number(count) + (" !" if bad else "")
        line += [(f"{word} ", "dim"), (value, "bad bold" if bad else "bold"), ("  ", "")]
    return [*line[:-1], ("  " if wide else " ", "")]


def server_sparks(view: ServerView, width: int) -> Line:
    """Return jobs in and out over the last two minutes, as sparklines with a logarithmic scale."""
    history, now = view.watched.history, view.watched.snapshot.taken_at
    cells = (width - 46) // 2
    put, delete = history.put.last(cells, now), history.delete.last(cells, now)
    return [
        (" log   in  ", "dim"),
        (spark(put), "accent"),
        (f"  peak {per_second(peak(put)) + '/s':<9}", "dim"),
        ("out ", "dim"),
        (spark(delete), "accent"),
        (f"  peak {per_second(peak(delete))}/s", "dim"),
    ]


def tubes_header(view: ServerView, width: int, height: int) -> list[Line]:
    """Return the header of the tubes screen, as many lines as the window has room for."""
    lines = [title_line(view, width)]
    if view.watched.link.state == "down":
        lines.append(link_line(view))
    if not view.watched.seen or width < 80 or height < 10:
        return lines
    counts = server_counts(view, width)
    lines.append(dimmed(counts) if view.stale else counts)
    if width >= WIDE and height >= 20 and not view.stale:
        lines.append(server_sparks(view, width))
    return lines


def _urgent(view: ServerView, width: int) -> Line:
    """Return how old the numbers are if they are not current, else whether the server is draining."""
    if old := [*_frozen_for(view, width), *_stale_for(view, width)]:
        return old
    return [("  DRAIN", "warn bold")] if view.watched.snapshot.server.draining else []


def _version_line(view: ServerView, width: int) -> Line:
    if width < WIDE or not view.fresh or view.is_frozen:
        return []
    server = view.watched.snapshot.server
    return [(f"    {_version(server)}  up {duration(server.uptime)}", "dim")]


def _frozen_for(view: ServerView, width: int) -> Line:
    if view.frozen_at is None:
        return []
    polls = f"  +{plural(view.missed_polls, 'poll')}" if width >= 60 else ""
    return [(f"  FROZEN {duration(view.now - view.frozen_at)}{polls}", "warn bold")]


def _stale_for(view: ServerView, width: int) -> Line:
    """Return how old the numbers are if they are overdue, or were when the screen was frozen."""
    if not (view.stale and view.watched.seen):
        return []
    if width < WIDE or view.is_frozen:
        return [(f"  STALE {duration(view.age)}", "warn bold")]
    seen_at = time_of_day(view.watched.snapshot.wall_time)
    return [(f"    LAST DATA {seen_at}, {duration(view.age)} OLD", "warn bold")]


def _clock(view: ServerView, width: int) -> Line:
    mode: Line = [("RO", "warn bold")] if view.readonly else [("RW", "dim")]
    if view.production:
        word = " PRODUCTION " if width >= 60 else " PROD "
        mode = [(word, "alarm"), (" ", ""), *mode]
    watched = view.watched
    interval = f"{view.interval:g}s"
    pace = f"{interval} (now {watched.pace:.1f}s)" if watched.stretched else interval
    if width < 60:
        return [*mode, (" ", "")]
    cost = f"cost {cost_words(watched.cost)}  " if width >= ROOMY and watched.seen else ""
    clock = (f"  {time_of_day(view.wall_time)} ", "dim")
    return [*mode, (f"  {cost}", "dim"), *_keyed(pace, width), clock]


def cost_words(cost: float | None) -> str:
    """Return the share of the server's time that polling takes, in percent.

    >>> cost_words(None), cost_words(0.0003), cost_words(0.0321)
    ('–', '<0.1%', '3.2%')
    """
    if cost is None:
        return UNKNOWN
    return f"{cost:.1%}" if cost >= 0.0005 else "<0.1%"


def _keyed(pace: str, width: int) -> Line:
    """Return the poll interval between the keys that change it, if there is room for them."""
    if width < WIDE:
        return [(pace, "dim")]
    return [("- ", "dim @change_interval(-1)"), (pace, "dim"), (" +", "dim @change_interval(1)")]


def _version(server: Server) -> str:
    version = server.version
    if version is None:
        return "version –"
    known = version if version[:1].isalpha() else f"beanstalkd {version}"
    return printable(known)


def _labelled(label: str, value: str) -> Line:
    return [(f"{label} ", "dim"), (value, "bold"), ("  ", "")]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def time_of_day(wall_time: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(wall_time))
