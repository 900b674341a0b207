"""The columns of a list of jobs, depending on the width of the window."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from rich.cells import cell_len

from beantop.app.view.cells import known
from beantop.app.view.column import EDGE, GAP, Column
from beantop.app.view.highlight import Find, nothing
from beantop.app.view.lines import ELLIPSIS, Piece, shorten, shorten_end, shorten_start
from beantop.beanstalk import State
from beantop.formatting import UNKNOWN, compact, duration_within, printable, size
from beantop.jobs.bodies.fields import field_in_list
from beantop.jobs.bodies.job_class import Field, job_class, shared_fields, subject
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading, Shown
from beantop.jobs.bodies.texts import PIECE, beginning
from beantop.jobs.job_info import JobInfo
from beantop.jobs.listing import JobRow
from beantop.monitor.comparisons import number_in
from beantop.monitor.fields import BODY

_STATES = ("ready", "reserved", "delayed", "buried")

MIN_WHAT, MAX_WHAT = 8, 40
"""Cells of the column WHAT, beside BODY."""

MIN_BODY = 10
"""Cells that are left to the column BODY."""

MIN_FIELD, MAX_FIELD = 4, 30
"""Cells of a column with a field of the bodies."""


def as_recognized(tube: str) -> Reading:
    """Return how the bodies of a tube are read where nothing is configured."""
    return AS_RECOGNIZED


@dataclass(frozen=True)
class Look:
    """How the jobs of a list are shown, as far as that depends on all of them or on the user."""

    digits: int = 0
    """Digits of the longest id so far."""
    what: int = MIN_WHAT
    """Cells of the longest text in the column WHAT so far."""
    shared: frozenset[Field] | None = None
    """Fields that all bodies have alike; None if only one was read."""
    shift: int = 0
    """Characters of bodies that are to the left of the column."""
    find: Find = nothing
    """Returns what matches the filter."""
    chosen: tuple[str, ...] = ()
    """Keys of the columns that the user chose; empty for the default ones."""
    tab: State | None = None
    """The only state that is shown; None for all states."""
    reading_of: Callable[[str], Reading] = as_recognized
    """Returns how the bodies of a tube are read."""
    cells: Mapping[str, int] = field(default_factory=dict)
    """Cells of the longest value so far in the columns of fields, by key."""
    texts: frozenset[str] = frozenset()
    """Keys of the columns of fields that have a value that is not a number."""

    def after(self, rows: Iterable[JobRow]) -> "Look":
        """Return the look after these rows were on the screen, too."""
        rows = list(rows)
        bodies = [shown.body for row in rows if (shown := shown_of(row, self))]
        shared = shared_fields(bodies) if len(bodies) > 1 else self.shared
        if shared is not None and self.shared is not None:
            shared &= self.shared
        digits = max((len(str(row.job.id)) for row in rows), default=0)
        look = replace(self, digits=max(digits, self.digits), shared=shared)
        longest = max((cell_len(_subject(row, look)) for row in rows), default=0)
        look = replace(look, what=min(MAX_WHAT, max(longest, self.what)))
        return look._with_fields(rows) if look.chosen else look

    def _with_fields(self, rows: Iterable[JobRow]) -> "Look":
        """Return the look with the columns of fields wide enough for these rows, too."""
        cells, texts = dict(self.cells), set(self.texts)
        for key in filter(is_field, self.chosen):
            label = cell_len(printable(label_of(key)))
            values = [value for row in rows if (value := field_of(row, key, self))]
            longest = max(map(cell_len, values), default=0)
            least = max(MIN_FIELD, label, longest, cells.get(key, 0))
            cells[key] = min(MAX_FIELD, least)
            if any(number_in(value) is None for value in values):
                texts.add(key)
        return replace(self, cells=cells, texts=frozenset(texts))

    def sideways(self, by: int, rows: Iterable[JobRow]) -> "Look":
        """Return the look with the bodies of these rows scrolled by `by` characters."""
        bodies = [shown.body for row in rows if (shown := shown_of(row, self))]
        longest = max((len(beginning(body, PIECE)) for body in bodies), default=0)
        return replace(self, shift=max(0, min(self.shift + by, longest - MIN_BODY)))


class ColumnSpec(NamedTuple):
    """A column of jobs."""

    label: str
    width: int
    """Cells; 0 takes the room that the others leave."""
    from_width: int
    """Cells of the narrowest window that has it; with the column of tubes, windows count as narrower."""
    cell: Callable[[int, JobRow, Look], Piece]
    """Returns the text of a job in that width, with its style."""
    letter: str = ""
    """The key that sorts by it; "" if jobs cannot be sorted by it."""
    order: Callable[[JobInfo], float] | None = None
    right: bool = True
    is_searched: bool = False
    """Whether filters look for words in it."""


def _number(key: str) -> Callable[[JobInfo], float]:
    def order(job: JobInfo) -> float:
        number: int | None = getattr(job, key)
        return known(number)

    return order


def _id(width: int, row: JobRow, look: Look) -> Piece:
    return str(row.job.id), ""


def _state(width: int, row: JobRow, look: Look) -> Piece:
    return row.job.state or UNKNOWN, "bad" if row.job.state == "buried" else ""


def _state_order(job: JobInfo) -> float:
    return _STATES.index(job.state) if job.state else -1


def _tube(width: int, row: JobRow, look: Look) -> Piece:
    return shorten(printable(row.job.tube), width), ""


def _priority(width: int, row: JobRow, look: Look) -> Piece:
    """Return all digits of any priority that beanstalkd allows; a larger one in compact form."""
    value = row.job.priority
    digits = UNKNOWN if value is None else str(value)
    return digits if len(digits) <= width else compact(value), ""


def _age(width: int, row: JobRow, look: Look) -> Piece:
    return duration_within(row.job.age, width), ""


def _left(width: int, row: JobRow, look: Look) -> Piece:
    if (left := row.job.left) is None:
        return UNKNOWN, "dim"
    if row.job.is_parked:
        return "parked", "warn"
    return duration_within(left, width), "bad" if left < 0 else ""


def _ttr(width: int, row: JobRow, look: Look) -> Piece:
    return duration_within(row.job.ttr, width), ""


def _count(key: str, width: int, row: JobRow, look: Look) -> Piece:
    count: int | None = getattr(row.job, key)
    return compact(count, width), "" if count else "dim"


def _counter(key: str, label: str, from_width: int, letter: str) -> ColumnSpec:
    return ColumnSpec(label, 4, from_width, partial(_count, key), letter, _number(key))


def _size(width: int, row: JobRow, look: Look) -> Piece:
    return UNKNOWN if row.body is None else size(row.body.size), ""


def _what(width: int, row: JobRow, look: Look) -> Piece:
    if row.body is None:
        return UNKNOWN, "dim"
    text = _subject(row, look)
    return shorten_start(text, width) if _class_of(row, look) else text, ""


def _class(width: int, row: JobRow, look: Look) -> Piece:
    if row.body is None:
        return UNKNOWN, "dim"
    return shorten_start(printable(_class_of(row, look)), width), ""


def _delay(width: int, row: JobRow, look: Look) -> Piece:
    delay = row.job.given_delay
    return duration_within(delay, width), "" if delay else "dim"


def _field(key: str, width: int, row: JobRow, look: Look) -> Piece:
    """Return a field of the body; nothing if the body has none."""
    value = field_of(row, key, look)
    return (UNKNOWN, "dim") if value is None else (shorten_end(value, width), "")


def field_of(row: JobRow, key: str, look: Look) -> str | None:
    """Return the value of a field of a body, safe to show; "" if it has none, None if that is unknown."""
    if row.body is None or row.body.whole is None or (shown := shown_of(row, look)) is None:
        return None
    value = field_in_list(shown.body, shown.reading.decoder, key.removeprefix(BODY))
    return None if value is None else printable(value)


def is_field(key: str) -> bool:
    """Return whether a column is of a field of the bodies."""
    return key.startswith(BODY)


def is_of_bodies(key: str) -> bool:
    """Return whether all bodies must be read to sort by a column."""
    return is_field(key) or key in ("size", "class")


def label_of(key: str) -> str:
    """Return the head of a column, which is not yet safe to show."""
    return CHOICES[key].label if key in CHOICES else key.removeprefix(BODY)


def _subject(row: JobRow, look: Look) -> str:
    """Return what a job is about; a class without its namespace."""
    if (shown := shown_of(row, look)) is None:
        return ""
    text = printable(subject(shown.body, look.shared or frozenset(), shown.reading))
    return re.split(r"\\|::|/", text)[-1] or text if _class_of(row, look) else text


def _class_of(row: JobRow, look: Look) -> str:
    shown = shown_of(row, look)
    return job_class(shown.body, shown.reading) if shown else ""


def shown_of(row: JobRow, look: Look) -> Shown | None:
    """Return what may be shown of a body; None if it was not read yet."""
    if row.body is None:
        return None
    return look.reading_of(row.job.tube).shown(row.body.beginning, row.body.size)


def _body(width: int, row: JobRow, look: Look) -> Piece:
    """Return the beginning of the body; the part with the first match if that is further on."""
    if (shown := shown_of(row, look)) is None:
        return UNKNOWN, "dim"
    text = printable(beginning(shown.body, PIECE))
    start = look.shift
    if not start and (matches := look.find(text)) and matches[0][1] > width - 1:
        start = max(0, matches[0][0] - width // 3)
    return (ELLIPSIS + text[start + 1 :] if start and start < len(text) else text[start:]), ""


COLUMNS: Mapping[str, ColumnSpec] = {
    "id": ColumnSpec("JOB", 11, 0, _id, "i", _number("id"), is_searched=True),
    "state": ColumnSpec("STATE", 8, 0, _state, "s", _state_order, right=False),
    "tube": ColumnSpec("TUBE", 16, 0, _tube, right=False),
    "pri": ColumnSpec("PRI", 10, 70, _priority, "p", _number("priority")),
    "age": ColumnSpec("AGE", 8, 0, _age, "a", _number("age")),
    "left": ColumnSpec("LEFT", 8, 100, _left, "l", _number("left")),
    "ttr": ColumnSpec("TTR", 7, 116, _ttr, "t", _number("ttr")),
    "reserves": _counter("reserves", "RSV", 116, "r"),
    "timeouts": _counter("timeouts", "TMO", 60, "o"),
    "releases": _counter("releases", "REL", 116, "e"),
    "buries": _counter("buries", "BUR", 60, "b"),
    "kicks": _counter("kicks", "KCK", 116, "c"),
    "size": ColumnSpec("SIZE", 7, 100, _size, "z"),
    "what": ColumnSpec("WHAT", 0, 0, _what, right=False, is_searched=True),
    "body": ColumnSpec("BODY", 0, 80, _body, right=False, is_searched=True),
}
"""The default columns of jobs, in their order on the screen."""

CHOICES: Mapping[str, ColumnSpec] = {
    **COLUMNS,
    "class": ColumnSpec("CLASS", 24, 0, _class, right=False),
    "delay": ColumnSpec("DELAY", 8, 0, _delay, order=_number("delay")),
    "file": ColumnSpec("FILE", 7, 0, partial(_count, "file"), order=_number("file")),
}
"""All columns that can be chosen, beside those of fields of the bodies."""

ORDERS = {key: spec.order for key, spec in CHOICES.items() if spec.order}
"""Sort keys of jobs, by the keys of columns."""

LETTERS = {key: spec.letter for key, spec in COLUMNS.items() if spec.letter}
"""The key that chooses each column in a dialog."""


def job_key(row: JobRow) -> int:
    return row.job.id


def job_columns(
    width: int, look: Look = Look(), *, with_tube: bool = False, without: Collection[str] = ()
) -> list[Column[JobRow]]:
    """Return the columns that a window of this width has, `without` some of them; `with_tube` is for jobs
    of several tubes.

    Ids are always shown whole: a cut or rounded id would be another job's."""
    if look.chosen:
        return _chosen_columns(width, look)
    others = max(0, width - (COLUMNS["tube"].width + GAP if with_tube else 0))
    keys = [
        key
        for key, spec in COLUMNS.items()
        if others >= spec.from_width and (with_tube or key != "tube") and key not in without
    ]
    is_given = look.tab in ("delayed", "reserved")  # then all jobs have the same state
    if is_given and "left" not in {*keys, *without}:
        keys = ["left" if key == "state" else key for key in keys]
    widths = {key: COLUMNS[key].width for key in keys}
    widths["id"] = max(widths["id"], look.digits)
    left = width - EDGE - sum(cells + GAP for cells in widths.values()) + GAP
    if "body" in widths and left >= MIN_WHAT + MIN_BODY:
        widths["what"] = max(MIN_WHAT, min(look.what, left - MIN_BODY))
    elif widths.pop("body", None) is not None:
        left += GAP
    last = max(1, left - widths["what"])
    return [_column(key, cells, last, look) for key, cells in widths.items()]


