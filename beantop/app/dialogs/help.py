"""The keys of the screen below, from its bindings, and the pages of the reference."""

from collections.abc import Iterable
from importlib.resources import files
from itertools import chain, zip_longest
from textwrap import wrap
from typing import ClassVar

from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content
from textual.keys import key_to_character

from beantop.app.actions.table import ACTIONS
from beantop.app.dialogs.dialog import Notice, room_in
from beantop.app.view.lines import Line, fill
from beantop.app.view.markdown import markdown_lines, section
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.live_table import LiveTable

HEADINGS = ("Move", "View", "Change (asks first)", "Program")

_PROGRAM = {"quit", "leave", "app.leave", "suspend_process", "command_palette", "app.help"}

PAGES = (
    "keys", "filters", "configuration", "scripts", "safety", "client", "changelog", "profiler", "metrics",
)  # fmt: skip
"""The pages of the reference, in the order of the digits that open them."""

BESIDE = ("Signs", "Columns")
"""Sections of the first page that are shown after the keys."""

MAX_WIDTH = 92
"""Maximum width of a page in cells: longer lines are hard to read."""

KEY_WIDTH = 11
"""Cells of the keys of an entry, with a margin on both sides."""

_KEY_NAMES = {
    "at": "@", "escape": "esc", "space": "space", "slash": "/", "pagedown": "PgDn",
    "pageup": "PgUp", "up": "↑", "down": "↓", "left": "←", "right": "→", "plus": "+", "minus": "-",
}  # fmt: skip


class HelpDialog(Notice):
    """Shows bindings, grouped by what they do, and the pages of the reference."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"{number}", f"open_page({page!r})", page.capitalize(), id=f"page_{page}")
        for number, page in enumerate(PAGES, 1)
    ]

    CLOSES = "esc or ?"

    def __init__(self, bindings: Iterable[ActiveBinding], columns: int, width: int) -> None:
        """`columns` is the number of keys on a line, `width` the width of the window in cells."""
        self._width = min(MAX_WIDTH, room_in(width))
        lines: list[Line] = []
        for heading, keys in _grouped(bindings).items():
            lines += [[(heading, "sorted bold")], *_in_columns(keys, columns, self._width), []]
        for heading in BESIDE:
            about = self._lines_of(section(_page("keys"), heading))
            lines += [[(heading, "sorted bold")], *about, []]
        words = (f"**{number}** {page}" for number, page in enumerate(PAGES, 1))
        offers = markdown_lines(" ".join(words), self._width - 2)
        super().__init__("Help", lines, [[("  ", ""), *line] for line in offers])

    def action_open_page(self, page: str) -> None:
        """Show a page of the reference instead of the keys."""
        self.query_one("#dialog").border_title = Content(f"Help: {page}")
        self.show(self._lines_of(_page(page)))
        self.query_one("#dialog-scroll").scroll_home(animate=False)

    def _lines_of(self, text: str) -> list[Line]:
        return markdown_lines(text, self._width, PAGES)


def _page(name: str) -> str:
    return files("beantop").joinpath("docs", f"{name}.md").read_text("utf-8")


def _grouped(bindings: Iterable[ActiveBinding]) -> dict[str, list[tuple[str, str]]]:
    """Return for each heading the keys and what they do."""
    keys_of: dict[tuple[str, str], list[str]] = {}
    for active in bindings:
        binding = active.binding
        if binding.description and not binding.system:
            meaning = binding.tooltip or binding.description
            keys_of.setdefault((_heading(active), meaning), []).append(_key_name(binding.key))
    groups = {
        heading: [
            (" ".join(keys), meaning) for (at, meaning), keys in keys_of.items() if at == heading
        ]
        for heading in HEADINGS
    }
    return {heading: keys for heading, keys in groups.items() if keys}


def _heading(active: ActiveBinding) -> str:
    move, view, change, program = HEADINGS
    if active.binding.id in ACTIONS:
        return change
    if active.binding.action in _PROGRAM:
        return program
    return move if isinstance(active.node, (LiveTable, BodyView)) else view


def _key_name(key: str) -> str:
    return _KEY_NAMES.get(key) or key_to_character(key) or key.replace("ctrl+", "^")


def _in_columns(keys: list[tuple[str, str]], columns: int, width: int) -> list[Line]:
    """Lay out entries from top to bottom, then in the next column; long ones take several lines.

    >>> from beantop.app.view.lines import plain
    >>> entries = [("a", "short"), ("b", "too long for it"), ("c", "last")]
    >>> [plain(line).rstrip() for line in _in_columns(entries, 2, 44)]
    ['  a        short        c        last', '  b        too long', '           for it']
    """
    room = width // columns
    entries = [_entry(key, meaning, room) for key, meaning in keys]
    height = -(-len(entries) // columns)
    starts = range(0, len(entries), height)
    shown = [chain.from_iterable(entries[at : at + height]) for at in starts]
    rows = zip_longest(*shown, fillvalue=[])
    return [[piece for part in row for piece in fill(part, room)] for row in rows]


def _entry(key: str, meaning: str, width: int) -> list[Line]:
    first, *others = wrap(meaning, max(1, width - KEY_WIDTH - 1)) or [""]
    before = " " * KEY_WIDTH
    key = f"  {key:<{KEY_WIDTH - 3}} "
    return [[(key, "bold"), (first, "")], *([(before, ""), (other, "")] for other in others)]
