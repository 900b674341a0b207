"""The tubes screen: what it shows, and that its keys act on what was seen."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.dialogs.dialog import Dialog
from beantop.app.screens.tubes import TubesScreen
from beantop.monitor.poller import ServerStatus
from tests.app import stills
from tests.app.running import answer, go_to_tube, on_server, on_still, open_tube
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


def tubes_of(pilot: Pilot[None]) -> TubesScreen:
    screen = pilot.app.screen
    assert isinstance(screen, TubesScreen)
    return screen


def names(pilot: Pilot[None]) -> list[str]:
    return [row.tube.name for row in tubes_of(pilot).table.rows]


async def choose_first(pilot: Pilot[None]) -> None:
    """Take the palette's first offer: one enter may only put the cursor on it."""
    while isinstance(pilot.app.screen, CommandPalette):
        await pilot.press("enter")
        await pilot.pause()


@pytest.mark.long
def test_every_tube_of_the_server_is_shown(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("one")

        async def story(pilot: Pilot[None]) -> None:
            screen = await until_shown(pilot, tube, "default")
            assert "beanstalkd 1." in screen
            client.put("two")
            await until(pilot, lambda: _ready(pilot, tube) == 2)

        on_server(server, story)


def _ready(pilot: Pilot[None], tube: str) -> int | None:
    return next(row.tube.ready for row in tubes_of(pilot).table.rows if row.tube.name == tube)


@pytest.mark.long
def test_kick_moves_as_many_buried_jobs_as_were_typed(server: Beanstalkd, tube: str) -> None:
    _bury(server, tube, 5)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("K")
        await answer(pilot, "Kick buried jobs to ready?", "3", "enter")
        await until_shown(pilot, "Kicked 3 buried jobs")

    on_server(server, story)
    assert _counts(server, tube) == {"ready": 3, "buried": 2}


@pytest.mark.long
def test_y_kicks_all_when_there_are_few(server: Beanstalkd, tube: str) -> None:
    _bury(server, tube, 2)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("K")
        await answer(pilot, "Kick buried jobs to ready?", "y")
        await until_shown(pilot, "Kicked 2 buried jobs")

    on_server(server, story)
    assert _counts(server, tube) == {"ready": 2, "buried": 0}


@pytest.mark.long
def test_nothing_is_kicked_without_a_clear_yes(server: Beanstalkd, tube: str) -> None:
    """`esc` says no, and an empty line says nothing."""
    question = "Kick buried jobs to ready?"
    _bury(server, tube, 3)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("K")
        await answer(pilot, question, "escape")
        await until(pilot, lambda: question not in text_of(pilot.app.screen))
        await pilot.press("K")
        await answer(pilot, question, "enter")
        await until_shown(pilot, question, "Type how many: 1 to 3")
        await pilot.press("1", "enter")  # after all that the others did
        await until_shown(pilot, "Kicked 1 buried job")

    on_server(server, story)
    assert _counts(server, tube) == {"ready": 1, "buried": 2}


@pytest.mark.long
def test_pause_and_resume(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("job")

        async def story(pilot: Pilot[None]) -> None:
            await go_to_tube(pilot, tube)
            await pilot.press("P")
            await answer(pilot, "Pause this tube?", *"10m", "enter")
            await until_shown(pilot, "9m left")
            assert client.stats_tube(tube)["pause"] == 600
            await pilot.press("P")
            await answer(pilot, "Resume this tube?", "y")
            await until_shown(pilot, f"Resumed tube {tube}.")
            assert client.stats_tube(tube)["pause"] == 0

        on_server(server, story)


@pytest.mark.long
def test_the_cursor_stays_on_its_tube_while_others_come_and_pass_it(
    own_server: Beanstalkd,
) -> None:
    with own_server.client(use="mine") as client:
        client.put("job")

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "mine")
            await pilot.press("s", "r")
            tubes_of(pilot).table.touched = True
            tubes_of(pilot).table.move_to_key("mine")
            for number in range(5):
                client.use(f"busy-{number}")
                for _ in range(number + 2):
                    client.put("job")
            await until(pilot, lambda: len(names(pilot)) >= 6)
            assert names(pilot).index("mine") >= 5
            assert tubes_of(pilot).table.current_key == "mine"
            await pilot.press("K")
            await until_shown(pilot, "Nothing to kick in mine")

        on_server(own_server, story)


@pytest.mark.long
def test_the_cursor_begins_on_the_worst_tube_though_its_sign_comes_later(
    own_server: Beanstalkd,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "no worker watches it")
        screen = pilot.app.screen
        assert isinstance(screen, TubesScreen)
        assert screen.table.rows[0].tube.name == "alone"
        assert screen.table.current_key == "alone"

    with (
        own_server.client(use="alone") as client,
        own_server.client(use="busy", watch="busy") as worker,
    ):
        client.put("x")
        for _ in range(9):
            worker.put("y")
        on_server(own_server, story)


def test_sorting_by_letter_neighbor_and_reversal() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        assert names(pilot)[:2] == ["email-transactional", "webhooks-retry"]
        await pilot.press("s", "t")
        await until_shown(pilot, "sort TUBE ▲")
        assert names(pilot) == sorted(names(pilot))
        await pilot.press("i")
        assert names(pilot) == sorted(names(pilot), reverse=True)
        await pilot.press("s", "r", ">")
        await until_shown(pilot, "sort RSVD ▼")
        assert names(pilot)[:2] == ["email-transactional", "image-thumbnails"]
        await pilot.press("<")
        await until_shown(pilot, "sort READY ▼")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_marked_rows_are_sorted_when_asked_and_else_stay_where_they_are() -> None:
    app = stills.app(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("space", "s", "t")
        await until_shown(pilot, "1 marked", "sort TUBE ▲")
        assert names(pilot) == sorted(names(pilot))
        await pilot.press("s", "r")
        await until_shown(pilot, "sort READY ▼")
        by_ready = names(pilot)
        assert by_ready[0] == "email-transactional"
        watcher = app.session.fleet.servers[0].watcher
        assert isinstance(watcher, stills.Still)
        watcher.tell(stills.with_ready("default", 10_000))
        await until_shown(pilot, "10,000")
        assert names(pilot) == by_ready

    on_still(app, story)


@pytest.mark.long
def test_the_filter_narrows_while_it_is_typed_and_esc_clears_it() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("/", *"push|webh !retry")
        assert sorted(names(pilot)) == ["push-android", "push-ios", "webhooks"]
        await pilot.press("enter", "g", "j")
        assert tubes_of(pilot).table.current_key == "push-ios"
        await pilot.press("escape")
        await until_shown(pilot, "13 tubes")
        await pilot.press("/", *"nonsense")
        await until_shown(pilot, "No tube matches “nonsense”.")
        await pilot.press("escape")
        await until_shown(pilot, "13 tubes")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_what_is_typed_goes_on_into_the_filter_when_the_first_look_comes() -> None:
    app = stills.app(stills.nobody())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "No beanstalkd answered")
        await pilot.press("/", *"pu")
        watcher = app.session.fleet.servers[0].watcher
        assert isinstance(watcher, stills.Still)
        watcher.tell(stills.watched())
        await until_shown(pilot, "filter: pu")
        await pilot.press(*"sh")
        await until_shown(pilot, "filter: push")
        await pilot.press("enter", "j")
        assert tubes_of(pilot).table.current_key == "push-ios"

    on_still(app, story)


def test_a_filter_kept_before_the_first_look_leaves_the_keys_to_the_table() -> None:
    app = stills.app(stills.nobody())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "No beanstalkd answered")
        await pilot.press("/", *"pu", "enter")
        watcher = app.session.fleet.servers[0].watcher
        assert isinstance(watcher, stills.Still)
        watcher.tell(stills.watched())
        await until_shown(pilot, "filter: pu")
        await pilot.press("j")
        assert tubes_of(pilot).table.current_key == "push-ios"

    on_still(app, story)


