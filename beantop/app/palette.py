"""Commands in the palette beside Textual's own: beantop's keys, and tubes by name."""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from heapq import nlargest

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.keys import format_key

from beantop.app.actions.cut_off import finish_cut_off
from beantop.app.actions.cut_off_words import FINISH
from beantop.app.messages import TubeOpened
from beantop.app.panes.table_pane import TablePane
from beantop.app.screens.server_screen import ServerScreen
from beantop.formatting import printable

MAX_SHOWN = 20
"""Maximum number of tubes offered."""

BATCH = 500
"""Names that are scored before other tasks get a turn: a millisecond or two."""


class KeyCommands(Provider):
    """Commands for everything that has a key on this screen."""

    async def discover(self) -> Hits:
        for name, key, run in self._commands():
            yield DiscoveryHit(_with_key(name, key), run)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, key, run in self._commands():
            if (score := matcher.match(name)) > 0:
                begins = name.lower().startswith(query.strip().lower())
                yield Hit(score + begins, _with_key(name, key), run)

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Yield the description, key and function of each command."""
        listed = set()
        yield "Log: messages and actions", "", partial(self.app.run_action, "app.log")
        yield (
            "Read-only: turn changes off until restart",
            "",
            partial(self.app.run_action, "app.read_only"),
        )
        if isinstance(self.screen, ServerScreen) and not self.screen.IS_OF_ALL:
            yield f"{FINISH}: parked jobs", "", self._finish
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            name = binding.tooltip or binding.description
            ours = isinstance(node, ServerScreen | TablePane) or node is self.app
            wanted = ours and binding.description and not binding.system
            if wanted and enabled and name not in listed:
                listed.add(name)
                key = binding.key_display or format_key(binding.key)
                yield name, key, partial(self.app.run_action, binding.action, node)

    def _finish(self) -> None:
        screen = self.screen
        if isinstance(screen, ServerScreen):
            screen.act(finish_cut_off(screen.context))


class TubeCommands(Provider):
    """Commands that open a tube of the server on the screen.

    Names are untrusted text and are never parsed as markup. Screens of several servers offer no
    tubes, since a name would be ambiguous.
    """

    async def startup(self) -> None:
        self._labels = [(name, f"Tube {printable(name)}") for name in self._names()]

    async def discover(self) -> Hits:
        for name, label in self._labels[:MAX_SHOWN]:
            yield DiscoveryHit(Content(label), partial(self._open, name))

    async def search(self, query: str) -> Hits:
        wanted = query.lower()
        scored = []
        for place, (name, label) in enumerate(self._labels):
            if place % BATCH == 0:
                await asyncio.sleep(0)  # let other tasks run
            if score := _score(wanted, label.lower()):
                scored.append((score, name, label))
        for score, name, label in nlargest(MAX_SHOWN, scored):
            yield Hit(
                score * 0.5, Content(label), partial(self._open, name)
            )  # halved, so that commands come first

    def _names(self) -> list[str]:
        screen = self.screen
        if not isinstance(screen, ServerScreen) or screen.IS_OF_ALL:
            return []
        return sorted(screen.view.watched.snapshot.tubes)

    def _open(self, name: str) -> None:
        self.screen.post_message(TubeOpened(self.screen, name))


def _score(query: str, label: str) -> float:
    """Return how well a label matches, on the scale of Textual's matcher: high if it contains the
    query, lower if it contains its letters in order, else 0.

    Textual's matcher takes forever for names that repeat a few letters many times.

    >>> _score("mail", "tube email"), _score("email", "tube email"), _score("eml", "tube email")
    (12.0, 18.0, 3.0)
    >>> _score("lie", "tube email")
    0.0
    """
    at = label.find(query)
    if at >= 0:
        begins_word = at == 0 or not label[at - 1].isalnum()
        return 3.0 * (len(query) + begins_word)
    letters = iter(label)
    return float(len(query)) if all(letter in letters for letter in query) else 0.0


def _with_key(name: str, key: str) -> Content:
    return Content(f"{name}  ({key})" if key else name)
