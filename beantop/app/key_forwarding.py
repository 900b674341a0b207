"""Where keys go that come faster than the one before them is handled.

Textual sends a key to what has the focus when it arrives. Of `/push` in one piece, say, `p` would
reach the table, since `/` has not moved the focus yet.
"""

from weakref import WeakKeyDictionary

from textual import events
from textual.widget import Widget


class KeyForwarding:
    """Remembers what each key was sent to."""

    def __init__(self) -> None:
        self._aims: WeakKeyDictionary[events.Key, Widget] = WeakKeyDictionary()

    def redirected(self, key: events.Key, focused: Widget) -> bool:
        """Whether this key came back unused while the focus moved, and was sent to where it is now.

        `focused` is the widget with the focus, or the screen where none has it.
        """
        if not key.is_forwarded:
            self._aims[key] = focused
            return False
        if self._aims.pop(key, focused) is focused:
            return False
        again = events.Key(key.key, key.character)
        again.time = key.time
        self._aims[again] = focused
        again._set_forwarded()
        focused.post_message(again)
        return True
