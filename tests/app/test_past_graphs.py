from unittest.mock import patch

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.app.view import graph
from beantop.app.view.graph import KINDS, Kind
from beantop.app.view.lines import plain, width_of
from beantop.app.view.past_graphs import MIN_LINES, past_graphs
from beantop.preferences import Preferences
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until, until_shown

EMAIL = "email-transactional"


def drawn(width: int, height: int, kind: Kind = "braille") -> list[str]:
    watched = stills.watched()
    tube, history = watched.snapshot.tubes[EMAIL], watched.history
    lines = past_graphs(
        tube, history.tube_rates(EMAIL), history.tubes[EMAIL], None, (width, height), kind
    )
    assert all(width_of(line) == width for line in lines)
    return [plain(line) for line in lines]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [40, 61, 80, 100, 120, 200])
def test_the_graphs_fill_exactly_their_place(width: int, kind: Kind) -> None:
    heights = [*range(MIN_LINES, 40)]
    assert [len(drawn(width, height, kind)) for height in heights] == heights


def test_where_there_is_room_every_state_and_flow_has_a_graph() -> None:
    text = "\n".join(drawn(120, 16))
    words = ("READY 8,214", "RESERVED 12", "DELAYED 40", "BURIED 17", "IN 212/s", "OUT 180/s")
    assert all(word in text for word in words)


def test_curves_that_are_as_they_were_are_not_drawn_again() -> None:
    size = (118, 17)  # of no other test
    with patch.object(graph, "area", wraps=graph.area) as area:
        before = drawn(*size)
        assert area.call_count == 6
        assert drawn(*size) == before
        assert area.call_count == 6


def test_without_room_there_are_none() -> None:
    assert drawn(120, MIN_LINES - 1) == drawn(39, 30) == []


def test_in_and_out_share_a_scale() -> None:
    assert sum(line.count("300┤") for line in drawn(120, 16)) == 2


def test_below_a_short_list_are_the_graphs_of_the_tube_under_the_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        assert "READY 8,214  peak" in await until_shown(pilot, "Last 2 minutes")
        await pilot.press("j")
        await until_shown(pilot, "READY 1,120  peak")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_t_goes_through_the_times_and_all_screens_keep_it() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "Last 2 minutes")
        for times in ("10 minutes", "60 minutes", "6 hours", "2 minutes", "10 minutes"):
            await pilot.press("t")
            await until_shown(pilot, f"Last {times}")
        await pilot.press("enter")
        await until_shown(pilot, "Last 10 minutes", "q Back")

    on_still(stills.app(stills.watched()), story)


SPAN = "Last 2 minutes"
LAST = "default"
"""The last tube by its number of ready jobs."""


@pytest.mark.long
@pytest.mark.parametrize("size", [(80, 24), (120, 24)])
def test_v_makes_room_for_the_graphs_of_the_tube_under_the_cursor(size: tuple[int, int]) -> None:
    app = stills.app(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        assert SPAN not in await until_shown(pilot, "13 tubes", LAST)
        await pilot.press("v")
        screen = await until_shown(pilot, SPAN, "READY 8,214")
        assert len(screen.splitlines()) == size[1]
        assert LAST not in screen
        await pilot.press("G")
        await until_shown(pilot, SPAN, "READY 0  ", LAST)
        await until(pilot, lambda: app.view.state.graphs)
        await pilot.press("v")
        assert SPAN not in await until_shown(pilot, LAST, "email-transactional", "image-thumb")
        await until(pilot, lambda: not app.view.state.graphs)

    on_still(app, story, size=size)


def test_the_room_for_graphs_is_remembered() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes", SPAN)

    still = stills.Still(stills.watched())
    state = Preferences(graphs=True)
    app = BeantopApp(
        [still], Options(state=state), now=lambda: stills.NOW, wall=lambda: stills.WALL
    )
    on_still(app, story, size=(80, 24))


@pytest.mark.long
def test_the_graphs_give_way_to_a_reason_why_there_is_no_row() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("v", "/", *"no-such-tube")
        assert SPAN not in await until_shown(pilot, "No tube matches")

    on_still(stills.app(stills.watched()), story, size=(80, 24))


@pytest.mark.long
def test_v_says_so_if_nothing_changes_on_the_screen() -> None:
    app = stills.app(stills.watched())

    async def low(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("v")
        await until_shown(pilot, "The window is too short for graphs.")
        assert not app.view.state.graphs

    async def free(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes", SPAN)
        await pilot.press("v")
        await until_shown(pilot, SPAN, "Graphs keep their space when the table grows.")

    on_still(app, low, size=(80, 14))
    on_still(stills.app(stills.watched()), free, size=(120, 50))


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ([], "No room for graphs.  v makes room."),
        (["v"], "No room for graphs."),
        (["enter"], "No room for graphs."),
        (["0"], "No room for graphs."),
    ],
    ids=["tubes", "tubes that make room", "tube", "server"],
)
def test_without_a_graph_t_changes_nothing_and_says_why(keys: list[str], why: str) -> None:
    app = stills.app(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press(*keys, "t")
        await until_shown(pilot, why)
        assert app.view.state.span is None

    on_still(app, story, size=(80, 15))