def _chosen_columns(width: int, look: Look) -> list[Column[JobRow]]:
    """Return the columns that the user chose. A text at the end takes the room that is left."""
    widths = {key: _width_of(key, look) for key in look.chosen}
    flexible = [key for key, cells in widths.items() if not cells]
    last = flexible[-1] if flexible else look.chosen[-1]
    if last in look.texts:
        widths[last] = 0
    for key in flexible[:-1]:
        widths[key] = max(MIN_WHAT, look.what)
    left = width - EDGE - sum(cells + GAP for cells in widths.values()) + GAP
    return [_column(key, cells, max(1, left), look) for key, cells in widths.items()]


def _width_of(key: str, look: Look) -> int:
    if is_field(key):
        return look.cells.get(key, MIN_FIELD)
    return max(CHOICES[key].width, look.digits) if key == "id" else CHOICES[key].width


def _column(key: str, width: int, last: int, look: Look) -> Column[JobRow]:
    """Return a column; `last` is the room of the one that takes what the others leave."""
    spec = CHOICES.get(key) or _field_spec(key, look)
    cell, order = spec.cell, spec.order
    label = f"{spec.label} +{look.shift}" if key == "body" and look.shift else spec.label
    return Column(
        key,
        label,
        width,
        lambda row: cell(width or last, row, look),
        right=spec.right,
        sort=(lambda row: order(row.job))
        if order
        else (lambda row: cell(MAX_FIELD, row, look)[0])
        if is_of_bodies(key)
        else None,
        find=look.find if spec.is_searched and look.find is not nothing else None,
    )


def _field_spec(key: str, look: Look) -> ColumnSpec:
    """Return the column of a field of the bodies. Numbers are at the right."""
    is_number = key not in look.texts
    label = shorten_end(printable(label_of(key)), MAX_FIELD)
    return ColumnSpec(label, 0, 0, partial(_field, key), right=is_number)
