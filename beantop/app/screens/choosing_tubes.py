"""Screens of tubes on which the user chooses the tubes: by words, by signs, and by what is in them."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from beantop.app.messages import Chosen
from beantop.app.screens.filtered import FilteredScreen
from beantop.app.session.facts import Facts
from beantop.app.tables.tube_filter import TubeFilter
from beantop.jobs.connection import ActingConnection
from beantop.text import shown


class ChoosingTubesScreen(FilteredScreen):
    """Knows what the user wants to see; idle tubes are hidden, or not, as the last time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark", "only_problems", "Only tubes with a sign", show=False),
        Binding("z", "without_idle", "Hide idle tubes, or show them", show=False),
        Binding("y", "copy", "Copy the tube's name", show=False),
    ]

    def __init__(self, connection: ActingConnection, facts: Facts) -> None:
        super().__init__(connection, facts)
        self.only = TubeFilter(without_idle=facts.state.hide_idle)

    @property
    def tube_name(self) -> str | None:
        """Of the tube under the cursor."""
        raise NotImplementedError

    def filtered(self, words: str) -> None:
        self._show_only(replace(self.only, words=words))

    def show_more(self) -> bool:
        """One step: first the words go, then the tubes without a sign come back; whether there was
        one to take."""
        if self.clear_filter():
            return True
        had_signs = self.only.only_problems
        self._show_only(replace(self.only, only_problems=False))
        return had_signs

    async def action_back(self) -> None:
        if not self.show_more():
            await self.run_action("app.leave")

    def action_only_problems(self) -> None:
        self._show_only(replace(self.only, only_problems=not self.only.only_problems))

    def action_without_idle(self) -> None:
        without = not self.only.without_idle
        self.post_message(Chosen(hide_idle=without))
        self._show_only(replace(self.only, without_idle=without))

    def action_copy(self) -> None:
        if name := self.tube_name:
            self.copy(shown(name), shown(name))

    def _show_only(self, tubes: TubeFilter) -> None:
        self.only = tubes
        self.redraw()
