"""The part of the app that shows toasts, and logs all of them."""

import os
from collections import deque
from typing import Literal, TypeAlias

from beantop.app.session.log import MAX_ENTRIES, Entry, LogFile
from beantop.app.session.news import News
from beantop.app.session.session import Session
from beantop.app.terminal import notification
from beantop.app.textual_private import TextualApp
from beantop.formatting import printable

MAX_TOASTS = 3
"""Maximum on the screen: more would hide what they are about."""

ALARM_SECONDS = 8.0

Severity: TypeAlias = Literal["information", "warning", "error"]


class ToastingApp(TextualApp):
    """An app that logs every toast it shows."""

    ALLOW_SELECT = False
    """Off, since nothing that beantop draws is selectable anyway; `y` copies.

    Textual would fail when a selection starts on a widget that was just removed, as a click does
    with a toast.
    """

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
        """Show and log a toast. If there are `MAX_TOASTS` already, it replaces the oldest."""
        self.keep_toasts(MAX_TOASTS - 1)
        self._note(severity, message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def tell(self, news: News) -> None:
        """Show and log news. Alarms also ring the bell and notify the desktop, if enabled."""
        if news.on_screen:
            self._note(news.severity, news.sentence)
            return
        timeout = ALARM_SECONDS if news.is_alarm else None
        self.notify(news.sentence, severity=news.severity, markup=False, timeout=timeout)
        settings = self.session.start.settings
        if news.is_alarm and settings.bell:
            self.bell()
        if news.is_alarm and settings.desktop and not self.is_headless:
            self.write_to_terminal(notification(news.sentence, os.environ.get("TERM", "")))

    def _note(self, severity: Severity, message: str) -> None:
        entry = Entry(self.session.wall(), severity, printable(message))
        self.said.append(entry)
        if self._log_file:
            self._log_file.note(entry)
