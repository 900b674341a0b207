"""The order of a list of jobs by a column that only their bodies tell."""

from collections.abc import Callable
from typing import Literal

from beantop.app.action_context import ActionContext
from beantop.app.panes.background_work import BackgroundWork
from beantop.app.view.column import Order
from beantop.app.view.column_names import written
from beantop.app.view.job_columns import is_of_bodies
from beantop.app.view.jobs_words import body_count, read_words
from beantop.app.view.lines import Line
from beantop.beanstalk import Job
from beantop.formatting import folded, printable
from beantop.jobs.bodies.fields import MAX_VALUE, Fields
from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.job_info import JobInfo
from beantop.jobs.job_order import SortKey
from beantop.jobs.listing import JobList
from beantop.monitor.fields import BODY
from beantop.monitor.rules import number_in


class BodyOrder:
    """Reads the values of a column in the bodies of all jobs found, and has the list sorted once all of
    them are known; later also those of jobs that are found meanwhile."""

    def __init__(
        self,
        context: ActionContext,
        jobs: JobList,
        work: BackgroundWork,
        apply: Callable[[Order], None],
    ) -> None:
        """`apply` sorts the list by an order whose values are known."""
        self._context, self._jobs, self._work, self._apply = context, jobs, work, apply
        self._wanted: Order | None = None
        """The order whose values are being read, or by which the list is sorted."""
        self._is_applied = False
        self._problem = ""
        """Why reading failed; "" if it did not."""
        self.key: Callable[[JobInfo], SortKey] | None = None
        """Returns what a job is sorted by; it is another function after more bodies were read."""

    def wants(self, order: Order) -> bool:
        """Return whether bodies must be read first for this order; then that is started. Any other order
        ends the reading."""
        before = self._wanted
        self._wanted = order if is_of_bodies(order.key) else None
        if before is None or self._wanted is None or before.key != self._wanted.key:
            self._jobs.values.end()
        self._is_applied = False
        if self._wanted is None:
            self.key = None
            return False
        if self._unread:
            self.go_on()
            self._work.redraw()
            return True
        self._note_values()
        return False

    def cancel(self) -> bool:
        """Stop reading for an order that is not applied yet. Return whether there was one."""
        is_pending = self._wanted is not None and not self._is_applied
        if is_pending:
            self._wanted = None
            self._jobs.values.end()
            self._work.redraw()
        return is_pending

    def go_on(self) -> None:
        """Read the bodies that were not read yet."""
        if self._wanted and self._unread and not self._jobs.values.running:
            self._work.start(self._read(self._wanted))

    @property
    def words(self) -> Line:
        """Return what is missing for the order, for the rule above the list; empty if nothing is."""
        if self._wanted is None:
            return []
        name, total = printable(written([self._wanted.key])), len(self._jobs.scan.found)
        read = read_words(self._unread, total)
        if self._problem:
            return [(f"not sorted by {name}: {read}, {printable(self._problem)}", "warn")]
        if not self._is_applied:
            return [(f"to sort by {name}: {read}", "accent")]
        if self._unread:
            return [(f"by {name}: {body_count(self._unread)} not read yet", "warn")]
        if undecided := len(self._jobs.values.undecided & self._jobs.scan.found.keys()):
            return [(f"by {name}: {body_count(undecided)} not decoded", "warn")]
        return []

    @property
    def _unread(self) -> int:
        return self._jobs.values.unread(self._jobs.scan.found)

    async def _read(self, order: Order) -> None:
        self._problem = ""
        found = self._jobs.scan.found

        def value(job: Job[bytes]) -> SortKey | Literal[False] | None:
            tube = found[job.id].tube if job.id in found else ""
            return sort_key(order.key, job.body, self._context.view.decoder(tube))

        problem = await self._work.redrawing(self._jobs.values.run(found, value))
        if self._wanted is None or self._wanted.key != order.key:
            return
        self._problem = problem
        if problem or self._unread:
            return
        is_new = not self._is_applied
        self._note_values()
        if is_new:
            self._apply(self._wanted)
        else:
            self._work.redraw()

    def _note_values(self) -> None:
        assert self._wanted
        self._is_applied = True
        values, descending = self._jobs.values, self._wanted.descending
        last: SortKey = (-1 if descending else 2, 0.0, "")  # also what is not read yet
        self.key = lambda job: values.matched.get(job.id, last)


def sort_key(key: str, body: bytes, how: str) -> SortKey | Literal[False] | None:
    """Return what a body is sorted by in a column: numbers come before texts. False if it has no value,
    None if that is unknown.

    >>> sort_key("size", b"ada", ""), sort_key("body.n", b'{"n": "7"}', "")
    ((0, 3, ''), (0, 7, ''))
    """
    if key == "size":
        return (0, len(body), "")
    fields = None if key == "class" else Fields(body, how)
    text = fields.get(key.removeprefix(BODY)) if fields else job_class(body) or None
    if text is None:
        return None if fields and fields.is_cut else False
    number = number_in(text)
    return (1, 0.0, folded(text[:MAX_VALUE])) if number is None else (0, number, "")
