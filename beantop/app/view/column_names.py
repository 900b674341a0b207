"""The columns of a list of jobs as a user writes them: `id state age order_id`."""

from collections import Counter
from collections.abc import Iterable, Sequence

from beantop.app.view.job_columns import CHOICES, Look, is_field, shown_of
from beantop.app.view.lines import Line
from beantop.did_you_mean import similar
from beantop.formatting import printable
from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.form import dotted
from beantop.jobs.listing import JobRow
from beantop.monitor.fields import BODY

DEFAULT = "default"
"""The word for the columns that depend on the width of the window."""

NAMES = {**{key: key for key in CHOICES}, "priority": "pri", "job": "id"}
"""Keys of columns by their names."""

MAX_READ = 20
"""Bodies whose fields are offered."""


def split_names(text: str) -> list[str]:
    """Return the names in a text, which blanks or commas separate."""
    return text.replace(",", " ").split()


def read_columns(names: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of columns with these names; other names are fields of the bodies. The id is
    always among them, since a row without it could be any job.

    >>> read_columns(["state", "priority", "order_id", "body.id", "items[0].sku"])
    ('id', 'state', 'pri', 'body.order_id', 'body.id', 'body.items.0.sku')
    """
    keys = [NAMES.get(name) or BODY + dotted(name.removeprefix(BODY)) for name in names]
    if keys == [BODY + DEFAULT]:
        return ()
    return tuple(dict.fromkeys(keys if "id" in keys or not keys else ["id", *keys]))


def written(keys: Iterable[str]) -> str:
    """Return the names of columns, as `read_columns` reads them.

    >>> written(("id", "body.order_id", "body.id"))
    'id order_id body.id'
    """
    return " ".join(
        key.removeprefix(BODY) if is_field(key) and key.removeprefix(BODY) not in NAMES else key
        for key in keys
    )


def fields_in(rows: Iterable[JobRow], look: Look) -> list[str]:
    """Return the paths of the fields in the bodies of these rows, the most frequent first."""
    counts: Counter[str] = Counter()
    for row in [row for row in rows if row.body][:MAX_READ]:
        shown = shown_of(row, look)
        fields = Fields(shown.body if shown else b"", shown.reading.decoder if shown else "")
        names = (name for name in fields.names if name.split() == [name])
        counts.update(name for name in names if fields.get(name) is not None)
    return [name for name, _ in counts.most_common()]


def what_is_wrong(text: str, fields: Sequence[str]) -> str:
    """Return why the text does not name columns, as a sentence; "" if it does."""
    for key in read_columns(split_names(text)):
        name = key.removeprefix(BODY)
        is_meant = name in fields or f"{BODY}{name}" in text
        if is_field(key) and not is_meant and (close := similar(name, [*NAMES, *fields])):
            no = f"There is no column {name}, and no body shown has such a field: did you mean {close}?"
            return f"{no}  {BODY}{name} shows it anyway."
    return ""


def completed(text: str, fields: Sequence[str]) -> str:
    """Return the text with its last name completed; "" if no name begins so.

    >>> completed("id ord", ["order_id"]), completed("id re", []), completed("id ", [])
    ('id order_id', 'id reserves', '')
    """
    before, blank, last = text.rpartition(" ")
    names = (name for name in (*NAMES, *fields, DEFAULT) if name.startswith(last) and name != last)
    name = next(names, "") if last else ""
    return f"{before}{blank}{name}" if name else ""


def column_lines(fields: Sequence[str]) -> list[Line]:
    """Return what a user can choose from."""
    lines: list[Line] = [[(" columns  ", "dim"), (" ".join(CHOICES), "")]]
    if fields:
        lines.append([(" in bodies  ", "dim"), (printable(" ".join(fields[:12])), "")])
    lines.append(
        [(f" Any other name is a field of the bodies. {DEFAULT}: the usual columns.", "dim")]
    )
    return lines
