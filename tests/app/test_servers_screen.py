"""All servers on one screen, their sums, and their tubes in one table."""

import socket

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.config import Settings
from beantop.config.settings import Confirm
from beantop.monitor.poller import Poller
from tests.app.fleet import fleet
from tests.app.running import on_server, on_still
from tests.app.screen_text import text_of, until_shown
from tests.beanstalkd import Beanstalkd


def test_each_server_stands_in_a_row_with_why_it_is_away_and_since_when() -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await until_shown(pilot, "2 of 3 servers answering", " 2m14s: connection refused")
        lines = screen.splitlines()
        (first,) = [line for line in lines if "1 prod-queue-1" in line]
        assert "12,408" in first
        assert "RW PROD" in first
        (second,) = [line for line in lines if "2 prod-queue-2" in line]
        assert " RO " in second
        (sums,) = [line for line in lines if "all 3 servers" in line]
        assert "24,816" in sums
        assert "2 of 3 counted" in sums

    on_still(fleet(), story)


@pytest.mark.long
def test_enter_goes_in_and_escape_comes_back() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("down", "enter")
        await until_shown(pilot, "prod-queue-2  [2/3", "email-transactional")
        await pilot.press("escape")
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("0")
        await until_shown(pilot, "── Server ──", "prod-queue-2")
        await pilot.press("0")
        await until_shown(pilot, "2 of 3 servers")

    on_still(fleet(), story)


@pytest.mark.long
def test_0_piles_up_no_screens() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        for _ in range(2):
            await pilot.press("0")
            await until_shown(pilot, "── Server ──")
            assert len(pilot.app.screen_stack) == 2
            await pilot.press("0")
            await until_shown(pilot, "2 of 3 servers")

    on_still(fleet(), story)


@pytest.mark.long
def test_0_leads_from_the_tubes_of_all_servers_to_the_servers() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "all 3 servers")
        await pilot.press("G", "enter")
        await until_shown(pilot, "39 tubes")
        await pilot.press("0")
        await until_shown(pilot, "all 3 servers")
        assert len(pilot.app.screen_stack) == 1

    on_still(fleet(), story)


@pytest.mark.long
def test_the_order_can_be_chosen_and_the_sums_stay_below() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("s", "n")
        screen = await until_shown(pilot, "sort SERVER ▼")
        names = ["dr-queue-1", "prod-queue-2", "prod-queue-1", "all 3 servers"]
        places = [screen.index(name) for name in names]
        assert places == sorted(places)

    on_still(fleet(), story)


@pytest.mark.long
def test_the_tubes_of_all_servers_stand_in_one_table_and_are_summed_on_request() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "all 3 servers")
        await pilot.press("G", "enter")
        screen = await until_shown(pilot, "39 tubes")
        assert screen.count("email-transaction") >= 3
        await pilot.press("m")
        screen = await until_shown(pilot, "13 names of 39 tubes", "3 servers")
        assert "24,642" in screen  # 3 * 8,214
        await pilot.press("enter")
        await until_shown(pilot, "3 of 39 tubes", "filter: /^email")
        await pilot.press("enter")
        await until_shown(pilot, "› email-transactional", "Next job of")

    on_still(fleet(), story)


@pytest.mark.long
def test_servers_and_their_tubes_are_sorted_by_the_column_beside() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "all 3 servers", "sort SERVER ▲")
        await pilot.press(">")
        await until_shown(pilot, "sort READY ▼")
        await pilot.press("G", "enter")
        await until_shown(pilot, "39 tubes", "worst first")
        await pilot.press(">")
        await until_shown(pilot, "sort TUBE ▲")

    on_still(fleet(), story)


@pytest.mark.long
def test_the_tubes_of_all_servers_can_be_those_with_a_sign_only() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "all 3 servers")
        await pilot.press("G", "enter")
        await until_shown(pilot, "39 tubes")
        await pilot.press("exclamation_mark")
        screen = await until_shown(pilot, "9 of 39 tubes ── only with a sign (!)")
        assert "image-thumbnails" not in screen
        await pilot.press("m")
        await until_shown(pilot, "3 names of 9 of 39 tubes", "summed by name")
        await pilot.press("/", *"push", "enter")
        await until_shown(pilot, "No tube that matches “push” has a sign.")
        await pilot.press("escape", "escape")
        await until_shown(pilot, "13 names of 39 tubes")
        await pilot.press("escape")
        await until_shown(pilot, "all 3 servers")

    on_still(fleet(), story)


@pytest.mark.long
def test_idle_tubes_of_all_servers_can_be_hidden_and_a_name_copied() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "all 3 servers")
        await pilot.press("G", "enter")
        await until_shown(pilot, "39 tubes")
        await pilot.press("z")
        await until_shown(pilot, "36 of 39 tubes ── 3 idle hidden (z)")
        await pilot.press("y")
        await until_shown(pilot, "Copied email-transactional (OSC 52).")
        await pilot.press("z")
        await until_shown(pilot, "── 39 tubes")

    on_still(fleet(), story)


