"""What the command palette finds beside Textual's own commands: tubes by name."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from beantop.app.messages import TubeOpened
from beantop.app.screens.watching import WatchingScreen
from beantop.text import shown

MOST = 20
"""Tubes offered at once."""


class TubeCommands(Provider):
    """Go to a tube."""

    async def discover(self) -> Hits:
        for name in self._names()[:MOST]:
            yield DiscoveryHit(Content(f"Tube {shown(name)}"), partial(self._open, name))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        scored = [(matcher.match(shown(name)), name) for name in self._names()]
        for score, name in sorted(scored, reverse=True)[:MOST]:
            if score > 0:
                yield Hit(
                    score, matcher.highlight(f"Tube {shown(name)}"), partial(self._open, name)
                )

    def _names(self) -> list[str]:
        screen = self.screen
        return (
            sorted(screen.facts.watched.snapshot.tubes)
            if isinstance(screen, WatchingScreen)
            else []
        )

    def _open(self, name: str) -> None:
        self.screen.post_message(TubeOpened(name))
