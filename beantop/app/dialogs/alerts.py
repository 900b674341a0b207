"""What is wrong now on all servers, since when, and the alerts that were resolved in this session."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.dialogs.dialog import button, button_line, room_in
from beantop.app.dialogs.pick import PickDialog
from beantop.app.session.alarms import Alarms, Fired
from beantop.app.session.problems import Problem, Problems
from beantop.app.view.cells import SIGN_STYLES
from beantop.app.view.lines import Line, fitted, shorten, shorten_end, width_of
from beantop.formatting import duration, grouped, plural, printable, rough_duration

NONE_SET: list[Line] = [
    [("No alerts are set. An example for the configuration file:", "dim")],
    [],
    [("  [[alert]]", "bold")],
    [('  tubes = "*"', "bold")],
    [('  when = "buried > 0"', "bold")],
    [('  for = "30s"', "bold")],
    [],
    [("--paths prints the path of that file, --default-config an example.", "dim")],
]

NO_ALERTS: Line = [("No alerts are set: page 3 of the help (?) shows how.", "dim")]

ALL_WELL = "Nothing is wrong: no tube has a sign, and no alert is firing."
NONE_KNOWN = "Nothing is known to be wrong."

MAX_SHOWN = 200
"""Limit on the entries that are listed."""

LASTED = 7
"""Cells of the time that an entry has lasted, as `>2d 4h`."""


class AlertsDialog(PickDialog[Problem | None]):
    """Lists what is wrong, and updates the list while it is open; the answer is where to go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,space", "move(10)", "Page down"),
        Binding("pageup", "move(-10)", "Page up"),
        Binding("home,g", "move(-100000)", "Top"),
        Binding("end,G", "move(100000)", "Bottom"),
        Binding("escape,q,x", "close", "Close"),
    ]

    def __init__(
        self,
        list_problems: Callable[[int], Problems],
        alarms: Alarms,
        now: Callable[[], float],
        wall: Callable[[], float],
        *,
        width: int,
        several: bool,
    ) -> None:
        """`list_problems` returns what is wrong, up to that many entries. `width` is that of the window,
        in cells; `several` whether there are several servers."""
        self._list_problems, self._alarms, self._now, self._wall = list_problems, alarms, now, wall
        self._width, self._several = room_in(width), several
        self._problems = list_problems(MAX_SHOWN)
        super().__init__("What is wrong now", self.rows(), self._about())

    def on_mount(self) -> None:
        self.set_interval(1.0, self._update)

    def _update(self) -> None:
        """List again, with the cursor on the same entry if it is still there."""
        before = self._problems.listed[self.cursor].key if self._problems.listed else None
        self._problems = self._list_problems(MAX_SHOWN)
        keys = [one.key for one in self._problems.listed]
        self.cursor = keys.index(before) if before in keys else min(self.cursor, len(keys) - 1)
        self.cursor = max(0, self.cursor)
        self.redraw()

    def redraw(self) -> None:
        self.show(self.rows(), self._about())

    def on_resize(self, event: events.Resize) -> None:
        self._width = room_in(self.app.size.width)
        self.redraw()

    def on_key(self, event: events.Key) -> None:
        """Handle enter here: as a binding, it would run after the keys that follow it."""
        if event.key == "enter":
            event.stop()
            self.answer(self._problems.listed[self.cursor] if self._problems.listed else None)

    def action_close(self) -> None:
        self.answer(None)

    # What is shown:

    def before(self) -> list[Line]:
        return []

    def entries(self) -> list[Line]:
        return [self._entry(one) for one in self._problems.listed]

    def rows(self) -> list[Line]:
        lines = super().rows() if self._problems.listed else [[], [(self._none_listed(), "")]]
        if more := self._problems.total - len(self._problems.listed):
            lines.append([(f"    and {grouped(more)} more", "dim")])
        if self._problems.listed and (unknown := self._without_data()):
            lines += [[], [(unknown, "dim")]]
        if resolved := self._alarms.ended:
            lines += [[], [("Resolved in this session", "sorted bold")]]
            lines += [line for alert in reversed(resolved) for line in self._resolved(alert)]
        if not self._alarms.alerts:
            lines += [[], NO_ALERTS] if self._problems.listed else [[], *NONE_SET]
        return lines

    def _none_listed(self) -> str:
        """Return that nothing is wrong, as far as that is known."""
        unknown = self._without_data()
        return f"{NONE_KNOWN} {unknown}" if unknown else ALL_WELL

    def _without_data(self) -> str:
        """Return of how many servers and tubes nothing is known, as a sentence; "" if of none."""
        servers, tubes = self._problems.unknown_servers, self._problems.unknown_tubes
        parts = [f"from {plural(servers, 'server')}"] if servers else []
        parts += [f"for {plural(tubes, 'tube')}"] if tubes else []
        return f"No data yet {' and '.join(parts)}." if parts else ""

    def _entry(self, one: Problem) -> Line:
        number = f"{one.number} " if self._several else ""
        cells = max(14, self._width // 3 - 2)
        name = shorten(printable(one.tube) or one.server, cells)
        before: Line = [(f" {one.code} ", SIGN_STYLES[one.code]), (number, "dim")]
        before.append((f"{fitted(name, cells)}  ", "bold"))
        room = max(8, self._width - width_of(before) - LASTED - 2)
        fits = width_of([(one.sentence, "")]) <= room
        reason = one.sentence if fits else shorten_end(one.short, room)
        return [*before, (fitted(reason, room), ""), (f"{self._lasted(one):>{LASTED + 1}} ", "")]

    def _about(self) -> list[Line]:
        """Return the entry under the cursor in full, and the keys."""
        keys = [button("↓ ↑", "Move"), button("enter", "Go there"), button("esc", "Close")]
        if not self._problems.listed:
            return [[], button_line(keys[2:])]
        one = self._problems.listed[self.cursor]
        tube = f"{printable(one.tube)} on " if one.tube else ""
        place = f"{tube}{one.number} {one.server}" if self._several else f"{tube}{one.server}"
        words: Line = [(f"  {one.code} ", SIGN_STYLES[one.code]), (one.sentence, "warn")]
        since: Line = [(f"  {self._since(one)}", "")]
        return [[], [(f"  {place}", "bold")], words, since, [], button_line(keys)]

    def _lasted(self, one: Problem) -> str:
        if one.since is None:
            return ""
        lasted = rough_duration(max(0.0, self._now() - one.since))
        return lasted if one.has_begun else f">{lasted}"

    def _since(self, one: Problem) -> str:
        if one.since is None:
            return "now"
        before = "" if one.has_begun else "before "
        lasted = self._lasted(one).replace(">", "over ")
        return f"since {before}{self._time(one.since)}, for {lasted}"

    def _resolved(self, fired: Fired) -> list[Line]:
        lasted = duration((fired.ended or 0.0) - fired.alert.since)
        return [[(f" {self._time(fired.alert.since)}  {lasted:>7}  {fired.about}", "dim")]]

    def _time(self, at: float) -> str:
        """Return the time of day for a time of the monotonic clock."""
        return time.strftime("%H:%M:%S", time.localtime(self._wall() - self._now() + at))
