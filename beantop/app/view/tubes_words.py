"""What the screen of tubes says around its table: which tubes it shows, and what polling costs."""

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
    view: ServerView, found: Found, only: TubeFilter, marked: int, order: Piece, width: int
) -> Line:
    """The line above the table: how many tubes, and by what they were chosen."""
    known = view.watched.snapshot.tubes
    many, of = sum(tube.name in known for tube in found.tubes), plural(len(known), "tube")
    parts: Line = [(of if many == len(known) else f"{many:,} of {of}", "bold")]
    if marked:
        parts.append((f"{marked:,} marked", "accent"))
    parts += [*chosen_by(only, found.idle), order]
    if view.frozen_at is not None:
        parts.append(GO_ON)
    if view.stale and view.watched.seen:
        parts.append(("stale", "warn"))
    return rule(parts, width)


def chosen_by(only: TubeFilter, idle: int) -> Line:
    """By what tubes were chosen, and how many are hidden only for being idle."""
    parts: Line = []
    if only.words:
        parts.append((f"filter: {printable(only.words)}", "warn" if only.problem else "accent"))
    if only.only_problems:
        parts.append(("only with a sign (!)", "accent"))
    if idle:
        parts.append((f"{idle:,} idle hidden (z)", "accent"))
    return parts


def why_none(tubes: Iterable[Tube], idle: int, only: TubeFilter, width: int) -> list[Line]:
    """Why none of these tubes is shown; so many of them only for being idle."""
    if only.problem:
        return unreadable(only.problem, width)
    said = f"No tube matches “{printable(only.words)}”.  esc clears the filter."
    if idle:
        said = f"{plural(idle, 'tube')} hidden: nothing is in them.  z shows them."
    elif only.only_problems:
        said = f"{_without_sign(tubes, only)}  esc shows all."
    return [[], [(f"   {said}", "")]]


def _without_sign(tubes: Iterable[Tube], only: TubeFilter) -> str:
    """That no tube has a sign, as far as that is known."""
    if unknown := sum(tube.ready is None for tube in tubes):
        return f"No sign so far: of {plural(unknown, 'tube')} nothing is known yet."
    if only.words:
        return f"No tube that matches “{printable(only.words)}” has a sign."
    return "No tube has a sign: nothing is buried, stuck, growing or paused."


def tubes_status(view: ServerView, row: TubeRow, place: str, why_off: str, width: int) -> Line:
    """The line below the table: the tube under the cursor, what is wrong with it, what polling
    costs; or why nothing can be changed."""
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
    many, of = len(snapshot.asked), len(snapshot.tubes)
    tubes = f"{many:,} of {plural(of, 'tube')}" if 0 < many < of else plural(of, "tube")
    return [(f"{tubes} polled in {snapshot.took * 1000:.1f} ms ", "dim")]
