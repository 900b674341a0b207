"""A body on the screen: numbered lines, wrapped or not, of which only the visible ones are drawn."""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import chop_cells
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from beantop.app.lines import Line, fitted
from beantop.app.widgets.drawn import Drawn
from beantop.text import shown

FOUND = "cursor"
"""The style of what was searched for."""


class BodyView(Drawn, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows lines of foreign text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "Down", show=False),
        Binding("up,k", "scroll_by(-1)", "Up", show=False),
        Binding("home,g", "scroll_home", "Top", show=False),
        Binding("end,G", "scroll_end", "Bottom", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("n", "next_found", "Next place of what was searched", show=False),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[str] = ()
        self._wrap = True
        self._numbers = True
        self._words = ""
        self._found: list[int] = []
        self._drawn: list[Line] = []

    def show(self, lines: Sequence[str], *, wrap: bool, faded: bool, numbered: bool = True) -> None:
        """Show these lines; without `wrap` each is cut at the edge."""
        self.fade(faded)
        if lines is not self._lines or wrap != self._wrap:
            self._lines, self._wrap, self._numbers = lines, wrap, numbered
            self._lay_out()

    def search(self, words: str) -> int:
        """Make the words stand out wherever they are, in whatever case, and go to the first place.
        On how many lines of the screen they are."""
        self._words = words
        self._lay_out()
        self._found = [at for at, line in enumerate(self._drawn) if _has(line, FOUND)]
        if self._found:
            self.scroll_to(y=self._found[0], animate=False)
        return len(self._found)

    def action_next_found(self) -> None:
        """Go to the next place below the top of the window; after the last to the first."""
        if self._found:
            top = self.scroll_offset.y
            following = next((at for at in self._found if at > top), self._found[0])
            self.scroll_to(y=following, animate=False)

    def on_resize(self) -> None:
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        at = y + self.scroll_offset.y
        line = self._drawn[at] if at < len(self._drawn) else []
        return Strip(self.segments_of(line, self.size.width), self.size.width)

    def action_scroll_by(self, by: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)

    def action_page(self, pages: float) -> None:
        self.action_scroll_by(int(pages * self.size.height))

    def _lay_out(self) -> None:
        digits = len(str(len(self._lines))) if self._numbers else 0
        margin = digits + 3 if digits else 1
        room = max(1, self.size.width - margin)
        self._drawn = list(self._numbered(digits, margin, room))
        self.virtual_size = Size(self.size.width, len(self._drawn))
        self.refresh()

    def _numbered(self, digits: int, margin: int, room: int) -> Iterator[Line]:
        for number, text in enumerate(self._lines, start=1):
            safe = shown(text)
            parts = _wrapped(safe, room) if self._wrap else [safe]
            for at, part in enumerate(parts):
                label = str(number) if at == 0 and digits else ""
                before = fitted(fitted(label, digits + 1, right=True), margin)
                yield [(before, "dim"), *_standing_out(part, self._words)]


def _standing_out(text: str, words: str) -> Line:
    """The text, with the words in another style.

    >>> _standing_out("an ADA, an ada", "ada")
    [('an ', ''), ('ADA', 'cursor'), (', an ', ''), ('ada', 'cursor')]
    """
    if not words:
        return [(text, "")]
    pieces = re.split(f"({re.escape(words)})", text, flags=re.IGNORECASE)
    return [(piece, FOUND if at % 2 else "") for at, piece in enumerate(pieces) if piece]


def _has(line: Line, style: str) -> bool:
    return any(name == style for _, name in line)


def _wrapped(text: str, width: int) -> list[str]:
    if len(text) <= width // 2:  # no character is wider than two cells
        return [text]
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    return chop_cells(text, width) or [""]
