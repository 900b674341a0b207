"""A table whose rows change all the time: it draws what is visible, and of that what changed.

Rule 1: cursor and marks belong to the keys of rows, never to their numbers.
Rule 2: a line is compared with what stands on the screen before it is drawn again.
Rule 3: what was prepared for the next frame is dropped whenever anything changes before it.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from beantop.app.lines import Line, fitted
from beantop.app.widgets.column import GAP, Column, Row, laid_out
from beantop.app.widgets.drawn import Drawn

MARK = "*"
"""Of a marked row, where its first cell leaves room: colour is never the only sign."""


class LiveTable(Drawn, ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows in columns, with a cursor, marks and a header that tells the order.

    `show` takes the rows in their order; the owner filters and sorts. `columns_for` gives the
    columns for a width. The first line is the header.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("home,g", "move_to(0)", "First row", show=False),
        Binding("end,G", "move_to(-1)", "Last row", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("space", "mark", "Mark the row", show=False),
        Binding("a", "mark_all", "Mark all rows shown, or none", show=False),
    ]

    class Marked(Message):
        """Other rows are marked."""

    class Highlighted(Message):
        """The cursor stands on another row."""

    class Moved(Message):
        """The user moved the cursor."""

    class Opened(Message):
        """The row under the cursor was double-clicked."""

    class HeaderClicked(Message):
        """The header of a column was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(
        self,
        columns_for: Callable[[int], Sequence[Column[Row]]],
        key_of: Callable[[Row], str],
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns_for = columns_for
        self._key_of = key_of
        self._rows: Sequence[Row] = ()
        self._cursor = 0
        self._cursor_key: str | None = None
        self._below: list[Line] = []
        self._marked: frozenset[str] = frozenset()
        self._order = ("", False)
        self._painted: dict[int, list[Segment]] = {}  # by line: what stands on the screen
        self._prepared: dict[int, list[Segment]] = {}  # by line: what the next frame will draw
        self._painted_for: object = None
        self._placed: list[tuple[Column[Row], int]] = []

    # What the owner says and asks:

    def show(
        self,
        rows: Sequence[Row],
        *,
        order: tuple[str, bool] = ("", False),
        below: Sequence[Line] = (),
    ) -> None:
        """Show these rows, ordered by the column of that key (descending?), and lines of words
        below the last of them."""
        was_visible = self._line_of(self._cursor) is not None
        self._rows, self._order, self._below = rows, order, list(below)
        self._follow()
        self._set_virtual_size()
        if was_visible:
            self._scroll_to_cursor()
        self._repaint()

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @property
    def visible_rows(self) -> Sequence[Row]:
        """Those that stand on the screen."""
        first = self.scroll_offset.y
        return self._rows[first : first + max(0, self.size.height - 1)]

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def current_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self._cursor_key if self._rows else None

    @property
    def place(self) -> str:
        """Where the cursor stands, where not all rows are in sight: "3/17 "; else nothing."""
        hidden = len(self._rows) >= self.size.height
        return f"{self._cursor + 1:,}/{len(self._rows):,} " if self._rows and hidden else ""

    @property
    def marked(self) -> frozenset[str]:
        """The keys of the marked rows."""
        return self._marked

    @marked.setter
    def marked(self, keys: frozenset[str]) -> None:
        if keys != self._marked:
            self._marked = keys
            self._repaint()

    def action_mark(self) -> None:
        """Mark the row under the cursor, or no longer, and go on to the next one."""
        if self._rows and self._cursor_key is not None:
            self.marked = self._marked ^ {self._cursor_key}
            self.post_message(self.Marked())
            self._go_to(self._cursor + 1)

    def action_mark_all(self) -> None:
        keys = frozenset(map(self._key_of, self._rows))
        self.marked = self._marked - keys if keys <= self._marked else self._marked | keys
        self.post_message(self.Marked())

    # The cursor:

    def move_to(self, index: int) -> None:
        """Put the cursor on that row, or the nearest there is."""
        index = max(0, min(index, len(self._rows) - 1))
        if self._rows and index != self._cursor:
            self._cursor = index
            self._take_key()
        self._scroll_to_cursor()
        self._repaint()

    def move_to_key(self, key: str) -> None:
        """Put the cursor on the row with that key, if it is there."""
        self._cursor_key = key
        self._follow()
        self._scroll_to_cursor()
        self._repaint()

    def action_move(self, by: int) -> None:
        self._go_to(self._cursor + by)

    def action_move_to(self, index: int) -> None:
        self._go_to(len(self._rows) - 1 if index < 0 else index)

    def action_page(self, pages: float) -> None:
        self._go_to(self._cursor + int(pages * max(1, self.size.height - 2)))

    def _go_to(self, index: int) -> None:
        self.post_message(self.Moved())
        self.move_to(index)

    def _follow(self) -> None:
        """Keep the cursor on its row, wherever that is now; on its place if the row is gone."""
        index = max(0, min(self._cursor, len(self._rows) - 1))
        key, key_of = self._cursor_key, self._key_of
        if self._rows and key is not None and key_of(self._rows[index]) != key:
            places = (place for place, row in enumerate(self._rows) if key_of(row) == key)
            index = next(places, index)
        self._cursor = index
        if self._rows:  # else the row may come back, and the cursor with it
            self._take_key()

    def _take_key(self) -> None:
        key = self._key_of(self._rows[self._cursor])
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.Highlighted())

    def _scroll_to_cursor(self) -> None:
        top, page = self.scroll_offset.y, self.size.height - 1
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif 0 < page <= self._cursor - top:
            self.scroll_to(y=self._cursor - page + 1, animate=False)

    # Drawing:

    def render_lines(self, crop: Region) -> list[Strip]:
        self._place()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        segments = self._prepared.pop(y, None) or self._segments(y)
        self._painted[y] = segments
        return Strip(segments, self.size.width)

    def forget_columns(self) -> None:
        """Ask for the columns again."""
        self._painted_for = None

    def forget_styles(self) -> None:
        super().forget_styles()
        self._painted_for = None

    def on_resize(self) -> None:
        self._set_virtual_size()
        self._place()
        self._scroll_to_cursor()

    def _repaint(self) -> None:
        """Draw the lines again that no longer are what stands on the screen."""
        self._prepared = {}
        if not self.is_attached or not self.size or not self._painted:
            self.refresh()
            return
        self._place()
        changed = []
        for y in range(self.size.height):
            segments = self._segments(y)
            if segments != self._painted.get(y):
                self._prepared[y] = segments
                changed.append(Region(0, y, self.size.width, 1))
        if changed:
            self.refresh(*changed)

    def _place(self) -> None:
        """Forget what is painted when something changed that all lines depend on."""
        now = (self.size, self.scroll_offset.y)
        if now != self._painted_for:
            self._painted_for = now
            self._painted, self._prepared = {}, {}
            self._placed = laid_out(self._columns_for(self.size.width), self.size.width)

    def _segments(self, y: int) -> list[Segment]:
        if y == 0:
            return self._header()
        index = y - 1 + self.scroll_offset.y
        if index < len(self._rows):
            return self._row(index)
        line = self._below[index - len(self._rows) :][:1]
        return self.segments_of(line[0] if line else [], self.size.width)

    def _header(self) -> list[Segment]:
        key, descending = self._order
        line: Line = []
        for column, width in self._placed:
            if column.key != key:
                line += [(fitted(column.label, width, right=column.right), "column")]
                line += [(" " * GAP, "column")]
                continue
            sign = "▼" if descending else "▲"
            if column.right or cell_len(column.label) >= width:
                label = fitted(column.label, width, right=column.right) + sign  # in the gap
            else:
                label = fitted(column.label + sign, width + GAP)
            line += [(label, "column sorted")]
        segments = self.segments_of(line, self.size.width)
        if not segments[-1].text.isspace():
            return segments
        return [*segments[:-1], Segment(segments[-1].text, self.style_of("column"))]

    def _row(self, index: int) -> list[Segment]:
        """One row; neighbours of the same style become one segment, which Textual draws faster."""
        row = self._rows[index]
        is_marked = self._key_of(row) in self._marked
        kind = "cursor" if index == self._cursor else "marked" if is_marked else ""
        base = style = self.style_of(kind)
        segments: list[Segment] = []
        text, left = "", self.size.width
        for column, width in self._placed:
            content, names = column.cell(row)
            cell_style = base if not names or kind else self.style_of(names)
            if cell_style is not style:
                if text:
                    segments.append(Segment(text, style))
                text, style = "", cell_style
            text += fitted(content, width, right=column.right) + " " * min(GAP, left - width)
            left -= width + GAP
        segments.append(Segment(text, style))
        if left > 0:
            segments.append(Segment(" " * left, base))
        if is_marked and segments[0].text.startswith(" "):
            segments[0] = Segment(MARK + segments[0].text[1:], segments[0].style)
        return segments

    def _set_virtual_size(self) -> None:
        size = Size(self.size.width, 1 + len(self._rows) + len(self._below))
        if self.virtual_size != size:
            self.virtual_size = size

    def _line_of(self, index: int) -> int | None:
        """Where on the widget a row stands, if it is visible."""
        y = index + 1 - self.scroll_offset.y
        return y if 0 < y < self.size.height else None

    # The mouse:

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            self._click_header(event.x)
            return
        index = event.y - 1 + self.scroll_offset.y
        if index < len(self._rows):
            self._go_to(index)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _click_header(self, x: int) -> None:
        left = 0
        for column, width in self._placed:
            if left <= x < left + width + GAP and column.sort:
                self.post_message(self.HeaderClicked(column.key))
            left += width + GAP
