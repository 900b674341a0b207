"""The columns of a list of jobs that the user chooses by their names."""

from collections.abc import Callable, Sequence

from beantop.app.action_context import ActionContext
from beantop.app.dialogs.ask import ChooseTextDialog
from beantop.app.messages import Chosen
from beantop.app.questions import AskText
from beantop.app.view.column import Column, laid_out
from beantop.app.view.column_names import (
    DEFAULT,
    column_lines,
    completed,
    fields_in,
    read_columns,
    split_names,
    what_is_wrong,
    written,
)
from beantop.app.view.job_columns import Look
from beantop.app.widgets.live_table import LiveTable
from beantop.formatting import plural
from beantop.jobs.listing import JobRow


class ColumnChoice:
    """Asks for the columns of a tube's jobs, and remembers them in the preferences."""

    def __init__(
        self,
        context: ActionContext,
        table: LiveTable[JobRow, int],
        tube: str,
        show: Callable[[tuple[str, ...]], Sequence[Column[JobRow]]],
    ) -> None:
        """`show` shows the columns with these keys, or the default ones if there are none, and returns
        them."""
        self._context, self._table, self._tube, self._show = context, table, tube, show

    def ask(self, look: Look, columns: Sequence[Column[JobRow]]) -> None:
        """Ask for columns to show instead of these. They are shown once the user has answered."""
        fields = fields_in(self._table.visible_rows, look)
        question = AskText(
            "Columns",
            column_lines(fields),
            hint=f"id state age order_id, or {DEFAULT}",
            yes="show",
            check=lambda text: what_is_wrong(text, fields),
            complete=lambda text: completed(text, fields),
            text=written(look.chosen or [column.key for column in columns]),
        )
        if self._table.screen.is_active:  # at once, so that the next key reaches the dialog
            self._table.app.push_screen(ChooseTextDialog(question), self._take)

    def _take(self, text: str | None) -> None:
        """Show the columns with these names; None changes nothing."""
        if text is None:
            return
        names = split_names(text)
        keys = read_columns(names)
        state = self._context.view.state
        kept = state.with_job_columns(self._tube, tuple(names) if keys else ())
        self._table.post_message(Chosen(job_columns=kept))
        wanted = self._show(keys)
        width = self._table.size.width
        if missing := len(wanted) - len(laid_out(wanted, width)):
            columns = plural(missing, "column")
            self._context.say(f"The window is too narrow for {columns} on the right.")
