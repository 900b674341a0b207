"""How long jobs wait and take: for a tube by class, for a server by tube."""

import math
from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.widget import Widget

from beantop.app.messages import Resumed
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.session.profiled import FAST, USUAL, Wanted
from beantop.app.session.server_session import ServerSession
from beantop.app.session.server_view import ServerView
from beantop.app.session.services import Services
from beantop.app.view.column import Column
from beantop.app.view.header import tubes_header
from beantop.app.view.lines import SEPARATOR, Line, dimmed
from beantop.app.view.profile_lines import (
    histograms,
    indented,
    profile_rule,
    unknown_words,
    workers_words,
)
from beantop.app.view.profile_table import (
    ProfileRow,
    by_rate,
    profile_columns,
    row_key,
)
from beantop.app.view.tube_header import tube_header
from beantop.app.view.tube_rows import TubeRow
from beantop.app.widgets.live_table import LiveTable
from beantop.app.widgets.styled import Lines
from beantop.formatting import fine_duration, printable, rough_duration
from beantop.monitor.followed_job import TubeTimes
from beantop.monitor.snapshot import Tube
from beantop.monitor.staffing import staffing

MAX_SECONDS = 0.03
"""Seconds that estimates may take at each redraw; the rest is done at later ones."""

REST_SECONDS = 0.1
"""Seconds until the next estimates, while some rows have none yet."""

MIN_ROWS = 3
"""Rows that the table keeps, however much is below it."""


class Known(NamedTuple):
    """Estimated times, and when they were estimated."""

    at: float
    times: TubeTimes | None


NEVER = Known(-math.inf, None)


