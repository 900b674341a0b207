"""Forwarding of keys that arrive before the previous key was handled.

Textual sends a key to the widget that has the focus when the key arrives. If `/push` arrives at
once, `p` goes to the table, since `/` has not moved the focus to the filter yet.
"""

from weakref import WeakKeyDictionary

from textual import events
from textual.widget import Widget


class KeyForwarding:
    """Remembers the widget that each key was sent to."""

    def __init__(self) -> None:
        self._targets: WeakKeyDictionary[events.Key, Widget] = WeakKeyDictionary()

    def redirected(self, key: events.Key, focused: Widget) -> bool:
        """Send a key that came back unused to `focused` if the focus moved. Return whether it did.

        `focused` is the widget with the focus, or the screen if there is none.
        """
        if not key.is_forwarded:
            self._targets[key] = focused
            return False
        if self._targets.pop(key, focused) is focused:
            return False
        again = events.Key(key.key, key.character)
        again.time = key.time
        self._targets[again] = focused
        again._set_forwarded()
        focused.post_message(again)
        return True
