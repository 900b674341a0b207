"""Where keys go that come faster than the one before them is handled.

Textual sends a key to what has the focus when it arrives. Of `/push` in one piece, say, `p` would
reach the table, since `/` has not moved the focus yet.
"""

from weakref import WeakKeyDictionary

from textual import events
from textual.widget import Widget


class Aims:
    """Remembers what each key was sent to."""

    def __init__(self) -> None:
        self._aims: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()

    def redirected(self, key: events.Key, focused: Widget | None) -> bool:
        """Whether this key came back unused while the focus moved, and was sent to where it is now."""
        if not key.is_forwarded:
            self._aims[key] = focused
            return False
        if self._aims.pop(key, focused) is focused or focused is None:
            return False
        again = events.Key(key.key, key.character)
        again.time = key.time
        self._aims[again] = focused
        again._set_forwarded()
        focused.post_message(again)
        return True
