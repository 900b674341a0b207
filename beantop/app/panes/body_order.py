"""The order of a list of jobs by a column whose values are in their bodies."""

from collections.abc import Callable
from functools import partial

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
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.body_reader import Found
from beantop.jobs.job_info import JobInfo
from beantop.jobs.job_order import SortKey
from beantop.jobs.listing import JobList
from beantop.monitor.comparisons import number_in
from beantop.monitor.fields import BODY


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
        self.pending: Order | None = None
        """The order whose values are being read, before the list is sorted by it."""
        self._applied: Order | None = None
        """The order by which the list is sorted."""
        self._problem = ""
        """Why reading failed; "" if it did not."""
        self.key: Callable[[JobInfo], SortKey] | None = None
        """Returns what a job is sorted by; it is another function after more bodies were read."""

    def wants(self, order: Order) -> bool:
        """Return whether bodies must be read first for this order, and start reading them. Another
        order ends the reading."""
        is_of_others = not is_of_bodies(order.key)
        if is_of_others or self._order is None or self._order.key != order.key:
            self._jobs.values.clear()
        self._problem = ""
        if is_of_others:
            self.pending = self._applied = self.key = None
        elif self._unread:
            self.pending = order
            self.go_on()
            self._work.redraw()
        else:
            self._use(order)
        return self.pending is not None

    def cancel(self) -> bool:
        """Stop reading for an order that is not applied yet. Return whether there was one."""
        if self.pending is None:
            return False
        self.pending = None
        self._jobs.values.clear()  # an order that is applied has its values read again
        self.go_on()
        self._work.redraw()
        return True

    def go_on(self) -> None:
        """Read the bodies that were not read yet."""
        if self._order and self._unread and not self._jobs.values.running:
            self._work.start(partial(self._read, self._order))

    @property
    def words(self) -> Line:
        """Return what is missing for the order, for the rule above the list; empty if nothing is."""
        if self._order is None:
            return []
        name, total = printable(written([self._order.key])), len(self._jobs.scan.found)
        read = read_words(self._unread, total)
        if self._problem and self._unread:
            return [(f"to sort by {name}: {read}, stopped: {printable(self._problem)}", "warn")]
        if self.pending:
            return [(f"to sort by {name}: {read}", "accent")]
        if self._unread:
            return [(f"by {name}: {body_count(self._unread)} not read yet", "warn")]
        if undecided := len(self._jobs.values.undecided & self._jobs.scan.found.keys()):
            return [(f"by {name}: {body_count(undecided)} not decoded", "warn")]
        return []

    @property
    def _order(self) -> Order | None:
        """The order whose values are read."""
        return self.pending or self._applied

    @property
    def _unread(self) -> int:
        return self._jobs.values.count_unread(self._jobs.scan.found)

    async def _read(self, order: Order) -> None:
        self._problem = ""
        found = self._jobs.scan.found

        def value(job: Job[bytes]) -> Found[SortKey]:
            tube = found[job.id].tube if job.id in found else ""
            return sort_key(order.key, job.body, self._context.view.reading(tube))

        problem = await self._work.redrawing(self._jobs.values.run(found, value))
        if self._order is None or self._order.key != order.key:
            return
        self._problem = problem
        if problem or self._unread:
            return
        pending = self.pending
        self._use(self._order)
        if pending:
            self._apply(pending)
        else:
            self._work.redraw()

    def _use(self, order: Order) -> None:
        """Sort by the values of this order, which are known."""
        self.pending, self._applied = None, order
        values = self._jobs.values.results  # kept while those of another order are read
        last: SortKey = (-1 if order.descending else 2, 0.0, "")  # also what is not read yet
        self.key = lambda job: values.get(job.id, last)


def sort_key(key: str, body: bytes, reading: Reading = AS_RECOGNIZED) -> Found[SortKey]:
    """Return what a body is sorted by in a column: numbers come before texts. False if it has no value,
    None if that is unknown.

    >>> sort_key("size", b"ada"), sort_key("body.n", b'{"n": "7"}')
    ((0, 3, ''), (0, 7, ''))
    """
    if key == "size":
        return (0, len(body), "")
    body, reading, _ = reading.shown(body)
    fields = None if key == "class" else Fields(body, reading.decoder)
    text = fields.get(key.removeprefix(BODY)) if fields else job_class(body, reading) or None
    if text is None:
        return None if fields and fields.is_cut else False
    number = number_in(text)
    return (1, 0.0, folded(text[:MAX_VALUE])) if number is None else (0, number, "")
