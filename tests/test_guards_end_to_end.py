"""Rules of the configuration hold for a real server under any of its names."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.beanstalkd import Beanstalkd
from tests.bench.relay import relayed
from tests.terminal import Terminal, configure
from tests.variants import rest_is_slow

GUARD = '[[server]]\nname = "prod-1"\naddress = "{}"\nreadonly = true\n'
WHY = ("Read-only: this server is", "in the configuration")


def port_of(server: Beanstalkd) -> int:
    return int(server.address[1])


def cannot_be_changed(terminal: Terminal) -> None:
    """Wait until the screen says so, and why."""
    terminal.until("default", " RO ")
    terminal.press("K")
    terminal.until(*WHY)


@pytest.mark.parametrize(
    "text",
    rest_is_slow("PROD-1", "prod-1.", "localhost:{}", "[::ffff:127.0.0.1]:{}", "127.1:{}"),
)
def test_a_server_is_guarded_by_any_spelling(text: str, server: Beanstalkd, tmp_path: Path) -> None:
    port = port_of(server)
    configure(tmp_path, GUARD.format(f"127.0.0.1:{port}"))
    with Terminal(text.format(port), home=tmp_path) as terminal:
        terminal.until("default", " RO ")
        terminal.press("K")
        terminal.until("ead-only")


@pytest.mark.long
def test_a_server_in_production_is_so_by_another_name(server: Beanstalkd, tmp_path: Path) -> None:
    port = port_of(server)
    guard = f'[[server]]\nname = "prod-1"\naddress = "127.0.0.1:{port}"\nproduction = true\n'
    configure(tmp_path, guard)
    with Terminal(f"localhost:{port}", home=tmp_path) as terminal:
        terminal.until("default", "RW", "PRODUCTION")


@pytest.mark.long
def test_a_socket_is_guarded_by_a_link_to_it(tmp_path: Path) -> None:
    path, link = tmp_path / "b.sock", tmp_path / "link.sock"
    link.symlink_to(path)
    server = Beanstalkd(socket_path=path)
    try:
        configure(tmp_path, GUARD.format(f"unix:{tmp_path}//b.sock"))
        with Terminal(f"unix:{link}", home=tmp_path) as terminal:
            cannot_be_changed(terminal)
    finally:
        server.stop()


@pytest.mark.long
def test_a_tunnel_to_a_guarded_server_is_known_by_its_id(
    server: Beanstalkd, tmp_path: Path
) -> None:
    configure(tmp_path, GUARD.format(f"127.0.0.1:{port_of(server)}"))
    with ExitStack() as stack:
        host, port = relayed(port_of(server), stack)
        with Terminal(f"{host}:{port}", "prod-1", home=tmp_path) as terminal:
            terminal.until("2 of 2 servers answering")
            terminal.press("1")
            cannot_be_changed(terminal)


@pytest.mark.long
def test_a_list_with_a_comma_is_two_servers(
    server: Beanstalkd, own_server: Beanstalkd, tmp_path: Path
) -> None:
    both = f"tcp://127.0.0.1:{port_of(server)},127.0.0.1:{port_of(own_server)}"
    with Terminal(both, home=tmp_path) as terminal:
        terminal.until("2 of 2 servers answering")
