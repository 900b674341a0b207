"""The graphs of a tube where a screen has lines to spare, and the key that goes through the times."""

from dataclasses import replace

from beantop.app.lines import Line
from beantop.app.messages import Chosen
from beantop.app.past_graphs import next_span, past_graphs
from beantop.app.screens.watching import WatchingScreen

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
    lines = past_graphs(
        tube,
        watched.history.tube_rates(tube.name),
        past,
        screen.facts.state.span,
        (width, room),
        "ascii" if screen.app.has_class("-ascii") else "braille",
        is_live=screen.facts.frozen_at is None and not screen.facts.stale,
    )
    return [[], *lines] if lines else []


def choose_next_span(screen: WatchingScreen) -> None:
    """Let the graphs reach back further, or from the furthest the least; it is remembered."""
    span = next_span(screen.facts.state.span)
    screen.facts = replace(screen.facts, state=replace(screen.facts.state, span=span))
    screen.redraw()
    screen.post_message(Chosen(span=span))
