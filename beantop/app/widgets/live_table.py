"""A table whose rows change all the time: it draws only visible lines that changed."""

import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from beantop.app.view.column import AS_THEY_COME, Column, Order, Row, column_at, laid_out
from beantop.app.view.lines import Line
from beantop.app.view.table_lines import header_line, row_segments
from beantop.app.widgets.line_cache import LineCache
from beantop.app.widgets.selection import CursorShift, Key, Selection
from beantop.app.widgets.styled import Styled


class LiveTable(Styled, ScrollView, Generic[Row, Key], can_focus=True, inherit_bindings=False):
    """Rows in columns, with a cursor, marks and a header that shows the order.

    `show` takes sorted rows; the owner filters and sorts. `columns_for` returns the columns for a
    width. The first line is the header. Without `marks`, rows cannot be marked.
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
        """The set of marked rows changed."""

    class Highlighted(Message):
        """The cursor is on another row, or on none."""

    class Moved(Message):
        """The user moved the cursor."""

        def __init__(self, *, at_end: bool) -> None:
            """`at_end`: to the last row."""
            super().__init__()
            self.at_end = at_end

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
        key_of: Callable[[Row], Key],
        *,
        marks: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._columns_for = columns_for
        self._marks = marks
        self._selection = Selection(key_of)
        self.bring_up_to_date: Callable[[], None] = lambda: None
        """Called before all rows are marked, so that the owner shows rows it has not shown yet."""
        self.touched = False
        """Whether a key was for a row. Until then the owner may keep the cursor at the top."""
        self._pressed_at = 0.0
        self._below: list[Line] = []
        self._order = AS_THEY_COME
        self._line_cache = LineCache(self._segments)
        self._cached_for: object = None
        self._placed: list[tuple[Column[Row], int]] = []

    # For the owner:

    def show(
        self,
        rows: Sequence[Row],
        *,
        order: Order = AS_THEY_COME,
        below: Sequence[Line] = (),
        chosen: object = None,
        at_top: bool = False,
        at_end: bool = False,
    ) -> None:
        """Show these rows, sorted by `order`, and the lines `below` after the last row.

        `chosen` is what the user chose to see, such as a filter; see `just_moved`. With `at_top` the cursor
        is on the first row, whichever that is; with `at_end`, on the last one."""
        before = self.current_key
        was_visible = 0 <= self._selection.cursor - self.scroll_offset.y < self.size.height - 1
        self._order, self._below = order, list(below)
        self._selection.show(rows, time.monotonic(), chosen, at_top=at_top, at_end=at_end)
        self._set_virtual_size()
        self._notify_and_redraw(before, scroll=was_visible)

    def show_below(self, lines: Sequence[Line]) -> None:
        """Show other lines below the last row."""
        self._below = list(lines)
        self._set_virtual_size()
        self._repaint()

    @property
    def rows(self) -> Sequence[Row]:
        return self._selection.rows

    @property
    def visible_rows(self) -> Sequence[Row]:
        """The rows on the screen."""
        first = self.scroll_offset.y
        return self.rows[first : first + max(0, self.size.height - 1)]

    @property
    def lines_above_rule(self) -> int:
        """The number of lines before the first rule below the rows, behind which graphs are; all lines of
        the table if there is none."""
        lines = self.size.height
        for line, pieces in enumerate(self._below, start=1 + len(self.rows)):
            if pieces and pieces[0][0].startswith("──"):
                return min(line, lines)
        return lines

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._selection.row

    @property
    def current_key(self) -> Key | None:
        """The key of the row under the cursor."""
        return self._selection.key

    @property
    def just_moved(self) -> CursorShift | None:
        """The cursor's last shift to another row, if the user had no time to see it before the last key."""
        return self._selection.just_moved(self._pressed_at)

    @property
    def place(self) -> str:
        """The position of the cursor as "3/17 " if not all rows are visible, else an empty string."""
        hidden = len(self.rows) >= self.size.height
        at = self._selection.cursor + 1
        return f"{at:,}/{len(self.rows):,} " if self.rows and hidden else ""

    @property
    def marked(self) -> frozenset[Key]:
        """The keys of the marked rows."""
        return self._selection.marked

    @marked.setter
    def marked(self, keys: frozenset[Key]) -> None:
        self._selection.marked = keys
        self._repaint()

    # Keys:

    def on_key(self, event: events.Key) -> None:
        """Remember when the key was pressed: a busy program handles it much later."""
        self._pressed_at = event.time

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._marks or action not in ("mark", "mark_all")

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go to the next row."""
        if self.rows:
            self.touched = True
            self._selection.toggle()
            self.post_message(self.Marked())
            self._go_to(self._selection.cursor + 1)

    def action_mark_all(self) -> None:
        self.touched = True
        self.bring_up_to_date()
        self._selection.toggle_all()
        self.post_message(self.Marked())
        self._repaint()

    def action_move(self, by: int) -> None:
        self._go_to(self._selection.cursor + by)

    def action_move_to(self, index: int) -> None:
        self._go_to(len(self.rows) - 1 if index < 0 else index)

    def action_page(self, pages: float) -> None:
        self.action_move(int(pages * max(1, self.size.height - 2)))

    # The cursor:

    def move_to(self, index: int) -> None:
        """Move the cursor to that row, or to the nearest that exists."""
        before = self.current_key
        self._selection.move_to(index)
        self._notify_and_redraw(before)

    def move_to_key(self, key: Key) -> None:
        """Move the cursor to the row with that key, if it exists."""
        before = self.current_key
        self._selection.move_to_key(key)
        self._notify_and_redraw(before)

    def move_on_from(self, key: Key) -> None:
        """Move the cursor to the next row if it is on the row with that key."""
        if self.current_key == key:
            before = self.current_key
            self._selection.move_on(time.monotonic())
            self._notify_and_redraw(before)

    def _go_to(self, index: int) -> None:
        self.touched = True
        self.post_message(self.Moved(at_end=index >= len(self.rows) - 1))
        self.move_to(index)

    def _notify_and_redraw(self, before: Key | None, *, scroll: bool = True) -> None:
        """Redraw after a possible move of the cursor, which was on the row with the key `before`."""
        if self.current_key != before:
            self.post_message(self.Highlighted())
        if scroll:
            self._scroll_to_cursor()
        self._repaint()

    def _scroll_to_cursor(self) -> None:
        cursor, top, page = self._selection.cursor, self.scroll_offset.y, self.size.height - 1
        if cursor < top:
            self.scroll_to(y=cursor, animate=False, force=True)
        elif 0 < page <= cursor - top:
            self.scroll_to(y=cursor - page + 1, animate=False, force=True)

    # Drawing:

    def render_lines(self, crop: Region) -> list[Strip]:
        self._place()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return Strip(self._line_cache.line(y), self.size.width)

    def forget_columns(self) -> None:
        """Request the columns again at the next redraw."""
        self._cached_for = None

    def forget_styles(self) -> None:
        super().forget_styles()
        self._cached_for = None

    def on_resize(self) -> None:
        self._set_virtual_size()
        self._place()
        self._scroll_to_cursor()

    def _repaint(self) -> None:
        """Redraw the lines that differ from the screen."""
        if not (self.is_attached and self.size and self._line_cache):
            self._line_cache.forget()
            self.refresh()
            return
        self._place()
        width, height = self.size
        if changed := self._line_cache.changed(range(height)):
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _place(self) -> None:
        """Forget all drawn lines if the size or the scroll position changed."""
        now = (self.size, self.scroll_offset.y)
        if now != self._cached_for:
            self._cached_for = now
            self._line_cache.forget()
            self._placed = laid_out(self._columns_for(self.size.width), self.size.width)

    def _segments(self, y: int) -> list[Segment]:
        width = self.size.width
        if y == 0:
            return self.segments_of(header_line(self._placed, self._order, width), width)
        index = y - 1 + self.scroll_offset.y
        if index < len(self.rows):
            return self._row(index)
        line = self._below[index - len(self.rows) :][:1]
        return self.segments_of(line[0] if line else [], width)

    def _row(self, index: int) -> list[Segment]:
        row = self.rows[index]
        marked = self._selection.is_marked(row)
        kind = "cursor-row" if index == self._selection.cursor else "marked" if marked else ""
        placed, width = self._placed, self.size.width
        return row_segments(row, placed, width, self.style_of, kind=kind, marked=marked)

    def _set_virtual_size(self) -> None:
        """Set the number of lines. Rows come and go each second, and Textual would lay out the whole
        screen each time, which is needed only if the scrollbar appears or disappears."""
        size = Size(self.size.width, 1 + len(self.rows) + len(self._below))
        if size == self.virtual_size:
            return
        has_bar, needs_bar = self.show_vertical_scrollbar, size.height > self.container_size.height
        if size.width != self.virtual_size.width or has_bar != needs_bar:
            self.virtual_size = size
            return
        self.set_reactive(ScrollView.virtual_size, size)
        if has_bar:
            self.vertical_scrollbar.window_virtual_size = size.height
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    # The mouse:

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            column = column_at(event.x, self._placed)
            if column and column.sort:
                self.post_message(self.HeaderClicked(column.key))
        elif (index := event.y - 1 + self.scroll_offset.y) < len(self.rows):
            self._go_to(index)
            if event.chain == 2:
                self.post_message(self.Opened())
