"""One server of several is on the screen: keys go from one to the other."""

from collections.abc import Sequence
from dataclasses import replace
from unittest.mock import patch

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.screens.tubes import TubesScreen
from beantop.app.session.options import Options
from beantop.app.session.session import Session
from beantop.config import ServerConfig
from beantop.jobs.known_server import KnownServer
from beantop.monitor.poller import Link, Poller, ServerStatus
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


def _servers() -> list[ServerStatus]:
    return [replace(stills.watched(), address=(f"queue-{number}", 11300)) for number in (1, 2, 3)]


def _app(watchers: Sequence[stills.Still]) -> BeantopApp:
    return BeantopApp(watchers, now=lambda: stills.NOW, wall=lambda: stills.WALL)


def _three() -> BeantopApp:
    return _app([stills.Still(server) for server in _servers()])


def test_a_server_under_two_names_is_told(server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, BeantopApp)
        await until(pilot, lambda: app.said)
        [said] = app.said
        assert "are the same server: it is polled twice, and counted twice" in said.text

    port = int(server.address[1])
    pollers = [Poller((host, port), 0.5) for host in ("127.0.0.1", "localhost")]
    on_still(BeantopApp(pollers), story)


def test_polls_ask_who_a_server_is_and_compare_it_only_when_that_is_new() -> None:
    servers = [replace(server, peer=server.address) for server in _servers()]
    watchers = [stills.Still(server) for server in servers]
    known = [ServerConfig(server.address) for server in servers]
    session = Session(watchers, Options(), known, lambda: stills.NOW, lambda: stills.WALL)
    with patch.object(KnownServer, "is_same", autospec=True, return_value=False) as compared:
        for _ in range(3):
            for server, status in zip(session.fleet.servers, servers, strict=True):
                session.take(server, status)
    assert compared.call_count == 1 + 2  # the second with the first, the third with both
    with patch.object(KnownServer, "of", wraps=KnownServer.of) as asked:
        session.views()
    assert asked.call_count == len(servers)


@pytest.mark.long
def test_digits_and_brackets_go_to_a_server() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "queue-1:11300  [1/3]")
        for key, number in (("3", 3), ("[", 2), ("[", 1), ("[", 3), ("]", 1), ("2", 2), ("9", 2)):
            await pilot.press(key)
            await until_shown(pilot, f"queue-{number}:11300  [{number}/3]")

    on_still(_three(), story)


def _current(pilot: Pilot[None]) -> str | None:
    """The tube under the cursor."""
    assert isinstance(pilot.app.screen, TubesScreen)
    return pilot.app.screen.table.current_key


@pytest.mark.long
def test_a_server_keeps_its_filter_and_its_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "[1/3]")
        await pilot.press("/", *"push", "enter", "down")
        await until_shown(pilot, "queue-1:11300  [1/3]")
        await until(pilot, lambda: _current(pilot) == "push-ios")
        await pilot.press("2")
        await until_shown(pilot, "queue-2:11300  [2/3]")
        await until(pilot, lambda: _current(pilot) == "email-transactional")
        await pilot.press("1")
        await until_shown(pilot, "queue-1:11300  [1/3]")
        await until(pilot, lambda: _current(pilot) == "push-ios")

    on_still(_three(), story)


@pytest.mark.long
def test_a_server_keeps_the_screen_on_which_it_was_left() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "[1/3]")
        await pilot.press("enter")
        await until_shown(pilot, "queue-1:11300 › email-transactional")
        await pilot.press("3")
        await until_shown(pilot, "queue-3:11300  [3/3]")
        await pilot.press("1")
        await until_shown(pilot, "queue-1:11300 › email-transactional", "q Back")

    on_still(_three(), story)


@pytest.mark.long
def test_with_one_server_the_keys_do_nothing_and_are_not_told() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("2", "]", "?")
        await until_shown(pilot, "Half a page down")
        assert "Next server" not in text_of(pilot.app.screen)

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_the_loss_of_another_server_is_told_and_stands_in_the_title() -> None:
    servers = _servers()
    watchers = [stills.Still(server) for server in servers]

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "[1/3]")
        down = Link("down", stills.NOW, "connection refused", tries=1, retry_at=stills.NOW + 4)
        watchers[2].tell(replace(servers[2], link=down))
        await until_shown(pilot, "[1/3 ×3]", "(queue-3:11300): connection lost:")
        watchers[2].tell(servers[2])
        await until_shown(pilot, "(queue-3:11300) is back", "[1/3]")

    on_still(_app(watchers), story)


@pytest.mark.long
def test_a_server_stays_frozen_while_another_is_looked_at() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "[1/3]")
        await pilot.press("f")
        await until_shown(pilot, "FROZEN")
        await pilot.press("2")
        await until_shown(pilot, "[2/3]")
        assert "FROZEN" not in text_of(pilot.app.screen)
        await pilot.press("1")
        await until_shown(pilot, "[1/3]", "FROZEN")

    on_still(_three(), story)