def test_frozen_numbers_stay_while_polls_go_on() -> None:
    still = stills.watched()
    app = stills.app(still)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "8,214")
        await pilot.press("f")
        await until_shown(pilot, "FROZEN")
        watcher = app.session.fleet.servers[0].watcher
        assert isinstance(watcher, stills.Still)
        watcher.tell(stills.later(still))
        await until_shown(pilot, "+1 poll")
        assert "8,214" in text_of(app.screen)
        await pilot.press("f")
        await until_shown(pilot, "9,999")

    on_still(app, story)


@pytest.mark.parametrize(
    ("app", "sentence"),
    [
        (lambda: stills.app(stills.disconnected()), "Nothing can be changed while disconnected."),
        (lambda: stills.app(stills.watched(), readonly=True), "Read-only: beantop was started"),
    ],
    ids=["disconnected", "readonly"],
)
def test_keys_that_are_off_say_why(app: Callable[[], BeantopApp], sentence: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("K")
        await until_shown(pilot, sentence)
        assert tubes_of(pilot)  # no dialog came

    on_still(app(), story)


@pytest.mark.parametrize("readonly", [False, True])
def test_words_of_signs_are_worth_more_than_what_polling_costs(readonly: bool) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await until_shown(pilot, "! 17 buried")
        assert "/s in, 180/s out" in screen
        assert "polled in" not in screen

    on_still(stills.app(stills.watched(), readonly=readonly), story, size=(112, 24))


def test_small_twins_of_capitals_change_nothing_and_say_so() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("p")
        await until_shown(pilot, "Pause is P (capital); it asks first.")
        await pilot.press("d")
        await until_shown(pilot, "Delete is D (capital); it asks first.")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_plus_and_minus_change_the_interval() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "- 1s +")
        await pilot.press("+")
        await until_shown(pilot, "- 2s +")
        await pilot.press("-", "-")
        await until_shown(pilot, "- 0.5s +")
        await pilot.press("-")
        await until_shown(pilot, "- 0.5s +")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_help_lists_the_keys_of_the_screen_below() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("?")
        await until_shown(pilot, "Sort worst first, or by name")
        await pilot.press(*["down"] * 8)
        await until_shown(pilot, "Change (asks first)", "Pause or resume the tube", "Signs")
        await pilot.press("end")
        await until_shown(pilot, "CLASS", "steady")
        await pilot.press("escape")
        assert tubes_of(pilot)

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_the_palette_goes_to_a_tube() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *"invoices")
        await until_shown(pilot, "Tube invoices/pdf")
        await choose_first(pilot)
        await until_shown(pilot, "› invoices/pdf")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_regular_expression_that_could_take_for_ever_comes_to_an_end() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "a" * 60 + "!" in names(pilot))
        await pilot.press("/", *"/(a+)+$/")
        await until_shown(pilot, "filter: /(a+)+$/")

    on_still(stills.app(stills.with_tubes("a" * 60 + "!")), story)


