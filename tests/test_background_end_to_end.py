"""A terminal that is asked for its background, and answers as terminals do: or otherwise."""

import signal

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.terminal import ENDING, Terminal
from tests.variants import rest_is_slow

QUESTION = b"\x1b]11;?\x1b\\\x1b[c"
WHITE = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\"
BLACK = "\x1b]11;rgb:0000/0000/0000\x07"
LAST = "\x1b[?62;22;52c"
DARK_THEME, LIGHT_THEME = "14171c", "fbfbfa"


def _asked(server: Beanstalkd) -> Terminal:
    """The program that has asked; from afar, so that there is time to answer."""
    terminal = Terminal(format_address(server.address), SSH_CONNECTION="10.0.0.1 22 10.0.0.2 22")
    terminal.until_written(QUESTION)
    return terminal


@pytest.mark.long
@pytest.mark.parametrize(
    ("answer", "background"),
    rest_is_slow(
        ([WHITE + LAST], LIGHT_THEME),
        ([*(WHITE + LAST)], LIGHT_THEME),
        ([BLACK, LAST], DARK_THEME),
        (["\x1b]11;rgb:what/is/this\x07" + LAST], DARK_THEME),
        (["\x1b]11;rgb:ff/f", "\x1b[?;;;", "[[[1;2R"], DARK_THEME),
        ([], DARK_THEME),
    ),
    ids=["light", "in pieces", "dark", "garbage", "without end", "silent"],
)
def test_the_theme_is_as_the_answer_says(
    server: Beanstalkd, answer: list[str], background: str
) -> None:
    with _asked(server) as terminal:
        terminal.press(*answer)
        text = terminal.until("default", "? Help")
        assert terminal.screen.buffer[0][0].bg == background
        assert "A command, a tube" not in text
        assert "Half a page" not in text
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.modes == terminal.modes_before


@pytest.mark.long
def test_only_who_needs_the_answer_asks(server: Beanstalkd) -> None:
    with Terminal(format_address(server.address), "--theme", "beantop-light") as terminal:
        terminal.until("default")
        assert QUESTION not in terminal.written
        assert terminal.screen.buffer[0][0].bg == LIGHT_THEME


@pytest.mark.parametrize("number", rest_is_slow(*ENDING))
def test_a_signal_while_it_asks_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with Terminal("127.0.0.1:1") as terminal:
        terminal.until_written(QUESTION)
        terminal.send_signal(number)
        assert terminal.wait() == 128 + number
        assert terminal.modes == terminal.modes_before
        assert b"Traceback" not in terminal.written


@pytest.mark.long
def test_an_endless_color_is_no_crash(server: Beanstalkd) -> None:
    with _asked(server) as terminal:
        terminal.press(f"\x1b]11;rgb:{'f' * 300}/0/0\x07{LAST}")
        terminal.until("default")
