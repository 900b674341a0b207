"""The lines below the table of the profile: histograms, how busy workers are, and what is unknown
and why."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from beantop.app.view.lines import Line, fill, fitted, rule, wrapped
from beantop.app.view.profile_table import (
    PERCENTS,
    QUANTITIES,
    SPACIOUS,
    ProfileRow,
    percentage,
)
from beantop.formatting import plural
from beantop.monitor.durations import MIN_COUNT, Estimate
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.snapshot import Tube
from beantop.monitor.staffing import MIN_SECONDS, TARGET, Staffing

EDGES = (
    0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1200, 3600, 7200, 18_000, 43_200, 86_400,
    259_200, 604_800, 2_592_000,
)  # fmt: skip
"""Seconds between the bars of a histogram."""

MAX_BARS = 10

LABELS = 14
"""Cells of the durations beside the bars."""

SHARES = 5
"""Cells of the percentage behind a bar."""

MEANINGS = {
    "wait": "until a worker has it",
    "work": "until it is done",
    "turnaround": "put to gone",
}

TITLES = {"wait": "wait", "work": "work", "turnaround": "in all"}


def histograms(row: ProfileRow, width: int, height: int) -> list[Line]:
    """Return the histograms of the three times of these jobs side by side, in at most `height` lines;
    nothing if there is no room or nothing is known."""
    estimates = [row.estimate(quantity) for quantity in QUANTITIES]
    known = [estimate for estimate in estimates if estimate]
    narrow = width < SPACIOUS
    before = 1 + 2 * narrow
    if not known or height < before + 3:
        return []
    edges = _edges(known, row.resolution, min(MAX_BARS, height - before))
    cells = (width - LABELS) // len(QUANTITIES)
    lines = [_heads(cells)]
    if narrow:
        lines += [_percentiles(row, PERCENTS[:2], cells), _percentiles(row, PERCENTS[2:], cells)]
    shares = [_shares(estimate, edges) for estimate in estimates]
    most = max(max(some, default=0.0) for some in shares)
    for at, label in enumerate(_labels(edges)):
        line: Line = [(fitted(label, LABELS - 2, right=True) + "  ", "dim")]
        for some in shares:
            line += (
                fill(_bar(some[at], most, cells - SHARES - 2), cells)
                if some
                else [(" " * cells, "")]
            )
        lines.append(line)
    return lines


def _heads(cells: int) -> Line:
    line: Line = [(" " * LABELS, "")]
    for quantity in QUANTITIES:
        words: Line = [(TITLES[quantity], "bold")]
        if len(TITLES[quantity]) + 2 + len(MEANINGS[quantity]) < cells:
            words.append((f"  {MEANINGS[quantity]}", "dim"))
        line += fill(words, cells)
    return line


def _percentiles(row: ProfileRow, percents: Sequence[int], cells: int) -> Line:
    line: Line = [(" " * LABELS, "")]
    for quantity in QUANTITIES:
        words: Line = []
        for percent in percents:
            words += [(f"p{percent} ", "dim"), (f"{row.text(quantity, percent):<7}", "")]
        line += fill(words, cells)
    return line


def _edges(estimates: Sequence[Estimate], resolution: float, bars: int) -> list[float]:
    """Return the durations between the bars: from the resolution, or from where the first jobs end,
    to durations that hardly any job reaches or that are unknown."""
    longest = max(estimate.percentile(99) for estimate in estimates)
    known = min(
        estimate.longest if estimate.shares[-1] > 0.005 else math.inf for estimate in estimates
    )
    above = [edge for edge in EDGES if 1.2 * resolution < edge <= known]
    end = next((at for at, edge in enumerate(above) if edge >= longest), len(above) - 1)
    edges = [resolution, *above[: end + 1]]
    while len(edges) > 1 and all(estimate.share_below(edges[1]) < 0.005 for estimate in estimates):
        edges = edges[1:]
    step = math.ceil(len(edges) / max(1, bars - 1))
    return edges[::-1][::step][::-1]


def _labels(edges: Sequence[float]) -> list[str]:
    between = [f"{_plain(low)} – {_plain(high)}" for low, high in pairwise(edges)]
    return [f"< {_plain(edges[0])}", *between, f"> {_plain(edges[-1])}"]


def _plain(seconds: float) -> str:
    """Format the end of a bar.

    >>> _plain(0.056), _plain(0.25), _plain(20), _plain(120), _plain(43_200)
    ('0.06s', '0.25s', '20s', '2m', '12h')
    """
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.2g}{unit}"
    return f"{seconds:.1g}s" if seconds < 0.1 else f"{seconds:.2g}s"


def _shares(estimate: Estimate | None, edges: Sequence[float]) -> list[float]:
    if estimate is None:
        return []
    below = [0.0, *(estimate.share_below(edge) for edge in edges), 1.0]
    return [max(0.0, after - before) for before, after in pairwise(below)]


def _bar(share: float, most: float, width: int) -> Line:
    filled = round(share / most * width) if most else 0
    filled = max(filled, 1) if share >= 0.005 else filled
    number = percentage(share) if share >= 0.005 else ""
    return [("█" * filled, "accent"), (f" {number}", "dim" if share < 0.005 else "")]


def workers_words(known: Staffing | None, tube: Tube) -> Line:
    """Return how busy the workers of a tube are, and how many are needed."""
    if tube.watching == 0:
        return [("No worker watches this tube.", "")]
    if known is None:
        return [(f"It takes {MIN_SECONDS:.0f}s of polls to tell how busy the workers are.", "dim")]
    workers = plural(known.workers, "worker")
    these = f"This {workers[2:]} is" if workers == "1 worker" else f"These {workers} are"
    busy: Line = [(f"{these} busy ", ""), (percentage(known.busy), "bold"), (" of the time", "")]
    if known.have_other_work:
        return [*busy, (" with jobs of this tube, and have other work, too.", "")]
    if known.needed is None:
        return [*busy, (".", "")]
    goal = f"keep the p95 of the wait under {TARGET:.0f}s"
    more = known.needed - known.workers
    has_backlog = (known.backlog or 0) > TARGET
    if more > 0:
        words = f"{more} more would {goal}{', once the backlog is gone' if has_backlog else ''}"
    elif has_backlog:
        words = "enough for what comes in, but there is a backlog"
    else:
        words = f"{known.needed} would {goal}" if more < 0 else f"that many {goal}"
    return [*busy, ("; ", ""), (words, "bold" if more > 0 else ""), (_ASSUMED, "dim")]


_ASSUMED = " (if jobs come at random)."


def unknown_words(
    row: ProfileRow | None, *, of_tubes: bool, draining: bool, trouble: str
) -> list[Line]:
    """Return what is not known, and why."""
    if trouble:
        return [[(trouble, "warn")]]
    sentences = [DRAINING] if draining else []
    if row is None or row.times is None or not row.times.sampled:
        sentences.append(NOT_SEEN if row and row.rate else NOTHING)
    elif row.times.sampled < MIN_COUNT:
        found = plural(round(row.times.sampled), "job")
        sentences.append(f"{found} so far; times are shown once there are {MIN_COUNT}.")
    else:
        sentences += _what_is_missing(row.times, of_tubes=of_tubes)
    return [[(sentence, "dim")] for sentence in sentences]


NOTHING = "No job was put since this screen opened. Times are measured on new jobs."
NOT_SEEN = "Jobs are put, but none was seen yet. If they are gone too soon, s samples more often."
DRAINING = "The server takes no new jobs (drain mode), so only known ones are followed."


def _what_is_missing(times: TubeTimes, *, of_tubes: bool) -> Iterator[str]:
    if times.work is None:
        yield f"WORK is unknown: fewer than {MIN_COUNT} of these jobs have had a worker so far."
    if times.quick >= 0.01:
        unread = "" if of_tubes else ", so their class is unknown"
        yield f"{percentage(times.quick)} of the jobs were gone before their first sample{unread}."


def profile_rule(words: Sequence[str], width: int) -> Line:
    """Return the rule above the table."""
    first, *others = words
    return rule([(first, "bold"), *((word, "dim") for word in others)], width)


def indented(lines: Sequence[Line], width: int) -> list[Line]:
    """Return sentences, each in as many lines as it takes."""
    return [part for line in lines for part in wrapped([(" ", ""), *line], width)]
