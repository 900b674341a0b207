"""Recognizing a configured server by address, `id` or `hostname`."""

import asyncio
import socket
import threading
from pathlib import Path

import pytest

from beantop.beanstalk import Address, parse_address
from beantop.config import ServerConfig
from beantop.config.guards import Guards, Sight


def guard(text: str, name: str = "") -> ServerConfig:
    return ServerConfig(parse_address(text), name, readonly=True)


def sight(text: str, *, peer: Address | None = None, id: str = "", hostname: str = "") -> Sight:
    return Sight.of(parse_address(text), peer, {"id": id, "hostname": hostname})


def is_guarded(seen: Sight, *configured: ServerConfig, look_up: bool = False) -> bool:
    guards = Guards(configured)
    if look_up:
        assert asyncio.run(guards.look_up()) == {}
    return bool(guards.guarding(seen))


@pytest.mark.parametrize("text", ["PROD-1", "prod-1.", "prod-1:11300", "beanstalk://Prod-1"])
def test_the_spelling_of_a_name_makes_no_difference(text: str) -> None:
    assert is_guarded(sight(text), guard("prod-1"))
    assert not is_guarded(sight(text), guard("prod-1:11301"))


@pytest.mark.parametrize(
    "one", ["localhost", "127.0.0.1", "127.1", "[::1]", "0.0.0.0", "LOCALHOST."]
)
@pytest.mark.parametrize("other", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_all_ways_to_this_machine_are_one(one: str, other: str) -> None:
    assert is_guarded(sight(one), guard(other))


def test_an_address_of_this_machine_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: socket.socket, address: tuple[str, int]) -> None:
        own = "10.0.0.5" if address[0] == "10.0.0.5" else "10.0.0.1"
        monkeypatch.setattr(socket.socket, "getsockname", lambda _: (own, 1))

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert is_guarded(sight("localhost"), guard("10.0.0.5"))
    assert is_guarded(sight("10.0.0.5"), guard("localhost"))
    assert not is_guarded(sight("localhost"), guard("10.0.0.6"))


def test_only_what_is_read_only_or_in_production_guards() -> None:
    plain = ServerConfig(("a", 11300))
    production = ServerConfig(("a", 11300), production=True)
    assert not is_guarded(sight("a"), plain)
    assert is_guarded(sight("a"), production)


def test_a_name_guards_where_it_leads_to() -> None:
    reached = sight("10.0.0.5", peer=("127.0.0.1", 11300))
    assert is_guarded(reached, guard("localhost"))
    assert is_guarded(sight("a", peer=("10.0.0.5", 11300)), guard("10.0.0.5"))


def test_a_name_that_is_looked_up_guards_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 11300))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert not is_guarded(sight("10.0.0.5"), guard("prod-1"))
    assert is_guarded(sight("10.0.0.5"), guard("prod-1"), look_up=True)
    assert not is_guarded(sight("10.0.0.5:11301"), guard("prod-1"), look_up=True)


def test_a_link_to_a_socket_is_the_socket(tmp_path: Path) -> None:
    path, link = tmp_path / "b.sock", tmp_path / "link.sock"
    link.symlink_to(path)
    assert is_guarded(sight(f"unix:{path}"), guard(f"unix:{link}"), look_up=True)
    assert is_guarded(
        sight(f"unix:{link}", peer=str(path.resolve())), guard(f"unix:{tmp_path}//b.sock")
    )


def test_the_same_id_is_the_same_server_also_through_a_tunnel() -> None:
    guards = Guards([guard("prod-1")])
    tunnel = sight("localhost:21300", id="5f", hostname="x")
    assert not guards.guarding(tunnel)
    assert guards.learn(sight("prod-1", id="5f"))
    assert guards.guarding(tunnel)
    assert not guards.guarding(sight("localhost:21301", id="60"))


def test_what_is_guarded_by_its_address_tells_the_id_of_others() -> None:
    guards = Guards([guard("prod-1")])
    guards.learn(sight("PROD-1", id="5f"))
    guards.learn(sight("prod-1", id="60"))  # it was restarted
    assert guards.guarding(sight("localhost:21300", id="60"))


@pytest.mark.parametrize(
    ("text", "hostname", "is_guarded_there"),
    [
        ("localhost:21300", "prod-1", True),  # a tunnel: its port tells nothing
        ("localhost:21300", "PROD-1.example.org", True),
        ("gateway:21300", "prod-1", True),
        ("localhost:21300", "prod-11", False),
        ("prod-1:11301", "prod-1", False),  # another server on that host
        ("localhost:21300", "", False),
    ],
)
def test_a_hostname_tells_of_a_tunnel(text: str, hostname: str, is_guarded_there: bool) -> None:
    assert is_guarded(sight(text, hostname=hostname), guard("prod-1")) is is_guarded_there
    assert is_guarded(sight(text, hostname=hostname), guard("10.0.0.5", "prod-1")) is (
        is_guarded_there or text == "prod-1:11301"  # the two addresses may be one host, or not
    )


def test_another_server_on_our_own_host_is_another_one() -> None:
    here = socket.gethostname()
    other = sight("localhost:11301", hostname=here)
    assert not is_guarded(other, guard(f"{here}:11300"))
    assert is_guarded(sight("localhost:11300", hostname=here), guard(f"{here}:11300"))


def test_where_both_ids_are_known_the_hostname_tells_nothing() -> None:
    guards = Guards([guard("prod-1")])
    guards.learn(sight("prod-1", id="5f", hostname="prod-1"))
    assert not guards.guarding(sight("localhost:21300", id="60", hostname="prod-1"))


def test_a_name_that_is_not_found_or_not_answered_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def resolve(host: str, *_: object, **__: object) -> list[object]:
        if host == "gone":
            raise socket.gaierror(-2, "Name or service not known")
        answered.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("beantop.config.guards.LOOK_UP_SECONDS", 0.05)
    gone, slow = guard("gone"), guard("slow")

    async def story() -> dict[ServerConfig, str]:
        try:
            return await Guards([gone, slow]).look_up()
        finally:
            answered.set()

    assert asyncio.run(story()) == {gone: "unknown host", slow: "no answer within 0.05 s"}
