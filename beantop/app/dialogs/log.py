"""The log: all messages of this session, and the changes from the action log."""

import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from beantop.app.dialogs.dialog import Notice
from beantop.app.session.log import Entry
from beantop.app.view.lines import Line
from beantop.formatting import printable
from beantop.jobs.aside import in_time_async
from beantop.jobs.storage import describe_file_error

WIDTH = 66
"""Width of a line with its time, in cells: it fits in a window of 80 columns."""

LATEST = 2.0**33
"""Latest Unix time that is shown: in the year 2242. A later one is shown as 0."""

MAX_ACTIONS = 200
"""Limit on the changes that are listed."""

NAMED = 8
"""Limit on the tubes of a change that are named."""

_STYLES = {"warning": "warn", "error": "bad"}


Actions: TypeAlias = Sequence[Mapping[str, object]]


class LogDialog(Notice):
    """Lists messages, and changes of this and earlier sessions; the newest first.

    `read_actions` reads the changes from a file; they are shown when they arrive.
    """

    def __init__(
        self, entries: Sequence[Entry], read_actions: Callable[[], Actions] | None = None
    ) -> None:
        messages = [line for entry in reversed(entries) for line in _lines(entry)]
        self._messages: list[Line] = messages or [[(" No messages yet.", "dim")]]
        self._read_actions = read_actions
        super().__init__("Log", self._messages)

    def on_mount(self) -> None:  # Textual also calls Dialog.on_mount, first
        if self._read_actions:
            self.run_worker(self._add_actions(self._read_actions))

    async def _add_actions(self, read: Callable[[], Actions]) -> None:
        heading: list[Line] = [[], [(" Changes, including earlier sessions", "sorted bold")]]
        try:
            actions = await in_time_async(read)
        except TimeoutError as error:
            problem: Line = [
                (f" The log of actions cannot be read: {describe_file_error(error)}", "warn")
            ]
            self.show([*self._messages, *heading, problem])
            return
        if actions:
            lines = [line for action in reversed(actions) for line in _action(action)]
            self.show([*self._messages, *heading, *lines])


def _lines(entry: Entry) -> list[Line]:
    at = time.strftime("%H:%M:%S", time.localtime(entry.at))
    return _wrapped(at, entry.text, _STYLES.get(entry.severity, ""))


def _action(action: Mapping[str, object]) -> list[Line]:
    at = action.get("time")
    seconds = at if isinstance(at, int | float) and 0 <= at < LATEST else 0
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    text = f"{action.get('what')} {action.get('target')}"
    done, total = action.get("done"), action.get("total")
    if "total" in action and total != 1:
        text += _named(action.get("tubes"))
        text += "" if done == total else f": {done} of {total} done"
    text += f"  ({action.get('who')} on {action.get('server')})"
    return _wrapped(day, printable(text), "")


def _named(tubes: object) -> str:
    """Return the names of the tubes of an action, if it has any."""
    if not isinstance(tubes, dict) or not tubes:
        return ""
    names, more = list(tubes)[:NAMED], len(tubes) - NAMED
    return f" ({', '.join(names)}{f' and {more} more' if more > 0 else ''})"


def _wrapped(at: str, text: str, style: str) -> list[Line]:
    first, *others = textwrap.wrap(text, WIDTH - len(at)) or [""]
    indent = " " * (len(at) + 3)
    return [
        [(f" {at}  ", "dim"), (first, style)],
        *([(f"{indent}{other}", style)] for other in others),
    ]
