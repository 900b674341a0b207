"""The part of the app that shows toasts, and logs all of them."""

import os
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias

from textual.notifications import Notify
from textual.screen import ModalScreen

from beantop.app.session.log import MAX_ENTRIES, Entry, LogFile
from beantop.app.session.news import News
from beantop.app.session.session import Session
from beantop.app.terminal import notification
from beantop.app.textual_private import TextualApp, toast_height
from beantop.formatting import plural, printable

MAX_TOASTS = 3
"""Maximum on the screen: more would hide what they are about."""

MAX_ROOM = 12
"""Lines for toasts where the screen does not say."""

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
        self._held: deque[Callable[[], None]] = deque(maxlen=MAX_TOASTS)
        self._held_count = 0
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
        """Show and log a toast, as soon as no dialog is open. If there are `MAX_TOASTS` already, or
        if there is no room for it, it replaces the oldest. After a dialog only the last ones are shown,
        and the number of the earlier ones."""
        self._note(severity, message)
        show: Callable[[], None] = partial(
            super().notify,
            self.as_toast(message),
            title=title,
            severity=severity,
            timeout=timeout,
            markup=markup,
        )
        self._held.append(show)
        self._held_count += 1
        self.show_held_toasts()

    def show_held_toasts(self) -> None:
        """Show the toasts that waited for a dialog to be closed, unless another one is open."""
        if self.screen_stack and isinstance(self.screen, ModalScreen):
            return
        held, count = list(self._held), self._held_count
        self._held.clear()
        self._held_count = 0
        if count > MAX_TOASTS:
            held = held[1:]
            more = plural(count - len(held), "earlier message")
            super().notify(f"{more}: press : and type log.", markup=False)
        for show in held:
            show()

    def on_notify(self, event: Notify) -> None:
        """Make room for a toast, before Textual shows it."""
        height = toast_height(event.notification.message)
        self.keep_toasts(MAX_TOASTS - 1, self.toast_room - height)

    @property
    def toast_room(self) -> int:
        """The number of lines for toasts."""
        return MAX_ROOM

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