@pytest.mark.long
def test_a_dialog_in_a_window_that_shrank_says_no_yes() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("K")
        await until_shown(pilot, "Kick buried jobs")
        await pilot.resize_terminal(30, 6)
        dialog = pilot.app.screen
        assert isinstance(dialog, Dialog)
        assert not dialog.accepts(time.monotonic() + 60)
        await pilot.press("y")
        assert pilot.app.screen is dialog

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_keys_that_sort_do_no_harm_before_anything_was_seen() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "No beanstalkd answered")
        await pilot.press("<", ">", "i", "s", "t", "enter", "K", "P", "y", "/", "x", "escape")
        await until_shown(pilot, "No beanstalkd answered")

    on_still(stills.app(stills.nobody()), story)


def test_an_order_is_kept_where_its_column_has_no_room() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("c", "d", "enter", "s", "d")
        await pilot.resize_terminal(60, 20)
        await until_shown(pilot, "sort DELAY ▼")
        assert names(pilot)[:2] == ["webhooks-retry", "invoices/pdf"]

    on_still(stills.app(stills.watched()), story)


def test_nothing_is_changed_in_a_window_that_shows_nothing() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.resize_terminal(38, 7)
        await until_shown(pilot, "beantop needs 40x8")
        await pilot.press("P", "K")
        await pilot.pause()
        assert tubes_of(pilot)  # no dialog came

    on_still(stills.app(stills.watched()), story)


def test_a_frozen_screen_tells_that_the_server_is_away() -> None:
    app = stills.app(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "8,214")
        await pilot.press("f")
        watcher = app.session.fleet.servers[0].watcher
        assert isinstance(watcher, stills.Still)
        watcher.tell(stills.disconnected())
        await until_shown(pilot, "FROZEN", "Connection reset by peer.")

    on_still(app, story)


@pytest.mark.long
def test_a_restart_is_told(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        client.put("job")
        client.put("later", delay=600)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "READY 1 ")
        own_server.stop()
        own_server.start()
        await until_shown(pilot, "was restarted: 2 jobs before, 0 now")
        await until_shown(pilot, "No jobs: the server was restarted")

    on_server(own_server, story)


def test_a_tube_that_a_restart_took_says_so(own_server: Beanstalkd) -> None:
    with own_server.client(use="emails") as client:
        client.put("job")

    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, "emails")
        own_server.stop()
        own_server.start()
        await until_shown(pilot, "emails is gone (the server was restarted")

    on_server(own_server, story)


@pytest.mark.long
def test_default_has_no_worker_when_only_beantop_is_there(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        client.put("job")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, " W  default", "no worker", "CONNS 0")
        await pilot.press("enter")
        await until_shown(pilot, "watching 0", "job")  # with the second connection, too

    on_server(own_server, story)


@pytest.mark.long
def test_the_palette_has_our_keys() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *"pause or")
        await until_shown(pilot, "Pause or resume the tube")
        await choose_first(pilot)
        await until_shown(pilot, "Pause this tube?")

    on_still(stills.app(stills.watched()), story)


MARKUP = ["[red]x", "[/x]", "[@click=app.quit]x[/]"]


def test_hostile_names_are_plain_text_in_the_palette() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: {*MARKUP} <= {*names(pilot)})
        await pilot.press(":", "x")
        await until_shown(pilot, *[f"Tube {name}" for name in MARKUP])

    on_still(stills.app(stills.with_tubes(*MARKUP)), story)


