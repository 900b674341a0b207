"""A preview of the body of a job, below a list."""

from textual.app import ComposeResult
from textual.containers import Vertical

from beantop.app.view.highlight import Find, nothing
from beantop.app.view.preview_lines import preview_height, preview_rule
from beantop.app.view.syntax import is_colored
from beantop.app.widgets.body_rows import BodyRows
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.styled import Lines
from beantop.jobs.bodies.preview import Preview, preview
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.body import Body
from beantop.jobs.listing import JobRow

EDGES = 2
"""Cells of a line beside the text: the margin, and a scrollbar."""


class JobPreview(Vertical, inherit_bindings=False):
    """Shows the beginning of a body under a rule. It never has the focus; the wheel scrolls it."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._rule = Lines(id="preview-rule")
        self._body = BodyView(id="preview-body")
        self._body.can_focus = False
        self._shown: tuple[Body, Reading, int, int] | None = None
        self._preview: Preview | None = None
        self._is_cut = False
        self._lines = 0
        self._needed = 0
        """Lines that the tallest preview so far needs; it only grows, so that the list rarely moves."""

    def compose(self) -> ComposeResult:
        yield self._rule
        yield self._body

    def fit(self, room: int, list_lines: int, *, graphs: bool) -> int:
        """Choose a height beside a list of `list_lines` lines, with its head, where both have `room`
        lines. Return it; 0 if there is no room. `graphs`: whether these may come below the list."""
        self._lines = preview_height(room, list_lines, self._needed, graphs=graphs)
        return self._lines

    def show(
        self,
        row: JobRow | None,
        reading: Reading,
        width: int,
        *,
        faded: bool = False,
        find: Find = nothing,
    ) -> bool:
        """Show the body of a job in the chosen height; hide the preview if there is no job or no room.
        Return whether it needs more lines than the ones before."""
        height, needed = self._lines, self._needed
        self.display = bool(row and height)
        if not row or not height:
            return False
        self.styles.height = height
        self._decode(row.body, reading, width, height)
        self._rule.show([preview_rule(row, self._preview, width, is_cut=self._is_cut)])
        shown = self._preview or Preview("text", ())
        self._body.show(
            shown.lines,
            wrap=True,
            faded=faded,
            numbered=False,
            colored=is_colored(shown.name),
            find=find,
        )
        return self._needed > needed

    def _decode(self, body: Body | None, reading: Reading, width: int, height: int) -> None:
        """Decode the body, unless it is the one on the screen."""
        if body is None:
            self._shown = self._preview = None
            return
        if self._shown == (body, reading, width, height):
            return
        self._shown = (body, reading, width, height)
        shown = reading.shown(body.beginning, body.size)
        size = len(shown.body) if shown.note else body.size
        whole = found = preview(shown.body, size, shown.reading.decoder)
        self._needed = max(self._needed, 1 + _rows(whole, width))
        for part in (4, 2, 1):  # short lines are read more easily
            if _rows(found, width) < height:
                break
            found = whole.filled((width - EDGES) // part)
        self._preview, self._is_cut = found, found.is_cut or _rows(found, width) >= height
        self._body.scroll_home(animate=False)


def _rows(found: Preview, width: int) -> int:
    return len(BodyRows(found.lines, max(1, width - EDGES), wrap=True))
