"""The part of the app that says things: a few toasts at once, and a log of all of them."""

from collections import deque
from typing import Literal, TypeAlias

from beantop.app.driver import DrawingApp
from beantop.app.session.log import MAX_ENTRIES, Entry, LogFile
from beantop.app.session.news import News
from beantop.app.session.session import Session
from beantop.app.terminal import tell_desktop
from beantop.formatting import printable

MAX_TOASTS = 3
"""At once: more would hide what they are about."""

ALARM_SECONDS = 8.0

Severity: TypeAlias = Literal["information", "warning", "error"]


class ToastingApp(DrawingApp):
    """Notes in the log whatever it shows as a toast."""

    ALLOW_SELECT = False
    """Textual asks the widget under the mouse for its place when a selection begins, also one that
    was just taken away, as a toast is by a click. `y` copies; what we draw was never selectable."""

    session: Session

    def __init__(self, *, log: LogFile | None, ansi_color: bool | None) -> None:
        self.said: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._log_file = log
        super().__init__(ansi_color=ansi_color)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Severity = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a toast, instead of the oldest of `MOST_TOASTS`, and note in the log what it says."""
        while len(self._notifications) >= MAX_TOASTS:  # nothing public takes one away
            self._unnotify(next(iter(self._notifications)))
        self._note(severity, message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def tell(self, news: News) -> None:
        """Say it; an alarm also as the user wants it told outside the screen."""
        if news.on_screen:
            self._note(news.severity, news.sentence)
            return
        timeout = ALARM_SECONDS if news.is_alarm else None
        self.notify(news.sentence, severity=news.severity, markup=False, timeout=timeout)
        settings = self.session.start.settings
        if news.is_alarm and settings.bell:
            self.bell()
        if news.is_alarm and settings.desktop and not self.is_headless:
            tell_desktop(self, news.sentence)

    def _note(self, severity: Severity, message: str) -> None:
        entry = Entry(self.session.wall(), severity, printable(message))
        self.said.append(entry)
        if self._log_file:
            self._log_file.note(entry)
