"""The live table alone: what it draws is always what a full redraw would draw; the cursor keeps its row."""

import asyncio
import random
from collections.abc import Callable
from typing import NamedTuple

import pytest
from textual._compositor import Compositor, ReflowResult
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from beantop.app.themes import syntax_colors
from beantop.app.view.column import Column, Order
from beantop.app.view.lines import Piece
from beantop.app.widgets.live_table import LiveTable
from tests.app.screen_text import strips_of, text_of

pytestmark = pytest.mark.usefixtures("every_frame")

Rows = list["Fruit"]


class Fruit(NamedTuple):
    name: str
    weight: int


def _weight(fruit: Fruit) -> Piece:
    return str(fruit.weight), "bad" if fruit.weight > 80 else ""


def columns(width: int) -> list[Column[Fruit]]:
    name: Column[Fruit] = Column("name", "NAME", 0, lambda fruit: (fruit.name, ""), right=False)
    weight = Column("weight", "WEIGHT", 8, _weight, sort=lambda fruit: fruit.weight)
    return [name, weight] if width > 30 else [name]


class CountingTable(LiveTable[Fruit, str]):
    """Remembers which lines it was asked to draw."""

    def __init__(self) -> None:
        super().__init__(columns, lambda fruit: fruit.name)
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class TableApp(App[None]):
    """An app with just a table."""

    CSS_PATH = "../../beantop/app/beantop.tcss"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return syntax_colors(self.current_theme)

    def __init__(self) -> None:
        super().__init__()
        self.table = CountingTable()
        self.opened = 0
        self.clicked: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_live_table_opened(self) -> None:
        self.opened += 1

    def on_live_table_header_clicked(self, event: LiveTable.HeaderClicked) -> None:
        self.clicked.append(event.column)


def fruits(count: int, chance: random.Random | None = None) -> Rows:
    weigh: Callable[[int], int] = (lambda _: chance.randrange(100)) if chance else (lambda n: n)
    return [Fruit(f"fruit-{number}", weigh(number)) for number in range(count)]


def run(story: Callable[[TableApp, Pilot[None]], object]) -> None:
    async def main() -> None:
        app = TableApp()
        async with app.run_test(size=(40, 12)) as pilot:
            result = story(app, pilot)
            if asyncio.iscoroutine(result):
                await result

    asyncio.run(main())


@pytest.mark.long
def test_the_cursor_stays_on_its_row_when_rows_change_places() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(30))
        await pilot.press("j", "j", "j")
        assert app.table.current_key == "fruit-3"
        app.table.show([Fruit("new", 0), *reversed(fruits(30))])
        assert app.table.current_key == "fruit-3"
        await pilot.pause()
        assert "fruit-3 " in text_of(app.screen)

    run(story)


def test_the_cursor_stays_in_sight_when_a_short_list_becomes_long() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show([Fruit("fruit-50", 1)])
        await pilot.pause()
        app.table.show(fruits(100))
        await pilot.pause()
        app.table.show(fruits(100))
        await pilot.pause()
        assert "fruit-50 " in text_of(app.screen)

    run(story)


def test_the_cursor_stays_on_its_place_when_its_row_goes() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(5))
        await pilot.press("j", "j")
        app.table.show([fruit for fruit in fruits(5) if fruit.name != "fruit-2"])
        assert app.table.current_key == "fruit-3"
        app.table.show([])
        assert app.table.current is None

    run(story)


@pytest.mark.long
def test_keys_move_the_cursor_within_the_rows() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(100))
        for key, expected in [
            ("k", 0), ("j", 1), ("pagedown", 11), ("ctrl+d", 16), ("ctrl+u", 11), ("pageup", 1),
            ("G", 99), ("down", 99), ("g", 0),
        ]:  # fmt: skip
            await pilot.press(key)
            assert app.table.current_key == f"fruit-{expected}", key

    run(story)


@pytest.mark.long
def test_clicks_move_open_and_sort() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(30))
        await pilot.click(LiveTable, offset=(3, 5))
        assert app.table.current_key == "fruit-4"
        await pilot.click(LiveTable, offset=(3, 6), times=2)
        await pilot.click(LiveTable, offset=(38, 0))
        await pilot.click(LiveTable, offset=(1, 0))  # the name has no order here
        assert (app.table.current_key, app.opened, app.clicked) == ("fruit-5", 1, ["weight"])

    run(story)


