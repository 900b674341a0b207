"""The rules of the configuration hold for the server that is connected to, however it was named."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.beanstalk import Address
from beantop.config import ServerConfig, Settings
from beantop.monitor.poller import Link, ServerStatus
from tests.app import stills
from tests.app.running import answer, on_still
from tests.app.screen_text import text_of, until, until_shown

PROD = ServerConfig(("prod-1", 11300), "prod-1", readonly=True)


def seen(address: Address, *, peer: Address | None = None, id: str = "5f") -> ServerStatus:
    """A server at that address, which is really there."""
    snapshot = stills.watched().snapshot
    stats = snapshot.server.stats.copy()
    stats["id"] = id
    server = snapshot.server._replace(stats=stats)
    return replace(
        stills.watched(), address=address, peer=peer, snapshot=snapshot._replace(server=server)
    )


def connecting(address: Address) -> ServerStatus:
    return ServerStatus(address, Link("connecting", stills.NOW))


def app(
    configured: list[ServerConfig], *watched: ServerStatus | stills.Still, writes: bool = False
) -> BeantopApp:
    """The program on these servers, which were named by their addresses."""
    watchers = [one if isinstance(one, stills.Still) else stills.Still(one) for one in watched]
    start = Options(Settings(servers=tuple(configured)), writes=writes)
    return BeantopApp(watchers, start, now=lambda: stills.NOW, wall=lambda: stills.WALL)


async def until_noted(pilot: Pilot[None], *sentences: str) -> None:
    """Let the program run until these were said; a toast may break them anywhere."""
    program = pilot.app
    assert isinstance(program, BeantopApp)

    def said() -> bool:
        return all(any(one in entry.text for entry in program.said) for one in sentences)

    await until(pilot, said)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No name is known before this is set; then all lead to 10.0.0.5. Addresses are known."""
    answered = threading.Event()

    def resolve(host: str, port: int, *_: object, **__: object) -> list[object]:
        is_name = not host[0].isdigit()
        assert not is_name or answered.wait(30)
        address = "10.0.0.5" if is_name else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield answered
    answered.set()


@pytest.mark.long
def test_until_it_is_known_where_the_guarded_servers_are_nothing_is_changed(
    names: threading.Event,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "RO")
        await pilot.press("K")
        await until_noted(pilot, "Read-only for a moment")
        await pilot.press("s")  # what only looks goes on meanwhile
        await until_shown(pilot, "Sort by")
        await pilot.press("escape")
        names.set()
        await until_noted(pilot, "10.0.0.5:11300 is prod-1 in the configuration: read-only.")
        await pilot.press("K")
        await until_noted(pilot, "Read-only: this server is prod-1 in the configuration")

    on_still(app([PROD], seen(("10.0.0.5", 11300))), story)


def test_a_server_that_is_none_of_them_can_be_changed_as_soon_as_that_is_known(
    names: threading.Event,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "RO")
        names.set()
        await until_shown(pilot, "RW")
        await pilot.press("K")
        await until_shown(pilot, "Kick buried jobs")

    on_still(app([PROD], seen(("10.0.0.6", 11300))), story)


@pytest.mark.usefixtures("names")
def test_where_nothing_is_guarded_nobody_waits() -> None:
    async def story(pilot: Pilot[None]) -> None:
        assert "RO" not in await until_shown(pilot, "email-transactional", "RW")

    on_still(app([ServerConfig(("prod-1", 11300))], seen(("10.0.0.6", 11300))), story)


@pytest.mark.long
def test_the_stricter_rule_wins_and_a_question_says_whose_it_is() -> None:
    production = ServerConfig(("10.0.0.5", 11300), "prod-1", production=True)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "PRODUCTION", "RW")
        await until_noted(pilot, "is prod-1 in the configuration: in production.")
        await pilot.press("K")
        await until_shown(pilot, "which is prod-1 in the configuration", "PRODUCTION")

    on_still(app([production], seen(("queue", 11300), peer=("10.0.0.5", 11300))), story)


@pytest.mark.long
def test_write_lifts_what_is_read_only_and_not_production() -> None:
    both = ServerConfig(("10.0.0.5", 11300), "prod-1", production=True, readonly=True)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "PRODUCTION", "RW")
        await until_noted(pilot, "is prod-1 in the configuration: in production.")

    on_still(app([both], seen(("queue", 11300), peer=("10.0.0.5", 11300)), writes=True), story)


@pytest.mark.long
def test_a_tunnel_to_a_guarded_server_waits_for_its_id_and_is_guarded() -> None:
    prod = stills.Still(connecting(("10.0.0.5", 11300)))
    guard = ServerConfig(("10.0.0.5", 11300), readonly=True)
    tunnel = seen(("127.0.0.1", 21300), id="5f")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "127.0.0.1:21300", "RO")
        await pilot.press("K")
        await until_noted(pilot, "Read-only for a moment")
        prod.tell(seen(("10.0.0.5", 11300), id="5f"))
        await until_noted(pilot, "21300 is 10.0.0.5:11300 in the configuration: read-only.")
        await pilot.press("K")
        await until_noted(pilot, "Read-only: this server is 10.0.0.5:11300 in the configuration")

    on_still(app([guard], tunnel, prod), story)


@pytest.mark.long
def test_another_server_beside_a_guarded_one_is_free() -> None:
    guard = ServerConfig(("10.0.0.5", 11300), readonly=True)
    other, prod = seen(("127.0.0.1", 21300), id="60"), seen(("10.0.0.5", 11300), id="5f")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "127.0.0.1:21300", "RW")
        await pilot.press("2")
        await until_shown(pilot, "10.0.0.5:11300", "RO")

    on_still(app([guard], other, prod), story)


@pytest.mark.long
@pytest.mark.parametrize(
    ("readonly", "sentence"),
    [
        (True, "Read-only: this server is 10.0.0.5:11300 in the configuration"),
        (False, "this server is 10.0.0.5:11300 in the configuration, a production server."),
    ],
)
def test_a_question_that_was_asked_before_the_rule_was_known_changes_nothing(
    readonly: bool, sentence: str
) -> None:
    guard = ServerConfig(("10.0.0.5", 11300), readonly=readonly, production=not readonly)
    still = stills.Still(seen(("queue", 11300), peer=("10.0.0.6", 11300)))

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "RW")
        await pilot.press("K")
        await until_shown(pilot, "Kick buried jobs")
        still.tell(seen(("queue", 11300), peer=("10.0.0.5", 11300)))  # its name leads elsewhere now
        await until_noted(pilot, "is 10.0.0.5:11300 in the configuration")
        await answer(pilot, "Kick buried jobs", "1", "enter")
        await until_noted(pilot, sentence)
        assert "Kicked" not in text_of(pilot.app.screen)

    on_still(app([guard], still), story)


@pytest.mark.long
def test_a_server_that_came_back_is_looked_up_again(names: threading.Event) -> None:
    names.set()
    here = seen(("queue", 11300), peer=("10.0.0.6", 11300))
    still = stills.Still(here)
    away = Link("down", stills.NOW, "connection refused", 1, stills.NOW + 4)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "RW")
        names.clear()
        still.tell(replace(here, link=away))
        still.tell(here)
        await until_shown(pilot, "is back", "RO")
        names.set()
        await until_shown(pilot, "RW")

    on_still(app([PROD], still), story)


def test_a_guarded_server_that_is_not_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    async def story(pilot: Pilot[None]) -> None:
        await until_noted(pilot, "prod-1 in the configuration was not found (unknown host)")
        await until_shown(pilot, "RW")

    on_still(app([PROD], seen(("10.0.0.6", 11300))), story)
