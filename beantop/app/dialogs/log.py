"""All that toasts said in this session, for whoever looked away."""

import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from beantop.app.dialogs.dialog import Notice
from beantop.app.session.log import Entry
from beantop.app.view.lines import Line
from beantop.formatting import printable
from beantop.jobs.aside import in_time_async

WIDTH = 66
"""Cells of a line with its time: so it can be read in a window of 80 columns."""

LATEST = 2.0**33
"""Unix time of the last moment that is shown as one: the year 2242."""

MAX_ACTIONS = 200
"""Changes that are listed."""

_STYLES = {"warning": "warn", "error": "bad"}


Actions: TypeAlias = Sequence[Mapping[str, object]]


class LogDialog(Notice):
    """Lists what was said, and what was changed in this session and before; the newest first.

    `read_actions` gives the changes, from a file: they are shown as soon as they come.
    """

    def __init__(
        self, entries: Sequence[Entry], read_actions: Callable[[], Actions] | None = None
    ) -> None:
        said = [line for entry in reversed(entries) for line in _lines(entry)]
        self._said: list[Line] = said or [[(" Nothing was said yet.", "dim")]]
        self._read_actions = read_actions
        super().__init__("Log", self._said)

    def on_mount(self) -> None:  # after the one of Dialog: Textual calls both
        if self._read_actions:
            self.run_worker(self._add_actions(self._read_actions))

    async def _add_actions(self, read: Callable[[], Actions]) -> None:
        heading: list[Line] = [[], [(" Changes, also of earlier sessions", "sorted bold")]]
        try:
            actions = await in_time_async(read)
        except TimeoutError as error:
            self.show([*self._said, *heading, [(f" cannot be read: {error.strerror}", "warn")]])
            return
        if actions:
            lines = [line for action in reversed(actions) for line in _action(action)]
            self.show([*self._said, *heading, *lines])


def _lines(entry: Entry) -> list[Line]:
    at = time.strftime("%H:%M:%S", time.localtime(entry.at))
    return _wrapped(at, entry.text, _STYLES.get(entry.severity, ""))


def _action(action: Mapping[str, object]) -> list[Line]:
    at = action.get("time")
    seconds = at if isinstance(at, int | float) and 0 <= at < LATEST else 0
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    said = f"{action.get('what')} {action.get('target')}"
    if "total" in action:
        said += f": {action.get('done')} of {action.get('total')}"
    about = f"{said}  ({action.get('who')} on {action.get('server')})"
    return _wrapped(day, printable(about), "")


def _wrapped(at: str, text: str, style: str) -> list[Line]:
    first, *others = textwrap.wrap(text, WIDTH - len(at)) or [""]
    indent = " " * (len(at) + 3)
    return [
        [(f" {at}  ", "dim"), (first, style)],
        *([(f"{indent}{other}", style)] for other in others),
    ]