class ProfileScreen(ServerScreen):
    """The times of the jobs of a tube, or of all tubes of the server if that is None."""

    FOOTER = ("faster", "copy")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "faster", "Faster", tooltip="Sample jobs more often, or as often as before"),
        Binding("y", "copy", "Copy", tooltip="Copy the table"),
        Binding("escape,percent_sign", "back", "Back", key_display="esc"),
    ]

    def __init__(
        self,
        server: ServerSession,
        services: Services,
        views: Sequence[ServerView],
        tube: str | None,
    ) -> None:
        super().__init__(server, services, views)
        self.only_tube = tube
        self._is_fast = False
        self._known: dict[str, Known] = {}
        self.table: LiveTable[ProfileRow, str] = LiveTable(
            self._columns, row_key, marks=False, id="profile", classes="main"
        )

    def compose_body(self) -> Iterable[Widget]:
        yield Lines(id="rule")
        yield self.table
        yield Lines(id="times")

    @property
    def profiled(self) -> Wanted | None:
        return Wanted(self.only_tube, FAST if self._is_fast else USUAL)

    def tube_under_cursor(self, number: int) -> str | None:
        return self.only_tube if number == self.server.number else None

    # What is shown:

    def header(self) -> list[Line]:
        if self.only_tube is None:
            return tubes_header(self.view, *self.size)
        known = self.view.watched.snapshot.tubes.get(self.only_tube)
        row = TubeRow(known or Tube(self.only_tube, 0.0), self.view.watched.history)
        gone = known is None and self.view.watched.seen
        return tube_header(self.view, row, gone, *self.size)[:2]

    def redraw_body(self) -> None:
        if not self.view.is_frozen or not self._known:
            self._estimate()
        rows = self._rows()
        self.table.fade(self.view.stale)
        self.query_one("#rule", Lines).show([self._rule()])
        self.table.show(rows)
        self._show_below()

    def _rule(self) -> Line:
        times = self._known.get("", NEVER).times
        pace = self.server.profiler.pace
        words = ["Times of jobs" if self.only_tube is not None else "Times of jobs, by tube"]
        if times:
            age = rough_duration(self.view.now - times.since)
            words.append(f"put in the last {age}")
        words.append(f"sampled every {fine_duration(pace)}")
        return profile_rule(words, self.size.width)

    def _estimate(self) -> None:
        """Estimate some of the times again, for about `MAX_SECONDS`: the oldest ones on the screen first."""
        began, keys = perf_counter(), self._keys()
        known = {key: self._known.get(key, NEVER) for key in keys}
        seen = {row.key for row in self.table.visible_rows} & known.keys()
        for key in sorted(keys, key=lambda key: (key not in seen, known[key].at)):
            known[key] = Known(self.view.now, self._times_of(key))
            if perf_counter() - began > MAX_SECONDS:
                break
        self._known = known
        if any(known[key] is NEVER for key in seen or keys):
            self.set_timer(REST_SECONDS, self.redraw)

    def _times_of(self, key: str) -> TubeTimes | None:
        times = self.server.profiler.times
        if times is None:
            return None
        return (
            times.tube_times(key)
            if self.only_tube is None
            else times.tube_times(self.only_tube, key)
        )

    def _keys(self) -> list[str]:
        times = self.server.profiler.times
        if times is None:
            return [] if self.only_tube is None else [""]
        return times.tubes if self.only_tube is None else ["", *times.classes(self.only_tube)]

    def _rows(self) -> list[ProfileRow]:
        times, history = self.server.profiler.times, self.view.watched.history
        pace = self.server.profiler.pace
        if self.only_tube is None:
            rates = {key: history.tube_rates(key).put for key in self._known}
        else:
            put = history.tube_rates(self.only_tube).put
            shares = times.classes(self.only_tube) if times else {}
            rates = {
                key: None if put is None else put * shares.get(key, 0.0) for key in self._known
            }
            rates[""] = put
        rows = [
            ProfileRow(
                key, known.times, rates[key], known.times.resolution if known.times else pace
            )
            for key, known in self._known.items()
        ]
        if self.only_tube is None:
            return by_rate(rows)
        return [*(row for row in rows if not row.key), *by_rate([row for row in rows if row.key])]

    def _columns(self, width: int) -> list[Column[ProfileRow]]:
        return profile_columns(width, of_tubes=self.only_tube is None)

    def _show_below(self) -> None:
        """Show the histograms and sentences below the table, and give them the lines they need."""
        width, height = self.size
        row, profiler = self.table.current, self.server.profiler
        words: list[Line] = []
        tube = self.view.watched.snapshot.tubes.get(self.only_tube or "")
        if tube and row and row.times:
            words.append(workers_words(staffing(profiler.polls), tube))
        draining = bool(self.view.watched.snapshot.server.draining)
        words += unknown_words(
            row, of_tubes=self.only_tube is None, draining=draining, trouble=profiler.trouble
        )
        sentences = indented(words, width)
        # 4 lines: the rule, the column heads, an empty line, and the footer.
        free = height - len(self.header()) - 4 - len(self.status_lines()) - len(sentences)
        rows = max(1, min(len(self.table.rows), max(MIN_ROWS, free - 14)))
        picture = histograms(row, width, free - rows - 1) if row else []
        lines = [*picture, [], *sentences] if picture else sentences
        title: list[Line] = [[]]
        if picture and row and len(self.table.rows) > 1:
            title = [profile_rule([row.name], width)]
        self.table.styles.height = rows + 1
        below = [*title, *lines]
        self.query_one("#times", Lines).show(
            [dimmed(line) for line in below] if self.view.stale else below
        )

    def status(self) -> Line:
        place = [printable(self.view.known.title)]
        place += ["tubes" if self.only_tube is None else printable(self.only_tube), "times"]
        return [(f" {SEPARATOR.join(place)}", "dim")]

    def on_live_table_highlighted(self) -> None:
        self.redraw_status()
        self._show_below()

    # Keys:

    def action_faster(self) -> None:
        """Sample jobs more often, or as usual again."""
        self._is_fast = not self._is_fast
        seconds = f"{FAST if self._is_fast else USUAL:g}s"
        self.say(
            f"beantop samples jobs every {seconds}, or less often"
            " if that would take more than 0.5% of the server's time."
        )
        self.post_message(Resumed())

    async def action_back(self) -> None:
        await self.run_action("app.leave")

    def action_copy(self) -> None:
        columns = self._columns(10_000)
        heads = "\t".join(column.label.strip() for column in columns)
        rows = [
            "\t".join(column.cell(row)[0].strip() for column in columns) for row in self.table.rows
        ]
        self.copy("\n".join([heads, *rows]), "the table")
