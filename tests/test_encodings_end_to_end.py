"""The command in a real terminal that takes no UTF-8: whatever it lacks has as many cells."""

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.terminal import Terminal


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_our_own_signs_are_plain_ones(own_server: Beanstalkd, encoding: str) -> None:
    with Terminal(format_address(own_server.address), PYTHONIOENCODING=encoding) as terminal:
        text = terminal.until("worst first", "default", "beantop | o 127.0.0.1")
        assert "\\u" not in text
        assert b"\\u" not in terminal.written


@pytest.mark.long
def test_foreign_letters_take_the_cells_that_they_need(own_server: Beanstalkd) -> None:
    body = "\u6f22\u5b57 \u0416|"
    with own_server.client(use="mine") as client:
        client.put(body)
        client.put(body, delay=1000)
    with Terminal(format_address(own_server.address), PYTHONIOENCODING="latin-1") as terminal:
        terminal.until("mine")
        terminal.press("g", "\r")
        rows = terminal.until("???? ?|").splitlines()
        places = {row.index("|", row.index("????")) for row in rows if " 65536 " in row}
        assert len(places) == 1
        assert b"\\u" not in terminal.written
