"""Textual's footer, without what it keeps for ever."""

from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.widgets import Footer


class KeysFooter(Footer):
    """The keys that matter here.

    Textual makes them anew whenever a key is switched on or off, and the footer goes on watching
    the former ones (Textual #6666), each with all that it ever drew; and a cache of it keeps what
    1,024 widgets drew, whether they are there or not. A program that is open all day gives both up.
    """

    def compose(self) -> ComposeResult:
        getattr(self, "__watchers", {}).pop("compact", None)
        StylesCache.get_inner_outer.cache_clear()
        yield from super().compose()
