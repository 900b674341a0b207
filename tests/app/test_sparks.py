"""Sparklines: their scale, and that a picture of the past never changes its shape."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beantop.app.view.sparks import BLOCKS, NO_DATA, ZERO, spark
from beantop.beanstalk import Stats
from beantop.monitor.fleet import FleetTube, Part
from beantop.monitor.history import History
from beantop.monitor.series import SLOTS, SPANS
from beantop.monitor.snapshot import Server, Snapshot, Tube
from beantop.monitor.time_series import Trace


class Poll(NamedTuple):
    """A poll: when, what became of the server, and what it reported of the tube."""

    after: float
    restarted: bool
    asked: bool
    """Whether the tube was in the poll: with very many tubes, it is not in each."""
    counts: tuple[int | None, int | None, int | None]
    """Ready, reserved and buried jobs; None where the server does not say."""
    put: int
    deleted: int


COUNT = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 10**7))
POLLS = st.lists(
    st.builds(
        Poll,
        st.one_of(st.floats(0.05, 2.5), st.floats(0, 30), st.floats(0, 400)),
        st.integers(0, 12).map(lambda number: number == 0),
        st.integers(0, 4).map(bool),
        st.tuples(*[st.one_of(COUNT, COUNT, COUNT, st.none())] * 3),
        COUNT,
        COUNT,
    ),
    max_size=60,
)
START = st.floats(0, 1e6)
CELLS = st.one_of(st.sampled_from([1, 5, 8, 10, 18, 30, 40, 60, 116]), st.integers(1, 130))

PATIENCE = 3.5
"""Seconds without a poll after which a server that is polled each second is late."""


def told(polls: Iterable[Poll], start: float, interval: float) -> Iterable[tuple[History, float]]:
    """Add the polls to a history. Yield it after each, with the time of the tube's last sample."""
    history, at, sampled_at, process = History(), start, start, 0
    puts = deletes = 0
    tube = Tube("a", start)
    for poll in polls:
        at += poll.after
        if poll.restarted:
            process, puts, deletes = process + 1, 0, 0
        puts, deletes = puts + poll.put, deletes + poll.deleted
        if poll.asked or poll.restarted:
            ready, reserved, buried = poll.counts
            tube = Tube("a", at, ready=ready, reserved=reserved, delayed=0, buried=buried,
                        total_jobs=puts, deletes=deletes)  # fmt: skip
            sampled_at = at
        stats: Stats = {"id": f"{process}", "uptime": 1, "total-jobs": puts, "cmd-delete": deletes}
        history.add(Snapshot(at, 0.0, Server(at, stats), {"a": tube}), interval)
        yield history, sampled_at


def stays(pictures: Iterable[tuple[float, str]], span: float, early: float = 0.0) -> None:
    """Check that a cell whose time is over is the same in all pictures that have it.

    Cell n of a picture of W cells covers the steps from n * 60 / W up to (n + 1) * 60 / W. It may
    leave the picture so many seconds `early`.
    """
    drawn: dict[int, str] = {}
    for at, picture in pictures:
        step, cells = int(at // (span / SLOTS)), len(picture)
        oldest = int((at + early) // (span / SLOTS)) - SLOTS + 1
        newest = -(-(step + 1) * cells // SLOTS) - 1
        for cell, sign in enumerate(picture, start=newest - cells + 1):
            first, after = cell * SLOTS // cells, (cell + 1) * SLOTS // cells
            if oldest <= first and max(after, first + 1) <= step:
                assert drawn.setdefault(cell, sign) == sign, (cell, at, picture)


@given(POLLS, START, CELLS, st.sampled_from([0.5, 1.0, 10.0]))
def test_a_cell_that_was_drawn_never_changes(
    polls: list[Poll], start: float, cells: int, interval: float
) -> None:
    pictures = [
        (at, spark(history.ready["a"].last(cells, at)))
        for history, at in told(polls, start, interval)
        if "a" in history.ready
    ]
    stays(pictures, SPANS[0])


@given(POLLS, START, CELLS, st.sampled_from([1.0, 10.0]))
def test_nor_does_one_of_the_rates_in_the_header(
    polls: list[Poll], start: float, cells: int, interval: float
) -> None:
    for in_or_out in ("put", "delete"):
        pictures = [
            (history.latest.taken_at, spark(getattr(history, in_or_out).last(cells, now)))
            for history, _ in told(polls, start, interval)
            for now in [history.latest.taken_at]
        ]
        stays(pictures, SPANS[0])


@given(
    POLLS,
    START,
    CELLS,
    st.sampled_from(["ready", "reserved", "buried", "put", "delete"]),
    st.integers(0, len(SPANS) - 1),
)
@example(  # two minutes after the mark of a flow, its ring holds other steps
    [Poll(1.0, True, False, (0, 0, 0), 0, 0), Poll(2.0, False, True, (0, 0, 0), 0, 0),
     Poll(118.0, True, False, (0, 0, 0), 0, 0)],
    389_127.0, 18, "put", 1,
)  # fmt: skip
def test_nor_does_one_of_any_state_over_any_time(
    polls: list[Poll], start: float, cells: int, trace: Trace, level: int
) -> None:
    pictures = [
        (at, spark(history.tubes["a"].last(trace, cells, at, level)))
        for history, at in told(polls, start, 1.0)
        if "a" in history.tubes
    ]
    stays(pictures, SPANS[level])


@pytest.mark.long
@given(POLLS, POLLS, START, CELLS)
def test_nor_does_one_of_the_sum_of_two_servers(
    one: list[Poll], other: list[Poll], start: float, cells: int
) -> None:
    """Each server is polled at times of its own. One that is late is no longer waited for."""
    polls = [
        (history.latest.taken_at, number, history.copy())
        for number, of_server in enumerate((one, other))
        for history, _ in told([poll._replace(asked=True) for poll in of_server], start, 1.0)
    ]
    latest: dict[int, History] = {}
    pictures = []
    for at, number, history in sorted(polls, key=lambda poll: poll[:2]):
        latest[number] = history
        samples = {number: known.latest.tubes["a"] for number, known in latest.items()}
        fresh = {number for number, tube in samples.items() if at - tube.taken_at < PATIENCE}
        parts = [
            Part(number, tube, latest[number], number in fresh) for number, tube in samples.items()
        ]
        if len(parts) == 2:
            until = min(samples[number].taken_at for number in fresh)
            pictures.append((until, spark(FleetTube("a", tuple(parts)).ready_series(cells))))
    stays(pictures, SPANS[0], early=PATIENCE)


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_ten_times_more_looks_different_and_more_is_never_lower(one: int, other: int) -> None:
    small, large = sorted((one, other))
    heights = (ZERO + BLOCKS).index
    assert heights(ZERO) < heights(spark([small])) <= heights(spark([large]))
    if 10 * small <= large and small < 10**6:
        assert spark([small]) != spark([large])


def test_one_job_and_many_look_different_in_whatever_company() -> None:
    assert spark([1]) != spark([30_000])
    assert spark([1, 0, 30_000])[0] == spark([1])


def test_the_unknown_zero_and_little_look_different() -> None:
    assert [*spark([None, 0, 0.1])] == [NO_DATA, ZERO, BLOCKS[0]]


def test_the_scale_reaches_from_one_job_to_a_million() -> None:
    signs = [spark([10**digits]) for digits in range(7)]
    assert all(lower < higher for lower, higher in pairwise(signs))
    assert "".join(signs) == BLOCKS
