"""What fires since when, and what fired in this session."""

import time
from collections.abc import Callable

from beantop.app.dialogs.dialog import Notice
from beantop.app.session.alarms import Alarms, Fired
from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped

NONE_SET: list[Line] = [
    [("No alerts are set. In the configuration file, for example:", "")],
    [],
    [("  [[alert]]", "bold")],
    [('  tubes = "*"', "bold")],
    [('  when = "buried > 0"', "bold")],
    [('  for = "30s"', "bold")],
    [],
    [("Signs need no alert: ! shows the tubes that have one, s and ! sorts by them.", "")],
    [("beantop --paths says where that file is, --default-config what it may say.", "dim")],
]

MAX_SHOWN = 200
"""How many of those that fire are listed."""

BELOW = " " * 27
"""What stands before the second line of an alert: the width of `since 14:13:20    2m3s`."""


class AlertsDialog(Notice):
    """Lists alerts, and goes on doing so while it is open."""

    def __init__(self, alarms: Alarms, now: Callable[[], float], wall: Callable[[], float]) -> None:
        self._alarms, self._now, self._wall = alarms, now, wall
        super().__init__("Alerts", self._list())

    def on_mount(self) -> None:
        self.set_interval(1.0, lambda: self.show(self._list()))

    def _list(self) -> list[Line]:
        if not self._alarms.alerts:
            return NONE_SET
        firing, ended = self._alarms.newest(MAX_SHOWN), self._alarms.ended
        lines: list[Line] = [[("Firing", "sorted bold")]]
        lines += [line for one in firing for line in self._firing(one)] or [[("  nothing", "dim")]]
        if more := self._alarms.count - len(firing):
            lines.append([(f"{BELOW}and {grouped(more)} more", "dim")])
        if ended:
            lines += [[], [("Over, in this session", "sorted bold")]]
            lines += [line for one in reversed(ended) for line in self._over(one)]
        return [*lines, []]

    def _firing(self, one: Fired) -> list[Line]:
        lasted = duration(self._now() - one.case.since)
        return [
            [
                (f"  since {self._time(one.case.since)}  ", ""),
                (f"{lasted:>7}  ", "bad bold"),
                (one.values, "bold"),
            ],
            [(f"{BELOW}{one.place}", "")],
            [(f"{BELOW}{one.rule}", "dim")],
        ]

    def _over(self, one: Fired) -> list[Line]:
        lasted = duration((one.ended or 0.0) - one.case.since)
        return [
            [(f"        {self._time(one.case.since)}  {lasted:>7}  {one.place}", "dim")],
            [(f"{BELOW}{one.rule}", "dim")],
        ]

    def _time(self, at: float) -> str:
        """A moment of the monotonic clock as the time of day."""
        return time.strftime("%H:%M:%S", time.localtime(self._wall() - self._now() + at))
