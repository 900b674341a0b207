"""The jobs of all servers in groups, on two real servers and one that is not there."""

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot

from beantop.app.panes.fleet_group_pane import CHANGES
from beantop.app.screens.fleet_groups import FleetGroupsScreen
from beantop.app.screens.groups import GroupsScreen
from beantop.app.screens.servers import ServersScreen
from beantop.beanstalk import format_address
from tests.app.running import answer, on_server, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.app.test_groups_screen import MAIL, PUSH, mail, push, put_buried, states
from tests.beanstalkd import Beanstalkd


@pytest.fixture
def other() -> Iterator[Beanstalkd]:
    server = Beanstalkd()
    yield server
    server.stop()


def name_of(server: Beanstalkd) -> str:
    return format_address(server.address)


async def open_fleet_groups(pilot: Pilot[None], *words: str) -> FleetGroupsScreen:
    await pilot.press("0")
    await until(pilot, lambda: isinstance(pilot.app.screen, ServersScreen))
    await pilot.press("number_sign")
    await until_shown(pilot, "› groups", *words)
    screen = pilot.app.screen
    assert isinstance(screen, FleetGroupsScreen)
    return screen


@pytest.mark.long
def test_a_group_of_all_servers_is_opened_and_kicked_on_one(
    own_server: Beanstalkd, other: Beanstalkd
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_fleet_groups(pilot, "2 groups", "14 of 14 jobs found.", f"{MAIL}  ")
        await until_shown(pilot, "9    64%", "5    36%")
        await pilot.press("K")
        await until_toasted(pilot, "Groups of all servers cannot be changed")
        await pilot.press("enter")
        await until_shown(pilot, "on 2 servers", "6    67%", "3    33%", CHANGES)
        await pilot.press("D")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
        await until_shown(pilot, f"{other.address[1]} › all jobs › groups", "2 groups")
        await pilot.press("K")
        shown = await until_shown(pilot, "Kick 6 buried jobs to ready?")
        assert f"group   {MAIL}" in shown
        assert str(other.address[1]) in shown
        await answer(pilot, "Kick 6", "y")
        await until_toasted(pilot, "Kicked 6 buried jobs")
        await pilot.press("0")
        await until_shown(pilot, "on 2 servers", "67%       6       0       0       0")
        await pilot.press("escape")
        await until_shown(pilot, "2 groups", "64%       6       0       0       3")

    with own_server.client("a", "a") as first, other.client("a", "a") as second:
        kept = put_buried(first, *map(mail, range(3)), *map(push, range(4)))
        mails = put_buried(second, *map(mail, range(6)))
        pushes = put_buried(second, push(1))
        on_server(own_server, story, others=[other])
        assert states(first, kept) == {"buried": 7}
        assert states(second, mails) == {"ready": 6}
        assert states(second, pushes) == {"buried": 1}


@pytest.mark.long
def test_the_cursor_is_on_the_group_that_was_opened(
    own_server: Beanstalkd, other: Beanstalkd
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_fleet_groups(pilot, "[class]", "2 groups")
        await pilot.press("l", "j")
        await until_shown(pilot, "[class and error]", f"{PUSH} · no error")
        screen = pilot.app.screen
        assert isinstance(screen, FleetGroupsScreen)
        await until(pilot, lambda: screen.pane.table.current_key == f"{PUSH}\0")
        await pilot.press("enter")
        await until_shown(pilot, "on 1 server ")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
        groups = pilot.app.screen
        assert isinstance(groups, GroupsScreen)
        await until_shown(pilot, "[class and error]", "2 groups")
        await until(pilot, lambda: groups.pane.table.current_key == f"{PUSH}\0")
        await pilot.press("k")
        await until(pilot, lambda: groups.pane.table.current_key == f"{MAIL}\0")

    with own_server.client("a") as first, other.client("b") as second:
        for number in range(3):
            first.put(mail(number))
        first.put(push(1))
        second.put(mail(9))
        on_server(own_server, story, others=[other])


@pytest.mark.long
def test_jobs_without_a_class_are_a_group_like_any_other(
    own_server: Beanstalkd, other: Beanstalkd
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_fleet_groups(pilot, "2 groups", "no class  ")
        assert "› no class" not in text_of(pilot.app.screen)
        await pilot.press("j", "enter")
        await until_shown(pilot, "› no class", "on 1 server ", CHANGES)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
        screen = pilot.app.screen
        assert isinstance(screen, GroupsScreen)
        await until(pilot, lambda: screen.pane.table.current_key == "")
        assert [group.count for group in screen.pane.table.rows] == [3, 1]

    with own_server.client("a") as first, other.client("b") as second:
        for number in range(3):
            first.put(mail(number))
        first.put('{"a": 1}')
        second.put(mail(1))
        on_server(own_server, story, others=[other])


@pytest.mark.long
def test_jobs_are_grouped_by_server_and_by_a_field(
    own_server: Beanstalkd, other: Beanstalkd
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_fleet_groups(pilot, "5 of 5 jobs found.")
        screen.pane.action_group_by("server")
        await until_shown(pilot, "[server]", f"1 {name_of(own_server)}  ", f"2 {name_of(other)}  ")
        await pilot.press("number_sign")
        await until_shown(pilot, "Group by which field of the body?")
        await pilot.press("i", "d", "enter")
        await until_shown(pilot, "[id]", "3 groups", "2    40%")
        screen.pane.action_group_by("server")
        await until_shown(pilot, "[server]", "2 groups")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
        await until_shown(pilot, "[class]", "3 of 3 jobs found.")

    with own_server.client("a") as first, other.client("b") as second:
        for number in range(3):
            first.put(mail(number))
        for number in range(2):
            second.put(mail(number))
        on_server(own_server, story, others=[other])


@pytest.mark.long
def test_a_server_that_goes_away_is_left_out_and_named(
    own_server: Beanstalkd, other: Beanstalkd
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_fleet_groups(pilot, "5 of 5 jobs found.")
        other.stop()
        await until_shown(pilot, "3 of 3 jobs found.", f"Without {name_of(other)} (")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ServersScreen))
        await pilot.press("G", "enter")
        await until_shown(pilot, "› tubes")
        await pilot.press("number_sign")
        await until_shown(pilot, "› groups", "3 of 3 jobs found.", "Without")

    with own_server.client("a") as first:
        with other.client("b") as second:
            for number in range(2):
                second.put(mail(number))
        for number in range(3):
            first.put(mail(number))
        on_server(own_server, story, others=[other])
