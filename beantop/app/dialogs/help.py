"""All keys of the screen below, made from its bindings, and what signs and columns mean."""

from collections.abc import Iterable
from itertools import chain

from textual.binding import ActiveBinding
from textual.keys import key_to_character

from beantop.app.actions.table import ACTIONS
from beantop.app.dialogs.dialog import Notice
from beantop.app.drawing.lines import Line
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.live_table import LiveTable

HEADINGS = ("Move", "Look", "Change (asks first)", "Program")

_PROGRAM = {"quit", "leave", "app.leave", "suspend_process", "command_palette", "app.help"}

SIGNS: list[Line] = [
    [("Signs, the worst one first", "sorted bold")],
    [("  W", "bad bold"), ("  jobs are ready, and no worker watches the tube", "")],
    [("  S", "bad bold"), ("  standing still: jobs are ready, workers there, and none was finished for 30 s", "")],
    [("  !", "bad bold"), ("  jobs are buried", "")],
    [("  P", "warn bold"), ("  the tube is paused", "")],
    [("  ^", "warn bold"), ("  100 more ready jobs than a minute ago, and more come in than go out", "")],
    [("  + -", "bold"), ("  the tube has just come, has just gone", "")],
    [("  *", "bold"), ("  marked by space: capitals act on all that are marked", "")],
    [("  ● × ◌", "bold"), ("  the server is up, down, not reached yet;  ", ""), ("–", "bold"), ("  not known", "")],
    [],
    [("Columns", "sorted bold")],
    [("  IN/s OUT/s   ", "bold"), ("jobs put and deleted, over 5 s; the server's OUT counts its", "")],
    [("               delete commands", "")],
    [("  DRAIN        ", "bold"), ("time until nothing is ready: ready ÷ (out - in)", "")],
    [("  ~WAIT ~WORK  ", "bold"), ("estimates for a job: ready ÷ out, reserved ÷ out", "")],
    [("  STATES       ", "bold"), ("! buried  ▓ reserved  █ ready  ░ delayed, one scale for all rows", "")],
    [("  WATCH/WAIT   ", "bold"), ("connections that watch the tube, and that wait for a job of it", "")],
    [("  LEFT         ", "bold"), ("until a delayed job is ready, or a reserved one times out;", "")],
    [("               below 0: its ttr is over, and the server has not noticed yet", "")],
    [("  RSV TMO REL BUR KCK  ", "bold"), ("how often a job was reserved, timed out,", "")],
    [("               was released, buried, kicked", "")],
]  # fmt: skip

_KEY_NAMES = {
    "escape": "esc", "space": "space", "slash": "/", "pagedown": "PgDn", "pageup": "PgUp",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "plus": "+", "minus": "-",
}  # fmt: skip


class HelpDialog(Notice):
    """Shows bindings, grouped by what they do."""

    CLOSES = "esc or ?"

    def __init__(self, bindings: Iterable[ActiveBinding], columns: int) -> None:
        lines: list[Line] = []
        for heading, keys in _grouped(bindings).items():
            lines += [[(heading, "sorted bold")], *_in_columns(keys, columns), []]
        super().__init__("Help", [*lines, *SIGNS])


def _grouped(bindings: Iterable[ActiveBinding]) -> dict[str, list[tuple[str, str]]]:
    """By heading: what to press, and what it does."""
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
    move, look, change, program = HEADINGS
    if active.binding.id in ACTIONS:
        return change
    if active.binding.action in _PROGRAM:
        return program
    return move if isinstance(active.node, (LiveTable, BodyView)) else look


def _key_name(key: str) -> str:
    return _KEY_NAMES.get(key) or key_to_character(key) or key.replace("ctrl+", "^")


def _in_columns(keys: list[tuple[str, str]], columns: int) -> list[Line]:
    """Entries from top to bottom, then in the next column."""
    entries = [[(f"  {key:<9}", "bold"), (f"{meaning:<34}", "")] for key, meaning in keys]
    height = -(-len(entries) // columns)
    return [list(chain(*entries[at::height])) for at in range(height)]
