"""What is wrong now on all servers, since when, and the alerts that were resolved in this session."""

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from beantop.app.dialogs.dialog import button, button_line, room_in
from beantop.app.dialogs.pick import PickDialog
from beantop.app.session.alarms import Alarms, Fired
from beantop.app.session.present import ALERT, Present
from beantop.app.view.cells import LINK_SIGNS, SIGN_STYLES
from beantop.app.view.lines import Line, fitted, shorten, shorten_end, width_of
from beantop.formatting import duration, grouped, printable, rough_duration

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

NO_ALERTS: Line = [("No alerts are set: page 3 of the help (?) tells how.", "dim")]

ALL_WELL: Line = [("Nothing is wrong: no tube has a sign, and no alert fires.", "")]

MAX_SHOWN = 200
"""Limit on the entries that are listed."""

LASTED = 7
"""Cells of the time that an entry has lasted, as `>2d 4h`."""

_STYLES = {**SIGN_STYLES, ALERT: "alarm", "×": LINK_SIGNS["down"][1]}


class AlertsDialog(PickDialog[Present | None]):
    """Lists what is wrong, and updates the list while it is open; the answer is where to go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move(1)", "Down"),
        Binding("k", "move(-1)", "Up"),
        Binding("pagedown,space", "move(10)", "Page down"),
        Binding("pageup", "move(-10)", "Page up"),
        Binding("home,g", "move(-100000)", "Top"),
        Binding("end,G", "move(100000)", "Bottom"),
        Binding("escape,q,x", "close", "Close"),
    ]

    def __init__(
        self,
        list_present: Callable[[int], tuple[list[Present], int]],
        alarms: Alarms,
        now: Callable[[], float],
        wall: Callable[[], float],
        *,
        width: int,
        several: bool,
    ) -> None:
        """`list_present` returns up to that many of what is wrong, and the number of all. `width` is
        that of the window, in cells; `several` whether there are several servers."""
        self._list_present, self._alarms, self._now, self._wall = list_present, alarms, now, wall
        self._width, self._several = room_in(width), several
        self._present, self._total = list_present(MAX_SHOWN)
        super().__init__("What is wrong now", self.rows(), self._about())

    def on_mount(self) -> None:
        self.set_interval(1.0, self._update)

    def _update(self) -> None:
        """List again, with the cursor on the same entry if it is still there."""
        before = self._present[self.cursor].key if self._present else None
        self._present, self._total = self._list_present(MAX_SHOWN)
        keys = [one.key for one in self._present]
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
            self.answer(self._present[self.cursor] if self._present else None)

    def action_close(self) -> None:
        self.answer(None)

    # What is shown:

    def before(self) -> list[Line]:
        return []

    def entries(self) -> list[Line]:
        return [self._entry(one) for one in self._present]

    def rows(self) -> list[Line]:
        lines = super().rows() if self._present else [[], ALL_WELL]
        if more := self._total - len(self._present):
            lines.append([(f"    and {grouped(more)} more", "dim")])
        if resolved := self._alarms.ended:
            lines += [[], [("Resolved in this session", "sorted bold")]]
            lines += [line for alert in reversed(resolved) for line in self._resolved(alert)]
        if not self._alarms.alerts:
            lines += [[], NO_ALERTS] if self._present else [[], *NONE_SET]
        return lines

    def _entry(self, one: Present) -> Line:
        number = f"{one.number} " if self._several else ""
        cells = max(14, self._width // 3 - 2)
        name = shorten(printable(one.tube) or one.server, cells)
        before: Line = [(f" {one.code} ", _STYLES[one.code]), (number, "dim")]
        before.append((f"{fitted(name, cells)}  ", "bold"))
        room = max(8, self._width - width_of(before) - LASTED - 2)
        fits = width_of([(one.sentence, "")]) <= room
        reason = one.sentence if fits else shorten_end(one.short, room)
        return [*before, (fitted(reason, room), ""), (f"{self._lasted(one):>{LASTED + 1}} ", "")]

    def _about(self) -> list[Line]:
        """Return the entry under the cursor in full, and the keys."""
        keys = [button("↓ ↑", "Move"), button("enter", "Go there"), button("esc", "Close")]
        if not self._present:
            return [[], button_line(keys[2:])]
        one = self._present[self.cursor]
        tube = f"{printable(one.tube)} on " if one.tube else ""
        place = f"{tube}{one.number} {one.server}" if self._several else f"{tube}{one.server}"
        words: Line = [(f"  {one.code} ", _STYLES[one.code]), (one.sentence, "warn")]
        since: Line = [(f"  {self._since(one)}", "")]
        return [[], [(f"  {place}", "bold")], words, since, [], button_line(keys)]

    def _lasted(self, one: Present) -> str:
        if one.since is None:
            return ""
        lasted = rough_duration(max(0.0, self._now() - one.since))
        return lasted if one.has_begun else f">{lasted}"

    def _since(self, one: Present) -> str:
        if one.since is None:
            return "now"
        before = "" if one.has_begun else "before "
        lasted = self._lasted(one).replace(">", "over ")
        return f"since {before}{self._time(one.since)}, for {lasted}"

    def _resolved(self, alert: Fired) -> list[Line]:
        lasted = duration((alert.ended or 0.0) - alert.case.since)
        return [[(f" {self._time(alert.case.since)}  {lasted:>7}  {alert.about}", "dim")]]

    def _time(self, at: float) -> str:
        """Return the time of day for a time of the monotonic clock."""
        return time.strftime("%H:%M:%S", time.localtime(self._wall() - self._now() + at))
