"""The graphs of a tube or a server, where a screen has lines to spare."""

from beantop.app.session.server_view import ServerView
from beantop.app.view.graph import Kind
from beantop.app.view.lines import Line
from beantop.app.view.past_graphs import MIN_LINES, past_graphs
from beantop.monitor.rates import Rates
from beantop.monitor.snapshot import Server, Tube
from beantop.monitor.time_series import TimeSeries

MAX_HEIGHT = 26
"""Lines that graphs take at most: taller ones tell no more."""


def graphs_of_tube(
    view: ServerView, name: str | None, size: tuple[int, int], taken: int, kind: Kind
) -> list[Line]:
    """The graphs of the tube of that name, after an empty line, if `taken` lines of a window of that
    size leave room for them."""
    watched = view.watched
    tube = watched.snapshot.tubes.get(name or "")
    past = watched.history.tubes.get(name or "")
    width, height = size
    room = min(MAX_HEIGHT, height - taken - 1)
    if tube is None or past is None:
        return []
    rates = watched.history.tube_rates(tube.name)
    lines = _graphs(view, tube, rates, past, (width, room), kind)
    return [[], *lines] if lines else []


def graphs_of_server(view: ServerView, size: tuple[int, int], kind: Kind) -> list[Line]:
    """The graphs of the server and an empty line after them, in a third of the window's height."""
    watched, (width, height) = view.watched, size
    server, history = watched.snapshot.server, watched.history
    room = min(MAX_HEIGHT, max(MIN_LINES, height // 3))
    if height < 2 * MIN_LINES:
        return []
    lines = _graphs(view, server, history.server_rates(), history.server, (width, room), kind)
    return [*lines, []] if lines else []


def _graphs(
    view: ServerView,
    look: Tube | Server,
    rates: Rates,
    past: TimeSeries,
    size: tuple[int, int],
    kind: Kind,
) -> list[Line]:
    is_live = view.frozen_at is None and not view.stale
    return past_graphs(look, rates, past, view.state.span, size, kind, is_live=is_live)
