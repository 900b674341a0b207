"""What the command palette finds beside Textual's own commands: our keys, and tubes by name."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from beantop.app.keys import key_named
from beantop.app.messages import TubeOpened
from beantop.app.screens.watching import WatchingScreen
from beantop.text import shown

MOST = 20
"""Tubes offered at once."""


class KeyCommands(Provider):
    """All that has a key on this screen."""

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
        """What it does, its key, and what does it."""
        told = set()
        yield "Log: what was said in this session", "", partial(self.app.run_action, "app.log")
        yield (
            "Read-only: change nothing any more",
            "",
            partial(self.app.run_action, "app.read_only"),
        )
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            name = binding.tooltip or binding.description
            ours = node is self.screen or node is self.app
            wanted = ours and binding.description and not binding.system
            if wanted and enabled and name not in told:
                told.add(name)
                key = binding.key_display or key_named(binding.key)
                yield name, key, partial(self.app.run_action, binding.action, node)


class TubeCommands(Provider):
    """Go to a tube. Names are foreign text: they are never made markup of."""

    async def discover(self) -> Hits:
        for name in self._names()[:MOST]:
            yield DiscoveryHit(_label(name), partial(self._open, name))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        scored = [(matcher.match(_label(name).plain), name) for name in self._names()]
        for score, name in sorted(scored, reverse=True)[:MOST]:
            if score > 0:  # commands come first
                yield Hit(score * 0.5, _label(name), partial(self._open, name))

    def _names(self) -> list[str]:
        screen = self.screen
        return (
            sorted(screen.facts.watched.snapshot.tubes)
            if isinstance(screen, WatchingScreen)
            else []
        )

    def _open(self, name: str) -> None:
        self.screen.post_message(TubeOpened(self.screen, name))


def _with_key(name: str, key: str) -> Content:
    return Content(f"{name}  ({key})" if key else name)


def _label(name: str) -> Content:
    return Content(f"Tube {shown(name)}")
