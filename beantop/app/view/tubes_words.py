"""The words around the tubes table: which tubes it shows, and what polling costs."""

from collections.abc import Iterable

from rich.cells import cell_len

from beantop.app.session.server_view import ServerView
from beantop.app.view.filter_words import unreadable
from beantop.app.view.header import GO_ON, WIDE
from beantop.app.view.lines import Line, Piece, rule, spread, width_of
from beantop.app.view.reasons import BETWEEN, reason_words, reasons_of
from beantop.app.view.tube_filter import Found, TubeFilter
from beantop.app.view.tube_rows import TubeRow
from beantop.formatting import plural, printable
from beantop.monitor.snapshot import Tube


def tubes_rule(
    view: ServerView, found: Found, tube_filter: TubeFilter, marked: int, order: Piece, width: int
) -> Line:
    """Return the line above the table: the number of tubes and how they were filtered."""
    known = view.watched.snapshot.tubes
    snapshot = view.watched.snapshot
    known, total = snapshot.tubes, snapshot.listed
    shown = sum(tube.name in known for tube in found.tubes)
    parts: Line = [(total if shown == len(known) else f"{shown:,} of {total}", "bold")]
    if marked:
        parts.append((f"{marked:,} marked", "accent"))
    parts += [*chosen_by(tube_filter, found.idle), order]
    if view.is_frozen:
        parts.append(GO_ON)
    if view.stale and view.watched.seen:
        parts.append(("stale", "warn"))
    return rule(parts, width)


def chosen_by(tube_filter: TubeFilter, idle: int) -> Line:
    """Return the filters in use, and how many tubes are hidden only because they are idle."""
    parts: Line = []
    if tube_filter.words:
        parts.append(
            (f"filter: {printable(tube_filter.words)}", "warn" if tube_filter.problem else "accent")
        )
    if tube_filter.only_problems:
        parts.append(("only with a sign (!)", "accent @only_problems"))
    if idle:
        parts.append((f"{idle:,} idle hidden (z)", "accent @without_idle"))
    return parts


def why_none(tubes: Iterable[Tube], idle: int, tube_filter: TubeFilter, width: int) -> list[Line]:
    """Return why none of these tubes is shown; `idle` of them are hidden only as idle."""
    if tube_filter.problem:
        return unreadable(tube_filter.problem, width)
    reason = f"No tube matches “{printable(tube_filter.words)}”.  esc clears the filter."
    if idle:
        reason = f"{plural(idle, 'idle tube')} hidden.  z shows {'it' if idle == 1 else 'them'}."
    elif tube_filter.only_problems:
        reason = f"{_without_sign(tubes, tube_filter)}  esc shows all."
    return [[], [(f"   {reason}", "")]]


def _without_sign(tubes: Iterable[Tube], tube_filter: TubeFilter) -> str:
    """Return a sentence that no tube has a sign, as far as that is known."""
    if unknown := sum(tube.ready is None for tube in tubes):
        return f"No sign so far: no data yet for {plural(unknown, 'tube')}."
    if tube_filter.words:
        return f"No tube that matches “{printable(tube_filter.words)}” has a sign."
    return "No tube has a sign: nothing is buried, stuck, timing out, growing or paused."


def status_place(name: str, room: int, place: str) -> Line:
    """Return the begin of the status line: the position of the cursor, and the name of its row only
    if the table, which has `room` cells for it, shows a part of it."""
    shown = printable(name)
    whole = f"{shown}  " if cell_len(shown) > room else ""
    return [(f" {place}", "dim"), (whole, "dim")]


def tubes_status(
    view: ServerView, row: TubeRow, before: Line, why_off: str, width: int, most: int
) -> Line:
    """Return the words below the table: what is wrong with the tube under the cursor, and what
    polling costs or, if the connection is lost, why nothing can be changed, for up to `most` lines."""
    left = before
    if view.watched.link.state == "down" and view.watched.seen:
        right: Line = [(f"{why_off} ", "warn")]
        room = width - width_of(right) - 1
        left = reason_words(left, reasons_of(row.conditions), room, 1)
        if width_of(left) <= room or most == 1:
            return spread(left, right, width)
        return [*left, (BETWEEN, "dim"), *right]
    if view.watched.snapshot.server.draining:
        left = [*left, ("Server takes no new jobs (drain mode).   ", "warn")]
    left = reason_words(left, reasons_of(row.conditions), width, most)
    right = _cost(view) if width >= WIDE and view.watched.seen else []
    fits = width_of(left) + width_of(right) < width
    return spread(left, right, width) if fits else left


def _cost(view: ServerView) -> Line:
    snapshot = view.watched.snapshot
    polled, total = len(snapshot.asked), len(snapshot.tubes)
    tubes = plural(total, "tube")
    if 0 < polled < total:
        tubes = f"{polled:,} of {tubes}"
    return [(f"{tubes} polled in {snapshot.took * 1000:.1f} ms ", "dim")]
