"""Shows a body as numbered lines, wrapped or not; only visible lines are drawn."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from beantop.app.view.highlight import Find, highlighted, nothing
from beantop.app.view.lines import ELLIPSIS, Line, fitted
from beantop.app.view.syntax import colored
from beantop.app.widgets.body_rows import BodyRows
from beantop.app.widgets.matches import Matches, find, standing_out
from beantop.app.widgets.styled import Styled
from beantop.formatting import printable
from beantop.jobs.bodies.lines import MAX_LINES, EvenLines
from beantop.jobs.bodies.texts import shown_text

STEP = 0.5
"""How far the keys for sideways scroll, as a part of the width."""


SCROLLBAR = 1
"""Cells at the right edge that are left to a scrollbar, so that it covers no text."""


class BodyView(Styled, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows lines of untrusted text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "Down", show=False),
        Binding("up,k", "scroll_by(-1)", "Up", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "Bottom", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("right,l,full_stop", "sideways(1)", "Scroll right", show=False),
        Binding("left,h,comma", "sideways(-1)", "Scroll left", show=False),
        Binding("n", "next_found", "Next match", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._given: Sequence[str] = ()
        self._lines: Sequence[str] = ()
        """The given lines; hex with as many bytes in a line as fit."""
        self._wrap = True
        self._numbers = True
        self._rows = BodyRows((), 1, wrap=False)
        self._shift = 0
        """Characters of each line that are to the left of the window, if lines are cut."""
        self._colored = False
        self._find_more: Find = nothing
        self._words = ""
        self._searched: str | None = None
        self.found = Matches()
        """The matches of the search."""

    def show(
        self,
        lines: Sequence[str],
        *,
        wrap: bool,
        faded: bool,
        numbered: bool = True,
        colored: bool = False,
        find: Find = nothing,
    ) -> None:
        """Show these lines; without `wrap`, each is cut at the edge. `colored` is for decoded ones;
        `find` returns what else stands out, beside the matches of the search."""
        self.fade(faded)
        if colored != self._colored or find is not self._find_more:
            self._colored, self._find_more = colored, find
            self.refresh()
        if lines is self._given and wrap == self._wrap:
            return
        if lines is not self._given or wrap:
            self._shift = 0
        self._given, self._wrap, self._numbers = lines, wrap, numbered
        self._lay_out()

    def search(self, words: str) -> None:
        """Highlight all matches, ignoring case, and go to the first."""
        self._words = words
        self._find()
        self.refresh()
        self._go_below(-1)

    def scroll_to_found(self) -> None:
        """Scroll to the first line that has what `find` finds, unless it is on the screen."""
        lines = enumerate(self._lines[:MAX_LINES])
        line = next((at for at, text in lines if self._find_more(printable(text))), 0)
        row = self._rows.row_of(line, 0)
        if row >= self.size.height:
            self.scroll_to(y=row - self.size.height // 3, animate=False)

    def action_next_found(self) -> None:
        """Go to the next match below the top of the window; from the last, to the first."""
        top = self.scroll_offset.y
        self._go_below(top if top < self.max_scroll_y else -1)

    def on_resize(self) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        line = self._line(row) if row < len(self._rows) else []
        return Strip(self.segments_of(line, self.size.width), self.size.width)

    def action_scroll_by(self, by: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)

    def action_page(self, pages: float) -> None:
        self.action_scroll_by(int(pages * self.size.height))

    def action_sideways(self, by: int) -> None:
        """Scroll long lines to the side, if they are cut."""
        if self._wrap:
            self.notify("Lines are wrapped: w cuts them.", markup=False)
            return
        lines = self._lines
        longest = lines.longest if isinstance(lines, EvenLines) else max(map(len, lines), default=0)
        step = max(1, int(STEP * self._room))
        self._shift_to(min(self._shift + by * step, longest - self._room // 2))

    def _shift_to(self, shift: int) -> None:
        self._shift = max(0, shift)
        self._lay_out()

    def _find(self) -> None:
        if self._words and self._searched is None:
            self._searched = shown_text(self._lines)
        self.found = find(self._words, self._searched or "")

    def _go_below(self, row: int) -> None:
        places = [(self._rows.row_of(*match), match[1]) for match in self.found.all]
        if places:
            at, start = next((place for place in places if place[0] > row), places[0])
            if not self._wrap and not self._shift <= start < self._shift + self._room:
                self._shift_to(start - self._room // 2)
            self.scroll_to(y=at, animate=False)

    @property
    def _digits(self) -> int:
        return len(str(len(self._lines))) if self._numbers else 0

    @property
    def _margin(self) -> int:
        return self._digits + 3 if self._digits else 1

    @property
    def _room(self) -> int:
        """The cells of a line."""
        return max(1, self.size.width - self._margin - SCROLLBAR)

    def _lay_out(self) -> None:
        lines = self._given
        if isinstance(lines, EvenLines) and not self._numbers:
            lines = lines.within(self._room)
        if lines is not self._lines:
            self._lines, self._searched = lines, None
            self._find()
        self._rows = BodyRows(self._lines, self._room, wrap=self._wrap, shift=self._shift)
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.refresh()

    def _line(self, row: int) -> Line:
        part = self._rows.at(row)
        is_first = part.start == 0 or not self._wrap
        label = str(part.line + 1) if is_first and self._digits else ""
        before = fitted(fitted(label, self._digits + 1, right=True), self._margin)
        if not self._wrap and part.start:
            before = before[:-1] + ELLIPSIS
        text = part.text[part.start : part.end]
        line = colored(part.text, part.start, part.end) if self._colored else [(text, "")]
        line = highlighted(line, self._find_more(text), "found")
        return [(before, "dim"), *standing_out(part, self._words, line)]
