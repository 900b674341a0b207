"""The line of a recording: where it is, and how fast it is played."""

import time

from beantop.app.session.timeline import Timeline
from beantop.app.view.lines import Line, width_of
from beantop.formatting import duration

MIN_BAR, MAX_BAR = 8, 40
"""Cells of the bar."""

KEYS = (
    ("f", "play/pause"),
    ("( )", "step"),
    ("- +", "speed"),
    ("@", "go to"),
    ("}", "next problem"),
)
"""The keys of a recording, which leave the line from the end if there is no room."""


def timeline_line(timeline: Timeline, width: int) -> Line:
    """Return the line, at most `width` cells wide."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timeline.at))
    gone = duration(round(timeline.at - timeline.begin))
    total = duration(round(timeline.end - timeline.begin))
    left: Line = [(" RECORDING ", "alarm"), (f" {moment} ", "bold"), (f"{_state(timeline)} ", "")]
    right: Line = [(f" {gone} of {total}", "dim")]
    keys: Line = []
    for key, label in KEYS:
        more: Line = [*keys, ("  ", ""), (key, "bold"), (f" {label}", "dim")]
        if width_of([*left, *right, *more]) + MIN_BAR + 1 > width:
            break
        keys = more
    room = min(MAX_BAR, width - width_of([*left, *right, *keys]) - 1)
    return [*left, *(_bar(timeline, room) if room >= MIN_BAR else []), *right, *keys]


def _state(timeline: Timeline) -> str:
    if timeline.is_reading:
        return "reading"
    return f"play {timeline.speed:g}x" if timeline.is_playing else "paused"


def _bar(timeline: Timeline, cells: int) -> Line:
    span = timeline.end - timeline.begin
    place = round((cells - 1) * (timeline.at - timeline.begin) / span) if span > 0 else 0
    place = max(0, min(cells - 1, place))
    return [("─" * place, "accent"), ("●", "accent"), ("─" * (cells - 1 - place), "dim")]
