"""The last line of a screen: the keys that matter here. A click on one presses it.

Textual's own footer makes a widget of each key whenever one is switched on or off, keeps the former
ones (Textual #6666), and cuts what does not fit without a sign.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from textual import events
from textual.binding import ActiveBinding, Binding
from textual.screen import Screen
from textual.strip import Strip

from beantop.app.view.lines import Line, width_of
from beantop.app.widgets.styled import Styled

LOW = 14
"""Lines of a window in which there is room for the first key alone, which is that for help."""


FILTER_KEYS = ("keep_filter", "clear_filter")
"""The keys of a filter line: all others are typed into it."""


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
    """Shows the help, the keys with these names in `[keys]`, and those that matter everywhere; while
    a filter is typed, the keys that end that."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.keys: list[FooterKey] = []
        self._names = ("help", *names, "freeze", "commands", "leave")

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._show)

    def _show(self, screen: Screen[object]) -> None:
        bindings = screen.active_bindings.values()
        typing = any(active.binding.id == FILTER_KEYS[0] for active in bindings)
        names = FILTER_KEYS if typing else self._names
        keys = _footer_keys(names, bindings, self.app.get_key_display)
        if keys != self.keys:
            self.keys = keys
            self.refresh()

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
    names: Sequence[str], bindings: Iterable[ActiveBinding], label_of: Callable[[Binding], str]
) -> list[FooterKey]:
    """The keys with these names, in their order; of several keys for one action the first."""
    keys: dict[str, FooterKey] = {}
    for _, binding, enabled, _ in bindings:
        if binding.id in names:
            key = FooterKey(binding.key, label_of(binding), binding.description, enabled)
            keys.setdefault(binding.id or "", key)
    return [keys[name] for name in names if name in keys]
