"""Keys in one piece, as a slow line or a paste brings them: each goes to what the one before opened."""

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal


def test_the_key_after_s_is_a_column(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address)) as terminal:
        terminal.until("default", "Quit")
        terminal.press("sb")
        terminal.until("sort BURIED ▼")


def test_the_key_after_enter_is_for_the_screen_below(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address)) as terminal:
        terminal.until("default", "Quit")
        terminal.press("c")
        terminal.until("Columns")
        terminal.press("\rd")  # take the columns as they are; then `d` is a hint
        terminal.until("Delete is D (capital)")


def test_the_palette_is_ascii_too(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address), "--ascii") as terminal:
        terminal.until("default")
        terminal.press(":")
        terminal.until("A command, a tube")
    assert not {byte for byte in terminal.written if byte > 0x7E}


def test_a_page_key_before_the_palette_is_drawn_ends_nothing(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address)) as terminal:
        terminal.until("default", "Quit")
        terminal.press(":\x1b[6~")
        terminal.until("A command, a tube")
        terminal.press("\x1b[6~", "freeze")
        terminal.until("freeze", "Freeze or resume")
