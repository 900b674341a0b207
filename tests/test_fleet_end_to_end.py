"""Several servers in a real terminal: from arguments, and from the configuration."""

import stat
from pathlib import Path

import pytest

from tests.beanstalkd import Beanstalkd, free_port
from tests.terminal import Terminal, configure


@pytest.mark.long
def test_several_servers_are_named_and_one_of_them_is_not_there(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    path = tmp_path / "b.sock"
    other = Beanstalkd(socket_path=path)
    try:
        port = own_server.address[1]
        gone = f"127.0.0.1:{free_port()}"
        with Terminal(f"127.0.0.1:{port}", f"unix:{path}", gone, home=tmp_path) as terminal:
            terminal.until("2 of 3 servers answering", "connection ref", f"1 127.0.0.1:{port}")
            terminal.press("2")
            terminal.until("unix:", "[2/3 ×3]", "default")
            terminal.press("0")
            terminal.until("2 of 3 servers answering")
            terminal.press("q")
            assert terminal.wait() == 0
    finally:
        other.stop()


@pytest.mark.long
def test_servers_of_the_configuration_and_one_of_them_by_name(
    own_server: Beanstalkd, server: Beanstalkd, tmp_path: Path
) -> None:
    port, other = own_server.address[1], server.address[1]
    configure(
        tmp_path,
        f'[[server]]\nname = "prod-1"\naddress = "127.0.0.1:{port}"\nproduction = true\n'
        f'[[server]]\nname = "old"\naddress = "localhost:{other}"\nreadonly = true\n',
    )
    with Terminal(home=tmp_path) as terminal:
        terminal.until("2 of 2 servers answering", "1 prod-1", "RW PROD", "2 old")
        terminal.press("\x11")
        assert terminal.wait() == 0
    with Terminal("old", home=tmp_path) as terminal:
        terminal.until("old", "default", " RO ")


@pytest.mark.long
def test_what_is_copied_into_production_wants_the_number_typed(
    own_server: Beanstalkd, server: Beanstalkd, tmp_path: Path
) -> None:
    port, other = own_server.address[1], server.address[1]
    configure(
        tmp_path,
        f'confirm = "none"\n'
        f'[[server]]\nname = "test"\naddress = "127.0.0.1:{port}"\n'
        f'[[server]]\nname = "prod-2"\naddress = "127.0.0.1:{other}"\nproduction = true\n',
    )
    with own_server.client(use="emails") as client:
        client.put("hello")
    with Terminal(home=tmp_path) as terminal:
        terminal.until("2 of 2 servers answering")
        terminal.press("1")
        terminal.until("test", "emails")
        terminal.press("\r")
        terminal.until("› emails", "hello")
        terminal.press("C")
        terminal.until("to which tube?")
        terminal.press("2:copies")
        terminal.answer("to which tube?", "\r")
        terminal.until("Create this tube?", "copies", "prod-2")
        terminal.answer("Create this tube?", "y")
        terminal.until("type 1 to confirm", "copies on prod-2", "PRODUCTION")
        terminal.press("1")
        terminal.answer("Copy job 1 to copies on prod-2?", "\r")
        terminal.until("Copied job 1 to copies on prod-2:")


@pytest.mark.long
def test_all_that_is_said_is_written_to_the_log(own_server: Beanstalkd, tmp_path: Path) -> None:
    log = tmp_path / "said.log"
    port = own_server.address[1]
    with Terminal("--log", str(log), f"127.0.0.1:{port}", home=tmp_path) as terminal:
        terminal.until("default")
        own_server.stop()
        terminal.until("refused")
        own_server.start()
        terminal.until("is back after")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    lines = log.read_text().splitlines()
    assert any(
        "warning" in line and f"127.0.0.1:{port}: connection lost: " in line for line in lines
    )
    assert any("information 127.0.0.1" in line and "is back after" in line for line in lines)


def test_a_log_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with Terminal("--log", str(tmp_path), home=tmp_path, size=(200, 24)) as terminal:
        assert terminal.wait() == 2
        assert b"is a directory" in terminal.written.lower()
