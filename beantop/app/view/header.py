"""The lines above the tables, as pure functions of what is known and of the window's size."""

import time
from collections.abc import Sequence

from beantop.app.session.server_view import Facts
from beantop.app.view.cells import LINK_SIGNS
from beantop.app.view.lines import Line, Piece, dimmed, path, spread, width_of
from beantop.app.view.sparks import peak, spark
from beantop.formatting import UNKNOWN, compact, counted, duration, full, per_second, shown
from beantop.monitor.fleet import Totals
from beantop.monitor.snapshot import Server

WIDE = 100
"""Cells from which on there is room for whole words and all digits."""

ROOMY = 118
"""Cells from which on the less important things have room, too."""

LEAST_NAME = 20
"""Cells of a server's name that are worth more than its version."""

GO_ON: Piece = ("frozen, f = go on", "warn")
"""What the line above a table says of it."""


def title_line(facts: Facts, width: int, *crumbs: str) -> Line:
    """Which server, how it does, and what time it is; `crumbs` say where in the server we are, safe
    to show. Names give way to what is urgent."""
    sign, style = LINK_SIGNS[facts.watched.link.state]
    left: Line = [(" ", ""), (sign, style)]
    if width >= (WIDE if crumbs else 60):
        left = [(" beantop", "bold"), (" │", "dim"), *left]
    place = _place(facts) if facts.servers > 1 and not crumbs else []
    right, clock = [*place, *_alerts(facts), *_urgent(facts, width)], _clock(facts, width)
    room = width - width_of([*left, *right, *clock]) - 2
    if not crumbs and room >= LEAST_NAME + width_of(version := _version_line(facts, width)):
        right += version
        room -= width_of(version)
    colour = f"colour-{facts.known.colour} " if facts.known.colour else ""
    name = path([shown(facts.known.title), *crumbs], room)
    return spread([*left, (f" {name}", f"{colour}bold"), *right], clock, width)


def fleet_title(fleet: Sequence[Facts], sums: Totals, width: int, *crumbs: str) -> Line:
    """How many of the servers answer, what is on them together, and what time it is. What is not
    urgent is left out where it has no room."""
    urgent, clock = [*_frozen(fleet), *_alerts(fleet[0])], _fleet_clock(fleet, width)
    room = width - width_of([*urgent, *clock]) - 1
    left: Line = [(" beantop", "bold"), (" │", "dim")] if width >= (WIDE if crumbs else 80) else []
    left.append(_answering(fleet, width))
    where: Line = [(f" › {crumb}", "bold") for crumb in crumbs]
    buried = (f"  {full(sums.buried)} buried", "bad" if sums.buried else "dim")
    counts: Line = [(f"   {full(sums.ready)} ready", ""), buried]
    for more in (where, counts):
        if width_of([*left, *more]) <= room:
            left += more
    return spread([*left, *urgent], clock, width)


def _answering(fleet: Sequence[Facts], width: int) -> Piece:
    many = sum(facts.answers for facts in fleet)
    of = counted(len(fleet), "server") if width >= 80 else full(len(fleet))
    return f" {many} of {of} answering", "bold" if many == len(fleet) else "bad bold"


def _frozen(fleet: Sequence[Facts]) -> Line:
    """For how long servers are frozen, and how many, if not all are."""
    spans = [facts.now - facts.frozen_at for facts in fleet if facts.frozen_at is not None]
    if not spans:
        return []
    many = f"{len(spans)} of {len(fleet)} " if len(spans) < len(fleet) else ""
    return [(f"  {many}FROZEN {duration(max(spans))}", "warn bold")]


def _fleet_clock(fleet: Sequence[Facts], width: int) -> Line:
    """Whether anything can be changed on them, how often they are polled, and what time it is."""
    modes = {"RO" if facts.readonly else "RW" for facts in fleet}
    mode = ("/".join(sorted(modes, reverse=True)), "warn bold" if modes == {"RO"} else "dim")
    if width < 60:
        return [mode, (" ", "")]
    intervals = [facts.interval for facts in fleet]
    ends = sorted({min(intervals), max(intervals)})
    pace = _keyed(" to ".join(f"{seconds:g}s" for seconds in ends), width)
    return [mode, (f"  {pace}  {_time(fleet[0].wall_time)} ", "dim")]


def _alerts(facts: Facts) -> Line:
    alerts = "1 ALERT" if facts.alerts == 1 else f"{full(facts.alerts)} ALERTS"
    return [("  ", ""), (f" {alerts} ", "alarm")] if facts.alerts else []


def _place(facts: Facts) -> Line:
    """Which of several servers it is, and which of the others are away."""
    others = [str(number) for number in facts.away if number != facts.number]
    away: Line = [(f" ×{','.join(others)}", "bad")] if others else []
    return [(f"  [{facts.number}/{facts.servers}", "dim"), *away, ("]", "dim")]


def link_line(facts: Facts) -> Line:
    """Why the server cannot be reached, and what comes next."""
    link = facts.watched.link
    return [
        (" × ", "bad bold"),
        (_sentence(shown(link.reason)), "bad"),
        (f"  {next_try(facts)}.  ", ""),
        ("r", "bold"),
        (" = retry now", ""),
    ]


