"""Whatever a server counts and however wide the window is: no number is shown that is not true."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TypeAlias, get_type_hints

from hypothesis import example, given
from hypothesis import strategies as st
from rich.style import Style

from beantop.app.session.server_view import ServerView
from beantop.app.view.column import GAP, Column, Row, laid_out
from beantop.app.view.column_names import read_columns
from beantop.app.view.fleet_columns import ServerRow, fleet_tube_columns, server_columns
from beantop.app.view.header import fleet_title, title_line, tubes_header
from beantop.app.view.job_columns import CHOICES, Look, job_columns
from beantop.app.view.job_lines import as_list, as_paragraph, job_facts
from beantop.app.view.jobs_words import tab_words
from beantop.app.view.lines import Line, cut, plain, rule, width_of
from beantop.app.view.server_fields import LABEL, MAX_LABEL, in_columns, server_groups
from beantop.app.view.table_lines import row_segments
from beantop.app.view.tube_columns import COLUMNS, tube_columns
from beantop.app.view.tube_header import tube_header
from beantop.app.view.tube_rows import TubeRow
from beantop.beanstalk import Stats
from beantop.beanstalk.stats import StatsJob
from beantop.config import ServerConfig
from beantop.jobs.body import Body
from beantop.jobs.job_info import JobInfo, listed
from beantop.jobs.listing import JobRow
from beantop.jobs.peek import JobRecord
from beantop.monitor.fleet import FleetTube, Part, Totals, totals
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.sampled import HEAD_STATES, FirstJob, moves_of
from beantop.monitor.snapshot import Server, Snapshot, Tube, jobs_in
from tests.truth import tells, tells_rate, tells_size, tells_time

Tells: TypeAlias = Callable[[str, float | None], bool]

COUNTS = st.none() | st.integers(0, 64).flatmap(lambda bits: st.integers(0, 2**bits))
"""Numbers, half of them small."""
WIDTHS = st.integers(40, 200)
PLAIN_STYLE = Style()


@dataclass(frozen=True)
class Numbers:
    """A server with one tube, of which everything is counted."""

    before: Snapshot
    after: Snapshot

    @property
    def history(self) -> History:
        history = History()
        history.add(self.before, 5.0)
        history.add(self.after, 5.0)
        return history

    @property
    def tube(self) -> Tube:
        return next(iter(self.after.tubes.values()))

    @property
    def view(self) -> ServerView:
        now = self.after.taken_at
        watched = ServerStatus(
            ("queue-1", 11300), Link("up", 0.0), self.after, self.history, polls=2, pace=5.0
        )
        return ServerView(watched, now, 0.0, 5.0, ServerConfig(watched.address))


@st.composite
def numbers(draw: st.DrawFn) -> Numbers:
    counts = draw(st.lists(COUNTS, min_size=11, max_size=11))
    part = draw(st.integers(0, 8))
    lower = [count and count * part // 8 for count in counts]
    keys = [key for key, kind in get_type_hints(Stats).items() if kind is int]
    snapshots = []
    for at, known in ((0.0, lower), (5.0, counts)):
        counted = {key: count for key, count in zip(keys, cycle(known)) if count is not None}
        server = Server(at, {"id": "a", **counted})  # type: ignore[typeddict-item]  # keys are those of Stats
        snapshots.append(
            Snapshot(at, 0.0, server, {"emails": Tube._make(("emails", at, *known, None, None))})
        )
    return Numbers(*snapshots)


def cells(columns: Sequence[Column[Row]], row: Row, width: int) -> Iterator[tuple[str, str]]:
    """The cells of a row in a table of this width, by column key."""
    placed = laid_out(columns, width)
    segments = row_segments(row, placed, width, lambda _: PLAIN_STYLE)
    text, at = "".join(segment.text for segment in segments), 0
    assert width_of([(text, "")]) == width
    for column, wide in placed:
        yield column.key, text[at : at + wide].strip()
        at += wide + GAP


def check_tube(row: TubeRow, shown: dict[str, str]) -> None:
    tube, rates = row.tube, row.rates
    for key in shown.keys() & {
        "ready", "urgent", "reserved", "delayed", "buried", "using", "total_jobs", "deletes"
    }:  # fmt: skip
        assert tells(shown[key], getattr(tube, key))
    for key in shown.keys() & {"put", "delete", "net"}:
        assert tells_rate(shown[key], getattr(rates, key))
    ages = [row.history.oldest(tube, field) for field in ("oldest-ready", "oldest")]
    head, oldest = (age and age.seconds for age in ages)
    times = {"wait": row.wait, "work": row.work, "head_age": head, "oldest": oldest}
    for key, seconds in times.items():
        assert key not in shown or tells_time(shown[key], seconds)
    if "drain" in shown and not isinstance(row.drain, str):
        assert tells_time(shown["drain"], row.drain)
    if workers := shown.get("watching"):
        watching, slash, waiting = workers.partition("/")
        assert tells(watching, tube.watching)
        assert tells(waiting, tube.waiting) if slash else workers.endswith("…")
    if paused := re.search(r"PAUSED (.*)", shown["name"]):
        assert tells_time(paused[1], tube.pause_time_left)


@given(numbers(), WIDTHS)
def test_in_the_table_of_tubes(seen: Numbers, width: int) -> None:
    row = TubeRow(seen.tube, seen.history)
    check_tube(row, dict(cells(tube_columns(width), row, width)))


@given(numbers(), st.integers(160, 200), COUNTS, COUNTS, st.sets(st.sampled_from([*COLUMNS])))
def test_in_chosen_columns(
    seen: Numbers, width: int, ready: int | None, buried: int | None, keys: set[str]
) -> None:
    history, ages = seen.history, {"ready": ready, "buried": buried}
    for state in HEAD_STATES:
        if (age := ages[state]) is not None:
            job = FirstJob(seen.tube.taken_at, 1, age, moves_of(seen.tube))
            history.sampled.note_first(seen.tube.name, state, job)
    row = TubeRow(seen.tube, history, lambda: jobs_in(seen.tube))
    for size in (width, width - 50, width - 80, width - 110, width - 120):
        check_tube(row, dict(cells(tube_columns(size, keys), row, size)))


@given(numbers(), WIDTHS)
def test_in_the_table_of_all_tubes(seen: Numbers, width: int) -> None:
    row = FleetTube("emails", (Part(1, seen.tube, seen.history, fresh=True),) * 2)
    shown = dict(cells(fleet_tube_columns(width, str), row, width))
    for key in shown.keys() & {"ready", "reserved", "delayed", "buried", "watching"}:
        assert tells(shown[key], row.count(key))
    for key in shown.keys() & {"put", "delete"}:
        assert tells_rate(shown[key], getattr(row.rates, key))


@given(numbers(), WIDTHS, st.booleans())
def test_in_the_table_of_servers(seen: Numbers, width: int, sums: bool) -> None:
    view = seen.view
    row = ServerRow(totals([view.watched] * 3, 3), None if sums else view)
    shown = dict(cells(server_columns(width), row, width))
    for key in shown.keys() & {"ready", "reserved", "delayed", "buried", "connections"}:
        assert tells(shown[key], row.count(key))
    for key in shown.keys() & {"put", "delete"}:
        assert tells_rate(shown[key], getattr(row.rates, key))
    assert "tubes" not in shown or tells(shown["tubes"], row.tubes)
    if up := re.search(r" up (.*)", shown.get("since", "")):
        assert tells_time(up[1], view.watched.snapshot.server.uptime)


@given(st.integers(0, 2**40), WIDTHS)
@example(100_000, 118)
def test_of_very_many_tubes(many: int, width: int) -> None:
    row = ServerRow(Totals(1, 1, tubes=many), None)
    shown = dict(cells(server_columns(width), row, width))
    assert "tubes" not in shown or tells(shown["tubes"], many)


JOBS = st.fixed_dictionaries(
    {"id": st.integers(0, 64).flatmap(lambda bits: st.integers(0, 2**bits - 1))},
    optional={
        key: st.integers(0, 64).flatmap(lambda bits: st.integers(0, 2**bits))
        for key, kind in get_type_hints(StatsJob).items()
        if kind is int and key != "id"
    },
)
STATES = st.sampled_from(["ready", "reserved", "delayed", "buried"])


def is_parked(shown: str) -> bool:
    """Whether the text is a word that replaces a very long time."""
    return "parked" in shown


@given(JOBS, STATES, WIDTHS, st.integers(0, 2**64), st.booleans())
def test_in_a_list_of_jobs(
    stats: StatsJob, state: str, width: int, size: int, of_server: bool
) -> None:
    job = listed(stats["id"], {**stats, "tube": "emails", "state": state}, 0.0)  # type: ignore[typeddict-item]  # one of State
    columns = job_columns(width, Look(digits=len(str(job.id))), with_tube=of_server)
    check_job(dict(cells(columns, JobRow(job, Body(size, b"1234567890" * 20)), width)), job, size)


@given(JOBS, STATES, WIDTHS, st.integers(0, 2**64), st.permutations([*CHOICES]))
def test_in_chosen_columns_of_a_job(
    stats: StatsJob, state: str, width: int, size: int, keys: list[str]
) -> None:
    job = listed(stats["id"], {**stats, "tube": "emails", "state": state}, 0.0)  # type: ignore[typeddict-item]  # one of State
    look = Look(digits=len(str(job.id)), chosen=read_columns(["id", *keys[:9]]))
    row = JobRow(job, Body(size, b"1234567890" * 20))
    check_job(dict(cells(job_columns(width, look), row, width)), job, size)


def check_job(shown: dict[str, str], job: JobInfo, size: int) -> None:
    assert shown["id"] == str(job.id)
    assert "pri" not in shown or tells(shown["pri"], job.priority)
    times = {"age": job.age, "left": job.left, "ttr": job.ttr, "delay": job.given_delay}
    for key in shown.keys() & times.keys():
        assert is_parked(shown[key]) or tells_time(shown[key], times[key])
    for key in shown.keys() & {"reserves", "timeouts", "releases", "buries", "kicks", "file"}:
        assert tells(shown[key], getattr(job, key))
    assert "size" not in shown or tells_size(shown["size"], size)
    assert "body" not in shown or shown["body"].endswith("…") or "…" in shown["body"]


# Words:


def after(label: str, text: str) -> str | None:
    """The word that follows a label, possibly cut; None if the label is missing."""
    found = re.search(rf"(?<!\S){label} (\S*)", text)
    return found[1] if found and found[1] else None


def before(label: str, text: str) -> str | None:
    found = re.search(rf"([^\s(]+) {label}", text)
    return found[1] if found else None


def check(shown: str | None, value: float | None, tells: Tells = tells) -> None:
    """Check the shown text, if there is any, against the value."""
    assert shown is None or tells(shown.removesuffix(")"), value), (shown, value)


def a_second(shown: str, rate: float | None) -> bool:
    return shown.endswith("…") or tells_rate(shown.removesuffix("/s"), rate)


def check_states(text: str, counted: Tube | Server) -> None:
    for labels, state in (
        ("READY|RDY", "ready"),
        ("RESERVED|RSV", "reserved"),
        ("DELAYED|DLY", "delayed"),
        ("BURIED|BUR", "buried"),
    ):
        check(after(f"(?:{labels})", text), getattr(counted, state))


@given(numbers(), WIDTHS)
def test_in_the_header_of_the_tubes(seen: Numbers, width: int) -> None:
    server, view = seen.after.server, seen.view
    rates = view.watched.history.server_rates()
    title, *more = [plain(cut(line, width)) for line in tubes_header(view, width, 36)]
    text = "\n".join(more)
    check_states(text, server)
    check(after("(?:IN|in)", text.split("peak")[0]), rates.put, a_second)
    check(after("(?:OUT|out)", text.split("peak")[0]), rates.delete, a_second)
    check(after("TIMEOUTS", text), rates.timeout, a_second)
    check(after("CONNS", text) or before("conn", text), server.connections)
    check(before("wait", text), server.waiting)
    if up := re.search(r"up (\S+(?: [0-9]+[hms])?)", title):
        check(up[1], server.uptime, tells_time)


@given(numbers(), WIDTHS)
def test_in_the_header_of_a_tube(seen: Numbers, width: int) -> None:
    tube, row = seen.tube, TubeRow(seen.tube, seen.history)
    lines = [plain(cut(line, width)) for line in tube_header(seen.view, row, False, width, 36)]
    text = "\n".join(lines[1:])
    check_states(text, tube)
    check(after("URGENT", text), tube.urgent)
    check(after("using", text), tube.using)
    check(after("watching", text) or before("watch", lines[1]), tube.watching)
    check(after("waiting", text) or before("wait", lines[1]), tube.waiting)
    for label, rate in (("in", row.rates.put), ("out", row.rates.delete), ("net", row.rates.net)):
        check(after(label, lines[2]), rate, a_second)
    if left := re.search(r"PAUSED, (.*) left", text):
        check(left[1], tube.pause_time_left, tells_time)
    if drain := re.search(r"empty in (.*?) at this rate", text):
        assert not isinstance(row.drain, str)
        check(drain[1], row.drain, tells_time)
    check(after("waits about", text.replace(",", "")), row.wait, tells_time)
    check(after("takes a worker about", text), row.work, tells_time)


@given(numbers(), WIDTHS)
def test_in_the_title_of_all_servers(seen: Numbers, width: int) -> None:
    sums = totals([seen.view.watched] * 2, 2)
    text = plain(fleet_title([seen.view] * 2, sums, width))
    check(before("ready", text), sums.ready)
    check(before("buried", text), sums.buried)


@given(numbers(), WIDTHS, st.integers(0, 2**64 - 1), st.integers(0, 10**6))
def test_in_the_title_of_a_job(seen: Numbers, width: int, id: int, alerts: int) -> None:
    view = seen.view._replace(alerts=alerts)
    text = plain(title_line(view, width, "a-tube-with-a-long-name" * 3, f"job {id}"))
    assert width_of([(text, "")]) <= width
    check(after("job", text), id)
    check(before("ALERTS?", text), alerts)


@given(numbers(), WIDTHS, st.booleans())
def test_in_the_words_above_a_list_of_jobs(seen: Numbers, width: int, scanned: bool) -> None:
    text = plain(rule(tab_words(seen.tube, None, scanned=scanned), width))
    for state in ("ready", "reserved", "delayed", "buried"):
        check(after(state, text), getattr(seen.tube, state))


@given(numbers(), WIDTHS)
@example(
    Numbers(
        Snapshot(
            0.0,
            0.0,
            Server(0.0, {"id": "a", "total-jobs": 1_234_567_890 - 2060}),
            {"a": Tube("a", 0.0)},
        ),
        Snapshot(
            5.0, 0.0, Server(5.0, {"id": "a", "total-jobs": 1_234_567_890}), {"a": Tube("a", 5.0)}
        ),
    ),
    80,
)
def test_in_the_fields_of_a_server(seen: Numbers, width: int) -> None:
    groups = server_groups(seen.view)
    shown = [plain(cut(field.line(), width)) for _, fields in groups for field in fields]
    whole = [field for _, fields in groups for field in fields]
    for field, text in zip(whole, shown, strict=True):
        value = text[max(LABEL, min(len(field.label), MAX_LABEL)) :].strip()
        number = int(field.value.replace(",", "")) if re.fullmatch("[0-9,]+", field.value) else None
        if number is None or text.endswith("…"):
            assert value.removesuffix("…").rstrip() in f"{field.value} {field.rate}", text
        else:
            count, _, rate = value.partition(" ")
            assert tells(count, number), text
            assert rate.strip() == field.rate, text
    for line in in_columns(groups, width):
        assert width_of(line) <= width


@given(JOBS, STATES, WIDTHS)
def test_in_the_facts_of_a_job(stats: StatsJob, state: str, width: int) -> None:
    seen = JobRecord(stats["id"], b"ada", {**stats, "tube": "emails", "state": state}, 0.0)  # type: ignore[typeddict-item]  # one of State
    told = dict(job_facts(seen))
    check(told["priority"].removesuffix(" (urgent)"), stats.get("pri"))
    for name, seconds in (
        ("age", seen.listed.age),
        ("delay", seen.listed.given_delay),
        ("ttr", seen.listed.ttr),
        ("time left", seen.listed.left),
    ):
        assert is_parked(told[name]) or tells_time(told[name], seconds)
    for key in ("reserves", "timeouts", "releases", "buries", "kicks"):
        check(told[key], getattr(seen.listed, key))
    lines: list[Line] = [*as_list(seen, 38), *as_paragraph(seen)]
    for line in lines:
        text = plain(cut(line, width))
        assert text == plain(line) or text.endswith("…")