@pytest.mark.long
def test_hostile_names_are_shown_and_harmless() -> None:
    hostile = {name: name for name in MARKUP} | {
        "\x1b]52;c;aGk=\x07": "␛]52;c;aGk=␇",
        "a\u202eb": "a\\u202eb",
        "漢字" * 60: "漢字漢字漢字漢字",
    }

    async def story(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: hostile.keys() <= {*names(pilot)})
        for name, shown in hostile.items():
            tubes_of(pilot).table.move_to_key(name)
            await pilot.press("y", "P")
            screen = await until_shown(pilot, "Pause this tube?")
            (line,) = [line for line in screen.splitlines() if " tube    " in line]
            assert shown in line
            assert not {"\x1b", "\u202e"} & {*screen}
            await answer(pilot, "Pause this tube?", "escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, TubesScreen))

    on_still(stills.app(stills.with_tubes(*hostile)), story)


def _bury(server: Beanstalkd, tube: str, count: int) -> None:
    with server.client(use=tube, watch=tube) as client:
        for number in range(count):
            client.put(str(number))
            client.bury(client.reserve(timeout=0))


def _counts(server: Beanstalkd, tube: str) -> dict[str, int]:
    with server.client() as client:
        stats = client.stats_tube(tube)
        return {"ready": stats["current-jobs-ready"], "buried": stats["current-jobs-buried"]}


@pytest.mark.long
def test_leaving_while_news_comes_is_no_error() -> None:
    """A poll that ends after the program closed its screens."""

    class Restless(stills.Still):
        """Returns news after each turn of another task."""

        async def watch(self) -> AsyncGenerator[ServerStatus, None]:
            while True:
                for news in (stills.watched(), stills.disconnected()):
                    yield news
                    await asyncio.sleep(0)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "8,214")

    on_still(BeantopApp([Restless(stills.watched())]), story)


@pytest.mark.long
def test_w_shows_the_worst_first_or_the_names_in_order_from_the_first_row_on() -> None:
    app = stills.app(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "worst first")
        broken = ["email-transactional", "webhooks-retry", "billing-charge"]
        assert names(pilot)[:4] == [*broken, "image-thumbnails"]
        await pilot.press("down", "down", "w")
        await until_shown(pilot, "sort TUBE ▲")
        assert names(pilot) == sorted(names(pilot))
        assert tubes_of(pilot).table.current_key == "audit-log"
        await until(pilot, lambda: app.view.state.sort == "name")
        await pilot.press("G", "w")
        await until_shown(pilot, "worst first")
        assert tubes_of(pilot).table.current_key == broken[0]
        await until(pilot, lambda: app.view.state.sort == "-sign")
        await pilot.press("i")
        await until_shown(pilot, "worst last")
        assert names(pilot)[-1] == broken[0]

    on_still(app, story)


@pytest.mark.long
def test_the_list_of_orders_has_a_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("f6")
        await until_shown(pilot, "Sort by")
        await pilot.press("down", "down", "down", "enter")
        await until_shown(pilot, "sort RSVD ▼")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_the_list_of_columns_has_a_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "BURIED ")
        await pilot.press("c")
        await until_shown(pilot, "[x] READY")
        await pilot.press("space")
        await until_shown(pilot, "[ ] READY")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_columns_that_find_no_room_are_told_of() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("c")
        await until_shown(pilot, "Columns")
        await pilot.press(*"laxe", "enter")
        await until_shown(pilot, "The window is too narrow for")

    on_still(stills.app(stills.watched()), story, size=(80, 24))


@pytest.mark.long
def test_after_a_while_it_takes_a_second_q_to_quit() -> None:
    clock = [stills.NOW]
    app = stills.app(stills.watched(), now=lambda: clock[0])

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        clock[0] += 700
        await pilot.press("q")
        await until_shown(pilot, "q again to quit")
        clock[0] += 5
        await pilot.press("q")
        await pilot.pause(0.1)
        assert pilot.app.is_running
        await pilot.press("q")
        await until(pilot, lambda: not pilot.app.is_running)

    on_still(app, story)


@pytest.mark.long
def test_the_palette_names_keys_and_puts_commands_first() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("colon", *"log")
        screen = await until_shown(pilot, "Tube audit-log", "Log: messages")
        assert screen.index("Log: messages") < screen.index("Tube audit-log")
        await pilot.press(*["backspace"] * 3, *"reverse")
        await until_shown(pilot, "Reverse the order  (i)")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_the_order_may_be_that_of_a_column_that_is_taken_away() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("s", "r")
        await until_shown(pilot, "sort READY ▼")
        await pilot.press("c")
        await until_shown(pilot, "[x] READY")
        await pilot.press("space", "enter")
        screen = await until_shown(pilot, "sort READY ▼", "RSVD")
        assert " READY▼" not in screen

    on_still(stills.app(stills.watched()), story)
