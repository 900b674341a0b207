"""The graphs of a tube or a server where a screen has lines to spare, and the key that goes through
the times."""

from dataclasses import replace

from beantop.app.drawing.graph import Kind
from beantop.app.drawing.lines import Line
from beantop.app.drawing.past_graphs import LEAST_LINES, next_span, past_graphs
from beantop.app.messages import Chosen
from beantop.app.screens.watching import WatchingScreen
from beantop.monitor.past import Past
from beantop.monitor.rates import Rates
from beantop.monitor.snapshot import Server, Tube

MOST_HEIGHT = 26
"""Lines that graphs take at most: taller ones tell no more."""


def graphs_below(screen: WatchingScreen, name: str | None, taken: int) -> list[Line]:
    """The graphs of the tube of that name, after an empty line, if `taken` lines of the window
    leave room for them."""
    watched = screen.facts.watched
    tube = watched.snapshot.tubes.get(name or "")
    past = watched.history.tubes.get(name or "")
    width, height = screen.size
    room = min(MOST_HEIGHT, height - taken - 1)
    if tube is None or past is None:
        return []
    lines = _graphs(screen, tube, watched.history.tube_rates(tube.name), past, (width, room))
    return [[], *lines] if lines else []


def graphs_of_server(screen: WatchingScreen, width: int) -> list[Line]:
    """The graphs of the server and an empty line after them, in a third of the window's height."""
    watched = screen.facts.watched
    server, history = watched.snapshot.server, watched.history
    room = min(MOST_HEIGHT, max(LEAST_LINES, screen.size.height // 3))
    if screen.size.height < 2 * LEAST_LINES:
        return []
    lines = _graphs(screen, server, history.server_rates(), history.server, (width, room))
    return [*lines, []] if lines else []


def _graphs(
    screen: WatchingScreen,
    look: Tube | Server,
    rates: Rates,
    past: Past,
    size: tuple[int, int],
) -> list[Line]:
    return past_graphs(
        look,
        rates,
        past,
        screen.facts.state.span,
        size,
        _kind(screen),
        is_live=screen.facts.frozen_at is None and not screen.facts.stale,
    )


def choose_next_span(screen: WatchingScreen) -> None:
    """Let the graphs reach back further, or from the furthest the least; it is remembered."""
    span = next_span(screen.facts.state.span)
    screen.facts = replace(screen.facts, state=replace(screen.facts.state, span=span))
    screen.redraw()
    screen.post_message(Chosen(span=span))


def _kind(screen: WatchingScreen) -> Kind:
    """The signs that were asked for, of which the app's classes tell."""
    if screen.app.has_class("-ascii"):
        return "ascii"
    return "blocks" if screen.app.has_class("-blocks") else "braille"
