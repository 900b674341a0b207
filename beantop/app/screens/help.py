"""All keys of the screen below, made from its bindings, and what the signs mean."""

from collections.abc import Iterable
from itertools import chain
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll

from beantop.app.lines import Line
from beantop.app.screens.dialog import Dialog
from beantop.app.screens.watching import CHANGING
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.drawn import Lines
from beantop.app.widgets.live_table import LiveTable

SIGNS: list[Line] = [
    [
        ("  !", "bad bold"),
        ("  jobs are buried             ", ""),
        ("W", "bad bold"),
        ("  ready, and no worker watches", ""),
    ],
    [
        ("  ^", "warn bold"),
        ("  backlog grows for a minute  ", ""),
        ("P", "warn bold"),
        ("  the tube is paused", ""),
    ],
    [
        ("  ● × ◌", "bold"),
        ("  server up, down, connecting       ", ""),
        ("–", "bold"),
        ("  not known", ""),
    ],
    [],
    [("  DRAIN = ready ÷ (out - in).  IN/s = jobs put, OUT/s = jobs deleted, over 5 s.", "dim")],
]

_KEY_NAMES = {
    "escape": "esc", "question_mark": "?", "slash": "/", "colon": ":", "less_than_sign": "<",
    "greater_than_sign": ">", "plus": "+", "minus": "-", "equals_sign": "=", "pagedown": "PgDn",
    "pageup": "PgUp", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


class HelpScreen(Dialog[None]):
    """Shows bindings, grouped by what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1,enter", "close", "Close", key_display="esc"),
    ]

    def __init__(self, bindings: Iterable[ActiveBinding]) -> None:
        super().__init__("Help", [])
        self._groups = _grouped(bindings)

    def compose_more(self) -> ComposeResult:
        with VerticalScroll():
            yield Lines(id="help-lines")

    def on_mount(self) -> None:
        lines: list[Line] = []
        for heading, keys in self._groups.items():
            columns = 2 if self.app.size.width >= 100 else 1
            lines += [[(heading, "sorted bold")], *_in_columns(keys, columns), []]
        lines += [[("Signs", "sorted bold")], *SIGNS, [], [("  esc or ? closes this.", "dim")]]
        self.query_one("#help-lines", Lines).show(lines)

    def action_close(self) -> None:
        self.dismiss(None)


def _grouped(bindings: Iterable[ActiveBinding]) -> dict[str, list[tuple[str, str]]]:
    """Headings, and under each of them what to press and what it does."""
    by_action: dict[tuple[str, str, str], list[str]] = {}
    for node, binding, _, _ in bindings:
        if binding.system or not binding.description:
            continue
        heading = "Move" if isinstance(node, (LiveTable, BodyView)) else "Look"
        if binding.action in CHANGING:
            heading = "Change (asks first)"
        elif binding.action in (
            "quit",
            "leave",
            "app.leave",
            "suspend_process",
            "command_palette",
            "app.help",
        ):
            heading = "Program"
        meaning = binding.tooltip or binding.description
        by_action.setdefault((heading, binding.action, meaning), []).append(_key_name(binding.key))
    groups: dict[str, list[tuple[str, str]]] = {
        "Move": [],
        "Look": [],
        "Change (asks first)": [],
        "Program": [],
    }
    for (heading, _, meaning), keys in by_action.items():
        groups[heading].append((" ".join(keys), meaning))
    return {heading: keys for heading, keys in groups.items() if keys}


def _key_name(key: str) -> str:
    return _KEY_NAMES.get(key, key.replace("ctrl+", "^"))


def _in_columns(keys: list[tuple[str, str]], columns: int) -> list[Line]:
    """Entries from top to bottom, then in the next column."""
    entries = [[(f"  {key:<9}", "bold"), (f"{meaning:<34}", "")] for key, meaning in keys]
    height = -(-len(entries) // columns)
    return [list(chain(*entries[at::height])) for at in range(height)]