def test_the_wheel_scrolls_and_updates_do_not_scroll_back() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(100))
        await pilot.pause()
        app.table.scroll_to(y=50, animate=False)
        await pilot.pause()
        app.table.show(fruits(100))
        await pilot.pause()
        assert "fruit-50" in text_of(app.screen)

    run(story)


def test_a_header_tells_the_order() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(3), order=Order("weight", descending=True))
        await pilot.pause()
        assert "WEIGHT▼" in text_of(app.screen)
        app.table.show(fruits(3), order=Order("weight"))
        await pilot.pause()
        assert "WEIGHT▲" in text_of(app.screen)

    run(story)


def test_only_changed_lines_are_drawn_again() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        rows = fruits(100)
        app.table.show(rows)
        await pilot.pause()
        app.table.drawn.clear()
        app.table.show(
            [fruit._replace(weight=77) if at in (4, 60) else fruit for at, fruit in enumerate(rows)]
        )
        await pilot.pause()
        assert app.table.drawn == [5]

    run(story)


@pytest.mark.long
def test_rows_that_come_and_go_do_not_lay_out_the_whole_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out = 0
    lay_out = Compositor.reflow

    def counting(self: Compositor, parent: Widget, size: Size) -> ReflowResult:
        nonlocal laid_out
        laid_out += 1
        return lay_out(self, parent, size)

    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(100))
        for _ in range(5):  # until nothing more is laid out because of that
            await pilot.pause()
        before = laid_out
        for count in (101, 99, 60, 61):
            app.table.show(fruits(count))
            await pilot.pause()
            assert app.table.vertical_scrollbar.window_virtual_size == count + 1
        assert laid_out == before
        app.table.show(fruits(3))  # the scrollbar goes
        await pilot.pause()
        assert laid_out > before

    monkeypatch.setattr(Compositor, "reflow", counting)
    run(story)


def test_a_list_that_gets_shorter_is_scrolled_to_its_end() -> None:
    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        app.table.show(fruits(100))
        await pilot.press("G")
        app.table.show(fruits(60))
        await pilot.pause()
        assert app.table.current_key == "fruit-59"
        assert text_of(app.screen).splitlines()[-1].startswith("fruit-59 ")

    run(story)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_what_is_drawn_is_what_a_full_redraw_draws(seed: int) -> None:
    """Random changes, moves, scrolls and resizes; then the same table drawn anew must look the same."""
    chance = random.Random(seed)

    async def story(app: TableApp, pilot: Pilot[None]) -> None:
        rows = fruits(60, chance)
        for _ in range(30):
            for _ in range(chance.randrange(1, 4)):
                rows = await _change_something(app, pilot, rows, chance)
            await pilot.pause()
            seen = _cells(app)
            app.table.notify_style_update()
            app.screen.refresh(layout=True)
            app.table.refresh()
            await pilot.pause()
            assert seen == _cells(app)

    run(story)


async def _change_something(
    app: TableApp, pilot: Pilot[None], rows: Rows, chance: random.Random
) -> Rows:
    table = app.table
    match chance.randrange(9):
        case 0 | 1:
            at = chance.randrange(len(rows))
            rows = [*rows[:at], rows[at]._replace(weight=chance.randrange(100)), *rows[at + 1 :]]
        case 2:
            rows = sorted(rows, key=lambda fruit: fruit.weight)
        case 3:
            rows = rows[: max(3, len(rows) - chance.randrange(30))]
        case 4:
            rows = [*rows, Fruit(f"new-{chance.random()}", chance.randrange(100))]
        case 5:
            table.action_move(chance.choice([-1, 1, 7]))
        case 6:
            table.scroll_to(y=chance.randrange(len(rows)), animate=False)
        case 7:
            await pilot.resize_terminal(chance.randrange(20, 60), chance.randrange(4, 20))
        case 8:
            table.marked = frozenset(fruit.name for fruit in chance.sample(rows, 2))
            table.fade(chance.random() < 0.3)
    table.show(rows, order=Order("weight", descending=True))
    return rows


def _cells(app: TableApp) -> list[str]:
    strips = strips_of(app.screen)
    return [str([(part.text, str(part.style)) for part in strip.simplify()]) for strip in strips]
