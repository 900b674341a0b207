"""Keys in one piece, as a slow line or a paste brings them: each goes to what the one before opened."""

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal


def test_the_key_after_s_is_a_column(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address)) as terminal:
        terminal.until("default", "Quit")
        terminal.press("sb")
        terminal.until("sort BURIED ▼")


@pytest.mark.long
def test_the_key_after_enter_is_for_the_screen_below(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address)) as terminal:
        terminal.until("default", "Quit")
        terminal.press("c")
        terminal.until("Columns")
        terminal.press("\rd")  # take the columns as they are; then `d` is a hint
        terminal.until("Delete is D (capital)")


@pytest.mark.long
def test_the_palette_is_ascii_too(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address), "--ascii") as terminal:
        terminal.until("default")
        terminal.press(":")
        terminal.until("A command, a tube")
    assert not {byte for byte in terminal.written if byte > 0x7E}


@pytest.mark.long
def test_a_page_key_before_the_palette_is_drawn_ends_nothing(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address)) as terminal:
        terminal.until("default", "Quit")
        terminal.press(":\x1b[6~")
        terminal.until("A command, a tube")
        terminal.press("\x1b[6~", "freeze")
        terminal.until("freeze", "Freeze or resume")


@pytest.mark.long
@pytest.mark.parametrize("opened", ["", "\r"])
def test_the_key_after_a_capital_does_not_leave_the_screen(
    server: Beanstalkd, tube: str, opened: str
) -> None:
    with server.client(use=tube) as client:
        client.put("")
        with Terminal(format_address(server.address)) as terminal:
            terminal.until(tube, "Quit")
            terminal.press(f"/{tube}\r")
            terminal.until(f"filter: {tube}")
            terminal.press(opened)
            terminal.until("1 of 1 jobs found" if opened else "1 of")
            terminal.press("Dq")
            terminal.until("Delete ", "q was ignored: it was pressed too early.")


@pytest.mark.long
def test_the_key_after_a_capital_does_not_show_another_server(
    server: Beanstalkd, own_server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("", delay=1000)
        both = [format_address(one.address) for one in (server, own_server)]
        with Terminal(*both) as terminal:
            terminal.until("2 of 2 servers answering")
            terminal.press("1")
            terminal.until(tube, "q Back")
            terminal.press(f"/{tube}\r")
            terminal.until(f"filter: {tube}")
            terminal.press("\r")
            terminal.until("1 of 1 jobs found")
            terminal.press("K2")
            terminal.until("Kick job", f" server  {both[0]}", "2 was ignored")