def next_try(facts: Facts) -> str:
    """When a server that is away is tried again."""
    link = facts.watched.link
    wait = link.retry_at - facts.now
    return f"Try {link.tries + 1} in {wait:.0f} s" if wait >= 0.5 else f"Trying ({link.tries + 1})"


def server_counts(facts: Facts, width: int) -> Line:
    """The jobs of the whole server, its rates and its connections."""
    server = facts.watched.snapshot.server
    rates = facts.watched.history.server_rates()
    put, delete, timeouts = (
        UNKNOWN if rate is None or facts.stale else f"{per_second(rate)}/s"
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
            *_labelled("CONNS", f"{full(server.connections)} ({full(server.waiting)} wait)"),
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
    """How many jobs are in each state. More than none buried stands out."""
    wide = width >= WIDE
    words = ("READY", "RESERVED", "DELAYED", "BURIED") if wide else ("RDY", "RSV", "DLY", "BUR")
    number = full if wide else compact
    line: Line = [(" ", "")]
    for word, count in zip(words, (ready, reserved, delayed, buried), strict=True):
        bad = word.startswith("BUR") and bool(count)
        value = number(count) + (" !" if bad else "")
        line += [(f"{word} ", "dim"), (value, "bad bold" if bad else "bold"), ("  ", "")]
    return [*line[:-1], ("  " if wide else " ", "")]


def server_sparks(facts: Facts, width: int) -> Line:
    """How much came in and went out in the last two minutes."""
    history, now = facts.watched.history, facts.watched.snapshot.taken_at
    cells = (width - 40) // 2
    put, delete = history.put.last(cells, now), history.delete.last(cells, now)
    return [
        (" in  ", "dim"),
        (spark(put), "accent"),
        (f"  peak {per_second(peak(put)) + '/s':<9}", "dim"),
        ("out ", "dim"),
        (spark(delete), "accent"),
        (f"  peak {per_second(peak(delete))}/s", "dim"),
    ]


def tubes_header(facts: Facts, width: int, height: int) -> list[Line]:
    """The header of the tubes screen: one to three lines, by the size of the window."""
    lines = [title_line(facts, width)]
    if facts.watched.link.state == "down":
        lines.append(link_line(facts))
    if not facts.watched.seen or width < 80 or height < 10:
        return lines
    counts = server_counts(facts, width)
    lines.append(dimmed(counts) if facts.stale else counts)
    if width >= WIDE and height >= 20 and not facts.stale:
        lines.append(server_sparks(facts, width))
    return lines


def _urgent(facts: Facts, width: int) -> Line:
    """How old the numbers are, if they are not of now; or that the server takes no jobs."""
    if old := [*_frozen_for(facts, width), *_stale_for(facts, width)]:
        return old
    return [("  DRAIN", "warn bold")] if facts.watched.snapshot.server.draining else []


def _version_line(facts: Facts, width: int) -> Line:
    if width < WIDE or not facts.fresh or facts.frozen_at is not None:
        return []
    server = facts.watched.snapshot.server
    return [(f"    {_version(server)}  up {duration(server.uptime)}", "dim")]


def _frozen_for(facts: Facts, width: int) -> Line:
    if facts.frozen_at is None:
        return []
    polls = f"  +{counted(facts.missed_polls, 'poll')}" if width >= 60 else ""
    return [(f"  FROZEN {duration(facts.now - facts.frozen_at)}{polls}", "warn bold")]


def _stale_for(facts: Facts, width: int) -> Line:
    """How old the numbers are, where they should be younger, or should have been when frozen."""
    if not (facts.stale and facts.watched.seen):
        return []
    if width < WIDE or facts.frozen_at is not None:
        return [(f"  STALE {duration(facts.age)}", "warn bold")]
    seen_at = _time(facts.watched.snapshot.wall_time)
    return [(f"    LAST DATA {seen_at}, {duration(facts.age)} OLD", "warn bold")]


def _clock(facts: Facts, width: int) -> Line:
    mode: Line = [("RO", "warn bold")] if facts.readonly else [("RW", "dim")]
    if facts.production:
        word = " PRODUCTION " if width >= 60 else " PROD "
        mode = [(word, "alarm"), (" ", ""), *mode]
    watched = facts.watched
    every = f"{facts.interval:g}s"
    pace = f"{every} (now {watched.pace:.1f}s)" if watched.stretched else every
    if width < 60:
        return [*mode, (" ", "")]
    shown_pace = _keyed(pace, width)
    if width >= ROOMY and watched.seen:
        shown_pace = f"cost {watched.cost * 100:.1f}%  {shown_pace}"
    return [*mode, (f"  {shown_pace}  {_time(facts.wall_time)} ", "dim")]


def _keyed(pace: str, width: int) -> str:
    """The pace between the keys that change it."""
    return f"- {pace} +" if width >= WIDE else pace


def _version(server: Server) -> str:
    version = server.version
    if version is None:
        return "version –"
    known = version if version[:1].isalpha() else f"beanstalkd {version}"
    return shown(known)


def _labelled(label: str, value: str) -> Line:
    return [(f"{label} ", "dim"), (value, "bold"), ("  ", "")]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _time(wall_time: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(wall_time))
