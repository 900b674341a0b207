"""The last line of a screen: its most important keys. A click on a key presses it.

Textual's own footer creates a widget for each key whenever a key is enabled or disabled, leaks the
former ones (Textual #6666), and cuts what does not fit without an ellipsis.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from textual import events
from textual.binding import ActiveBinding, Binding
from textual.screen import Screen
from textual.strip import Strip

from beantop.app.view.lines import Line, width_of
from beantop.app.widgets.styled import Styled
from beantop.formatting import compact

LOW = 14
"""Height in lines below which only the first key, help, is shown."""


LEAVE = "leave"
"""The key that goes back, or ends the program on the first screen."""

FILTER_KEYS = ("keep_filter", "clear_filter")
"""The keys of a filter line; all others are typed into it."""


class FooterKey(NamedTuple):
    """A key and what it does."""

    key: str
    label: str
    does: str
    enabled: bool

    @property
    def line(self) -> Line:
        style = "accent bold" if self.enabled else "dim"
        return [(f"{self.label} ", style), (f"{self.does} ", "" if self.enabled else "dim")]


class KeysFooter(Styled):
    """Shows help, the keys with the given names of `[keys]`, and the keys of every screen; while a
    filter is typed, the keys that end it."""

    def __init__(self, names: Sequence[str], goes_back: Callable[[], bool] = lambda: False) -> None:
        """`goes_back` returns whether the last key goes back instead of ending the program."""
        super().__init__()
        self.keys: list[FooterKey] = []
        self._names = ("help", *names, "freeze", "commands", LEAVE)
        self._goes_back = goes_back
        self._marked = 0

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._show)

    def show_marked(self, rows: int) -> None:
        """Show on how many marked rows the actions work."""
        if rows != self._marked:
            self._marked = rows
            self._show(self.screen)

    def _show(self, screen: Screen[object]) -> None:
        bindings = screen.active_bindings.values()
        typing = any(active.binding.id == FILTER_KEYS[0] for active in bindings)
        names = FILTER_KEYS if typing else self._names
        keys = _footer_keys(names, bindings, self.app.get_key_display, self._does)
        if keys != self.keys:
            self.keys = keys
            self.refresh()

    def _does(self, binding: Binding) -> str:
        if binding.id == LEAVE and self._goes_back():
            return "Back"
        if binding.action.startswith("act(") and self._marked:
            return f"{binding.description} {compact(self._marked)}"
        return binding.description

    @property
    def _shown(self) -> list[FooterKey]:
        return self.keys[: 1 if self.screen.size.height < LOW else None]

    def render_line(self, y: int) -> Strip:
        line = [piece for key in self._shown for piece in key.line]
        return Strip(self.segments_of(line, self.size.width), self.size.width)

    def on_click(self, event: events.Click) -> None:
        end = 0
        for key in self._shown:
            end += width_of(key.line)
            if event.x < end:
                self.app.simulate_key(key.key)
                return


def _footer_keys(
    names: Sequence[str],
    bindings: Iterable[ActiveBinding],
    label_of: Callable[[Binding], str],
    does: Callable[[Binding], str],
) -> list[FooterKey]:
    """Return the keys with these names, in that order; only the first key of each action."""
    keys: dict[str, FooterKey] = {}
    for _, binding, enabled, _ in bindings:
        if binding.id in names:
            key = FooterKey(binding.key, label_of(binding), does(binding), enabled)
            keys.setdefault(binding.id or "", key)
    return [keys[name] for name in names if name in keys]
