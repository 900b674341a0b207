"""Forwarding of keys that arrive before the previous key was handled.

Textual sends a key to the widget that has the focus when the key arrives. If `/push` arrives at
once, `p` goes to the table, since `/` has not moved the focus to the filter yet. It comes back unused,
and is sent to the filter. A key that follows takes the same way, lest it overtake those before it: an
enter that went to the filter at once would close it, and `push` would be commands.
"""

import math
from weakref import WeakKeyDictionary

from textual import events
from textual.widget import Widget

from beantop.app.textual_private import forward

ON_THE_WAY_SECONDS = 1.0
"""Seconds in which a key may still be on its way through the widget that had the focus."""


class KeyForwarding:
    """Remembers the widget that each key was sent to."""

    def __init__(self) -> None:
        self._targets: WeakKeyDictionary[events.Key, Widget] = WeakKeyDictionary()
        self._last: Widget | None = None
        """The widget with the focus when the last key came that was sent to the focus."""
        self._last_at = -math.inf

    def redirected(self, key: events.Key, focused: Widget) -> bool:
        """Send a new key behind those before it, and a key that came back unused to `focused` if the
        focus moved. Return whether the key was sent.

        `focused` is the widget with the focus, or the screen if there is none.
        """
        if not key.is_forwarded:
            way = self._way(key, focused)
            self._targets[key] = way
            if way is focused:
                return False
            forward(key, way)
            return True
        if self._targets.pop(key, focused) is focused:
            return False
        again = events.Key(key.key, key.character)
        again.time = key.time
        self._targets[again] = focused
        forward(again, focused)
        return True

    def _way(self, key: events.Key, focused: Widget) -> Widget:
        """Return the widget to send a new key to: the one with the focus, unless keys to another one
        on the same screen may still be on their way."""
        last = self._last
        if last and self._may_overtake(key, last, focused):
            return last
        self._last, self._last_at = focused, key.time
        return focused

    def _may_overtake(self, key: events.Key, last: Widget, focused: Widget) -> bool:
        if last is focused or key.time > self._last_at + ON_THE_WAY_SECONDS:
            return False
        if key.key.startswith("ctrl+"):  # ctrl+q is handled before any widget gets it
            return False
        return last.is_attached and last.screen is focused.screen