@pytest.mark.long
def test_a_server_that_is_read_only_says_why_and_write_overrides_it() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("2")
        await until_shown(pilot, "prod-queue-2", " RO ")
        await pilot.press("P")
        await until_shown(pilot, "This server is read-only by configuration")

    async def with_write(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("2")
        await until_shown(pilot, "prod-queue-2", " RW ")
        await pilot.press("P")
        await until_shown(pilot, "Pause this tube?")

    on_still(fleet(), story)
    on_still(fleet(writes=True), with_write)


@pytest.mark.long
def test_all_can_be_made_read_only_while_it_runs_and_not_back() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("1")
        await until_shown(pilot, "PRODUCTION  RW")
        await pilot.app.run_action("read_only")
        await until_shown(pilot, "PRODUCTION  RO")
        await pilot.press("P")
        await until_shown(pilot, "Read-only: you turned changes off.")

    on_still(fleet(writes=True), story)


@pytest.mark.long
def test_production_wants_numbers_typed_even_for_little() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("1")
        await until_shown(pilot, "PRODUCTION", "email-transactional")
        await pilot.press("K")
        screen = await until_shown(pilot, "Kick buried jobs to ready?", "type how many: 1 to 17")
        assert "y  " not in screen.split("Kick buried")[1].split("enter")[0]
        assert "prod-queue-1    PRODUCTION " in screen

    on_still(fleet(), story)


@pytest.mark.long
def test_all_servers_can_be_frozen_and_go_on_answering(
    server: Beanstalkd, own_server: Beanstalkd
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "[1/2]")
        await pilot.press("0")
        await until_shown(pilot, "2 of 2 servers answering")
        await pilot.press("f")
        screen = await until_shown(pilot, "FROZEN 4s")  # after which numbers would be old
        assert screen.count("frozen for 4s") == 2
        assert "2 of 2 servers answering" in screen
        assert "── frozen, f resumes" in screen
        assert "counted" not in screen  # all are
        await pilot.press("G", "enter")
        await until_shown(pilot, "answering › tubes", "FROZEN", "── frozen, f resumes", "2 tubes")
        await pilot.press("f")
        await until_shown(pilot, "worst first ──────")
        assert "FROZEN" not in text_of(pilot.app.screen)

    on_server(server, story, others=[own_server])


@pytest.mark.long
def test_of_all_servers_one_can_be_frozen_alone() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("2", "f")
        await until_shown(pilot, "FROZEN")
        await pilot.press("0")
        screen = await until_shown(pilot, "1 of 3 FROZEN")
        assert screen.count("frozen for") == 1

    on_still(fleet(), story)


@pytest.mark.long
def test_the_title_of_all_servers_tells_how_often_they_are_polled() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "RW/RO  - 1s +")
        await pilot.press("+")
        await until_shown(pilot, "RW/RO  - 2s +")
        await pilot.press("2", "+", "0")
        await until_shown(pilot, "RW/RO  - 2s to 5s +")
        await pilot.app.run_action("read_only")
        await until_shown(pilot, " RO  - 2s")

    on_still(fleet(), story)


@pytest.mark.long
@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_what_is_urgent_on_all_servers_is_said_in_each_window(width: int) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3")
        await pilot.press("f")
        title = (await until_shown(pilot, "FROZEN 0s")).splitlines()[0]
        assert "2 of 3" in title
        assert "…" not in title
        await pilot.press("G", "enter")
        title = (await until_shown(pilot, "39 tubes")).splitlines()[0]
        assert "FROZEN 0s" in title

    on_still(fleet(), story, size=(width, 24))


@pytest.mark.long
@pytest.mark.parametrize(
    ("confirm", "answer"), [("all", "Resume this tube?"), ("none", "was left unchanged: ")]
)
def test_confirm_says_what_is_asked(confirm: Confirm, answer: str) -> None:
    """Without a question it would reach the server at once, which refuses in a test."""
    app = fleet(writes=True, settings=Settings(confirm=confirm))

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("2", "/", *"webhooks-retry", "enter", "P")
        await until_shown(pilot, answer)

    on_still(app, story)


@pytest.mark.long
def test_one_server_whose_name_no_resolver_finds_delays_nobody(own_server: Beanstalkd) -> None:
    """A server that accepts the connection but never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        pollers = [
            Poller(("no-such-host.invalid", 11300), 0.5),
            Poller(silent.getsockname(), 0.5),
            Poller(own_server.address, 0.5),
        ]

        async def story(pilot: Pilot[None]) -> None:
            screen = await until_shown(pilot, "1 of 3 servers answering", "1 of 3 counted")
            assert str(own_server.address[1]) in screen

        on_still(BeantopApp(pollers, on_all=True), story)


@pytest.mark.long
def test_servers_are_filtered_by_name_and_address() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers answering")
        await pilot.press("slash", *"queue-2", "enter")
        text = await until_shown(pilot, "1 of 3 servers", "filter: queue-2")
        assert "1 prod-queue-1" not in text
        assert "all 3 servers" in text
        await pilot.press("enter")
        await until_shown(pilot, "prod-queue-2  [2/3", "email-transactional")
        await pilot.press("escape")
        await until_shown(pilot, "filter: queue-2")
        await pilot.press("escape", "slash", *"10.0.0.5", "enter")
        await until_shown(pilot, "1 of 3 servers", "1 prod-queue-1")
        await pilot.press("escape", "slash", *"nowhere")
        await until_shown(pilot, "No server matches “nowhere”.  esc clears the filter.")
        await pilot.press("escape")
        await until_shown(pilot, "── 3 servers ──", "1 prod-queue-1")

    on_still(fleet(), story)
