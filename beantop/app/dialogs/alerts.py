"""The alerts that are firing, and those that fired in this session."""

import time
from collections.abc import Callable

from beantop.app.dialogs.dialog import Notice
from beantop.app.session.alarms import Alarms, Fired
from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped

NONE_SET: list[Line] = [
    [("No alerts are set. An example for the configuration file:", "")],
    [],
    [("  [[alert]]", "bold")],
    [('  tubes = "*"', "bold")],
    [('  when = "buried > 0"', "bold")],
    [('  for = "30s"', "bold")],
    [],
    [("Signs need no alert: ! shows only the tubes that have one.", "")],
    [("--paths prints the path of that file, --default-config an example.", "dim")],
]

MAX_SHOWN = 200
"""Limit on the firing alerts that are listed."""

BELOW = " " * 27
"""Indent of an alert's second line: the width of `  since 14:13:20     2m3s  `."""


class AlertsDialog(Notice):
    """Lists alerts, and updates the list while it is open."""

    def __init__(self, alarms: Alarms, now: Callable[[], float], wall: Callable[[], float]) -> None:
        self._alarms, self._now, self._wall = alarms, now, wall
        super().__init__("Alerts", self._list())

    def on_mount(self) -> None:
        self.set_interval(1.0, lambda: self.show(self._list()))

    def _list(self) -> list[Line]:
        if not self._alarms.alerts:
            return NONE_SET
        firing, resolved = self._alarms.newest(MAX_SHOWN), self._alarms.ended
        lines: list[Line] = [[("Firing", "sorted bold")]]
        lines += [line for alert in firing for line in self._firing(alert)] or [
            [("  nothing", "dim")]
        ]
        if more := self._alarms.count - len(firing):
            lines.append([(f"{BELOW}and {grouped(more)} more", "dim")])
        if resolved:
            lines += [[], [("Resolved in this session", "sorted bold")]]
            lines += [line for alert in reversed(resolved) for line in self._resolved(alert)]
        return [*lines, []]

    def _firing(self, alert: Fired) -> list[Line]:
        lasted = duration(self._now() - alert.case.since)
        return [
            [
                (f"  since {self._time(alert.case.since)}  ", ""),
                (f"{lasted:>7}  ", "bad bold"),
                (alert.values, "bold"),
            ],
            [(f"{BELOW}{alert.place}", "")],
            [(f"{BELOW}{alert.rule}", "dim")],
        ]

    def _resolved(self, alert: Fired) -> list[Line]:
        lasted = duration((alert.ended or 0.0) - alert.case.since)
        return [
            [(f"        {self._time(alert.case.since)}  {lasted:>7}  {alert.place}", "dim")],
            [(f"{BELOW}{alert.rule}", "dim")],
        ]

    def _time(self, at: float) -> str:
        """Return the time of day for a time of the monotonic clock."""
        return time.strftime("%H:%M:%S", time.localtime(self._wall() - self._now() + at))
