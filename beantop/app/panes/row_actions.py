"""Starting the actions of keys on the marked jobs of a list, or on the one under the cursor."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from beantop.app.action_context import ActionContext
from beantop.app.actions.jobs import JobAction, act_on
from beantop.app.actions.table import ACTIONS, Action
from beantop.app.widgets.live_table import LiveTable
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.job_info import is_gone
from beantop.jobs.listing import JobList, JobRow


class RowActions:
    """Chooses the jobs of an action and, when it is done, which of them stay marked."""

    def __init__(
        self,
        context: ActionContext,
        jobs: JobList,
        table: LiveTable[JobRow, int],
        run: Callable[[Coroutine[Any, Any, None]], None],
        done: Callable[[Tally], None],
    ) -> None:
        """`run` carries out an action, one at a time; `done` is called with its result."""
        self._context, self._jobs, self._table = context, jobs, table
        self._run, self._done = run, done

    def start(self, name: str, why_just_moved: str) -> None:
        """Start an action, or say why not. `why_just_moved` says why the row under the cursor may not
        be the one that the user meant; "" if it is."""
        action = ACTIONS[name]
        if action.on_scan:
            self._run(action.on_scan(self._context, self._jobs.scan))
        else:
            rows = self._targets()
            if why_not := why_just_moved or self._why_not(action, rows):
                self._context.say(why_not)
            elif action.on_jobs:
                self._run(self._act_on(action.on_jobs, rows))

    def _why_not(self, action: Action, rows: Sequence[JobRow]) -> str:
        marked = self._table.marked
        if action.one_at_a_time and len(marked) > 1:
            return f"{action.key} ({action.label}) works on one job: unmark the others."
        if rows:
            return ""
        if marked:
            return "The marked jobs are gone. Nothing was done; esc clears the marks."
        if self._table.current:
            return f"{is_gone(self._table.current.job.id)} Nothing was done."
        if self._jobs.heads is None:
            return "No job is listed yet. Nothing was done."
        return "No job is under the cursor. Nothing was done."

    def _targets(self) -> Sequence[JobRow]:
        """Return the marked jobs that are still known, or the one under the cursor."""
        if self._table.marked:
            return self._jobs.rows_of(self._table.marked)
        current = self._table.current
        return [current] if current and not self._jobs.is_gone(current.job.id) else []

    async def _act_on(self, action: JobAction, rows: Sequence[JobRow]) -> None:
        """Act on jobs. Unmark those on which the action succeeded; the others stay marked. If none is
        marked, the cursor goes on to the next job."""
        if tally := await act_on(self._context, action, rows):
            self._table.marked -= tally.done_ids
            if rows[0].job.id in tally.done_ids:
                self._table.move_on_from(rows[0].job.id)
            self._done(tally)
