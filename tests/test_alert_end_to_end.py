"""An alert of the configuration file, on a real beanstalkd, as a terminal hears of it."""

import re
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import body, peer
from tests.terminal import Terminal, configure

RULE = """
[[alert]]
tubes = "email*"
when = "buried > 0"
"""
WANTED = "bell = true\ndesktop = true\n"
NOTIFICATION = re.compile(rb"\x1b\](?:9|777);[^\x07\x1b]*\x07")
COMMAND = re.compile(rb"\x1b\][^\x07\x1b]*\x07")  # OSC: the BEL at its end does not ring


def _run(server: Beanstalkd, home: Path, term: str = "xterm-256color") -> Terminal:
    return Terminal(format_address(server.address), "-i", "0.5", home=home, TERM=term)


def _rings(terminal: Terminal) -> int:
    return COMMAND.sub(b"", terminal.written).count(b"\x07")


def _bury(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.put("hello")
        client.bury(client.reserve(timeout=0))


@pytest.mark.long
def test_it_is_a_sign_a_toast_and_a_line_of_the_list(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    configure(tmp_path, RULE + 'for = "1s"\n')
    with _run(own_server, tmp_path) as terminal:
        terminal.until("default")
        _bury(own_server, "invoices")
        terminal.until("invoices")
        assert "ALERT" not in terminal.text
        _bury(own_server, "email")
        terminal.until(" 1 ALERT ", "ALERT email on ", "buried > 0", "(buried 1)")
        terminal.press("x")
        text = terminal.until("What is wrong now", "(buried 1)", "since")
        assert re.search(r"since \d\d:\d\d:\d\d, for \d+s", text)
        assert "email on " in text
        assert "buried > 0" in text
    assert _rings(terminal) == 0
    assert not NOTIFICATION.search(terminal.written)


@pytest.mark.long
def test_it_may_be_about_the_age_of_the_oldest_job(own_server: Beanstalkd, tmp_path: Path) -> None:
    configure(tmp_path, '[[alert]]\ntubes = "email"\nwhen = "oldest-buried >= 1s"\n')
    _bury(own_server, "email")
    with own_server.client(use="email") as client:
        client.put("a ready one")
    with _run(own_server, tmp_path) as terminal:
        terminal.until(" 1 ALERT ", "ALERT email on ", "(oldest-buried ", "s)")


@pytest.mark.long
@pytest.mark.parametrize(
    ("term", "sent"),
    [
        ("xterm-256color", "\x1b]9;beantop: ALERT email;a on {}: buried > 0 (buried 1)\x07"),
        (
            "rxvt-unicode-256color",
            "\x1b]777;notify;beantop;ALERT email,a on {}: buried > 0 (buried 1)\x07",
        ),
    ],
    ids=["xterm", "rxvt"],
)
def test_where_it_is_wanted_the_bell_rings_once_and_the_desktop_is_told(
    own_server: Beanstalkd, tmp_path: Path, term: str, sent: str
) -> None:
    configure(tmp_path, WANTED + RULE)
    _bury(own_server, "email;a")
    with _run(own_server, tmp_path, term) as terminal:
        terminal.until(" 1 ALERT ")
        terminal.until_written(sent.format(format_address(own_server.address)).encode())
        _bury(own_server, "email;a")
        terminal.until("BURIED 2 ")  # which is no news
    assert _rings(terminal) == 1
    assert len(NOTIFICATION.findall(terminal.written)) == 1


@pytest.mark.long
def test_a_hostile_server_has_no_say_in_the_notification(tmp_path: Path) -> None:
    """What cannot be a tube's name is never asked for, so that no rule holds for it."""
    hostile = ["\x1b]0;PWNED\x07", "\x9b31m", "[@click=app.quit]y[/]", "email"]

    def answer(line: str) -> bytes:
        if line == "list-tubes":
            return body("---\n" + "".join(f"- {name}\n" for name in hostile))
        return body("---\nuptime: 9\ncurrent-jobs-buried: 3\nversion: \x1b[2J\x07\n")

    configure(tmp_path, WANTED + RULE.replace("email*", "*"))
    with (
        peer(answer) as server,
        Terminal(format_address(server.address), home=tmp_path) as terminal,
    ):
        terminal.until(" 1 ALERT ", "␛]0;PWNED␇", r"\x9b31m", "[@click=app.quit]y[/]")
        terminal.press("x")
        terminal.until("What is wrong now", "alert buried > 0", "email on ")
    assert b"PWNED\x07" not in terminal.written
    assert b"\xc2\x9b" not in terminal.written
    assert b"\x1b[2J\x07" not in terminal.written
    assert len(NOTIFICATION.findall(terminal.written)) == _rings(terminal) == 1
