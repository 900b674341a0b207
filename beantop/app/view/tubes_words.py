"""The words around the tubes table: which tubes it shows, and what polling costs."""

from collections.abc import Iterable

from beantop.app.session.server_view import ServerView
from beantop.app.view.filter_words import unreadable
from beantop.app.view.header import GO_ON, WIDE
from beantop.app.view.lines import Line, Piece, rule, shorten, spread, width_of
from beantop.app.view.tube_filter import Found, TubeFilter
from beantop.app.view.tube_header import sign_words
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
    if view.frozen_at is not None:
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
    return "No tube has a sign: nothing is buried, stuck, growing or paused."


def tubes_status(view: ServerView, row: TubeRow, place: str, why_off: str, width: int) -> Line:
    """Return the line below the table: the tube under the cursor with its signs, and what polling
    costs or, if the connection is lost, why nothing can be changed."""
    name = shorten(printable(row.tube.name), 40)
    left: Line = [(f" tubes {place}› {name}", "dim"), ("   ", "")]
    if view.watched.snapshot.server.draining:
        left.append(("Server takes no new jobs (drain mode).   ", "warn"))
    left += sign_words(row)
    if view.watched.link.state == "down" and view.watched.seen:
        return spread(left, [(f"{why_off} ", "warn")], width)
    right = _cost(view) if width >= WIDE and view.watched.seen else []
    fits = width_of(left) + width_of(right) < width
    return spread(left, right if fits else [], width)


def _cost(view: ServerView) -> Line:
    snapshot = view.watched.snapshot
    polled, total = len(snapshot.asked), len(snapshot.tubes)
    tubes = plural(total, "tube")
    if 0 < polled < total:
        tubes = f"{polled:,} of {tubes}"
    return [(f"{tubes} polled in {snapshot.took * 1000:.1f} ms ", "dim")]
