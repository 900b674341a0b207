"""The fields of one job with its body, as `beantop job` prints them."""

from collections.abc import Sequence
from typing import NamedTuple

from beantop.formatting import printable
from beantop.jobs.bodies.texts import shown_text
from beantop.jobs.bodies.views import View
from beantop.report.jobs import BODY_FIELDS, JobRow
from beantop.report.jobs import FIELDS as JOB_FIELDS
from beantop.report.rows import Field, as_facts


class DecodedRow(NamedTuple):
    """A job and the best view of its body."""

    row: JobRow
    view: View

    @property
    def problem(self) -> str:
        """Why the body is not shown as configured, or not in full; "" if it is."""
        return self.view.misfit or self.view.problem


def _of_job(field: Field[JobRow]) -> Field[DecodedRow]:
    return Field(
        field.key,
        lambda decoded: field.value(decoded.row),
        words=lambda decoded: field.cell(decoded.row),
        is_optional=field.is_optional,
    )


FACTS: Sequence[Field[DecodedRow]] = [_of_job(field) for field in JOB_FIELDS]

FIELDS: Sequence[Field[DecodedRow]] = (
    *FACTS,
    *map(_of_job, BODY_FIELDS),
    Field("format", lambda decoded: decoded.view.name),
    Field("decoded", lambda decoded: shown_text(decoded.view.lines())),
    Field("problem", lambda decoded: decoded.problem or None),
)


def as_page(decoded: DecodedRow) -> list[str]:
    """Return the facts about a job as lines, and its body below them."""
    problem = f": {printable(decoded.problem)}" if decoded.problem else ""
    title = f"── body as {decoded.view.name}{problem} ──"
    return [*as_facts(FACTS, decoded), "", title, *shown_text(decoded.view.lines()).split("\n")]
