"""The keys for what was deleted, on the screens of one server."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.actions.trash import open_trash, put_back_last
from beantop.app.screens.watching import WatchingScreen


class TrashKeysScreen(WatchingScreen):
    """Puts back on the server of the screen what was deleted from it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("U", "put_back", "Put back what was deleted last", show=False),
        Binding("u", "trash", "All that was deleted", show=False),
    ]

    def action_put_back(self) -> None:
        self.act(put_back_last(self))

    def action_trash(self) -> None:
        self.carry_out(open_trash(self))
