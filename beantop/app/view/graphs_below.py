"""The graphs of a tube or a server: in free lines, or in lines that a table leaves to them."""

from beantop.app.session.server_view import ServerView
from beantop.app.view.graph import Kind
from beantop.app.view.lines import Line
from beantop.app.view.past_graphs import MIN_LINES, past_graphs
from beantop.monitor.rates import Rates
from beantop.monitor.snapshot import Server, Tube
from beantop.monitor.time_series import TimeSeries

MIN_ROWS = 3
"""Minimum number of rows that stay of a table that makes room for graphs."""

NO_ROOM = "No room for graphs."
"""Why there is nothing to choose a time span for."""


def graphs_of_tube(
    view: ServerView, name: str | None, size: tuple[int, int], taken: int, kind: Kind
) -> list[Line]:
    """Return an empty line and the graphs of the tube `name`; nothing if they do not fit.

    `size` is width and height of the window, `taken` the number of lines already in use."""
    width, height = size
    lines = graphs_in(view, name, (width, height - taken - 1), kind)
    return [[], *lines] if lines else []


def graphs_in(view: ServerView, name: str | None, size: tuple[int, int], kind: Kind) -> list[Line]:
    """Return the graphs of the tube `name` in exactly that size; nothing if they do not fit."""
    watched = view.watched
    tube = watched.snapshot.tubes.get(name or "")
    past = watched.history.tubes.get(name or "")
    if tube is None or past is None:
        return []
    return _graphs(view, tube, watched.history.tube_rates(tube.name), past, size, kind)


def lines_for_graphs(lines: int, rows: int) -> int:
    """Return how many of a screen's `lines` the graphs get if a table of `rows` rows makes room for
    them: the lines that it leaves free, at least half of them; 0 if that is not enough.

    >>> lines_for_graphs(30, 100), lines_for_graphs(30, 8), lines_for_graphs(17, 100)
    (15, 22, 9)
    >>> lines_for_graphs(11, 100)
    0
    """
    wanted = max(lines - rows, lines // 2, MIN_LINES)
    return wanted if lines - wanted >= min(rows, MIN_ROWS) else 0


def graphs_of_server(view: ServerView, size: tuple[int, int], kind: Kind) -> list[Line]:
    """Return the graphs of the server, in a third of the window's height, and an empty line."""
    watched, (width, height) = view.watched, size
    server, history = watched.snapshot.server, watched.history
    room = max(MIN_LINES, height // 3)
    if height < 2 * MIN_LINES:
        return []
    lines = _graphs(view, server, history.server_rates(), history.server, (width, room), kind)
    return [*lines, []] if lines else []


def _graphs(
    view: ServerView,
    subject: Tube | Server,
    rates: Rates,
    past: TimeSeries,
    size: tuple[int, int],
    kind: Kind,
) -> list[Line]:
    polled_at = view.watched.snapshot.wall_time
    marks = [max(0.0, polled_at - mark.at) for mark in view.marks if mark.at <= view.wall_time]
    is_live = view.frozen_at is None and not view.stale
    return past_graphs(
        subject, rates, past, view.state.span, size, kind, is_live=is_live, marks=marks
    )
