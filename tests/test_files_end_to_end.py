"""Files that would block: locked by another program, or replaced by a pipe."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from tests.beanstalkd import PATIENCE, Beanstalkd
from tests.terminal import Terminal, configure, state_in
from tests.test_editor_end_to_end import editor
from tests.variants import rest_is_slow


def drafts_in(home: Path) -> Path:
    """The directory of the drafts."""
    directory = home / "drafts"
    directory.mkdir(exist_ok=True)
    return directory


def at_the_jobs(server: Beanstalkd, home: Path, editor: str = "") -> Terminal:
    """The program, showing the tube emails, which has a buried job."""
    with server.client(use="emails", watch="emails") as client:
        client.put("hello")
        client.bury(client.reserve(timeout=0))
    address, drafts = format_address(server.address), str(drafts_in(home))
    terminal = Terminal(address, "-i", "0.5", home=home, VISUAL=editor, TMPDIR=drafts)
    terminal.until("emails")
    terminal.until("! 1 buried")
    terminal.press("\r")
    terminal.until("› emails", "buried", "hello")
    return terminal


@pytest.mark.long
def test_a_log_of_actions_that_another_program_holds_stops_no_action(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    log = state_in(tmp_path).with_name("actions.jsonl")
    log.parent.mkdir(parents=True)
    with log.open("w") as held, at_the_jobs(own_server, tmp_path) as terminal:
        fcntl.flock(held, fcntl.LOCK_EX)
        terminal.press("K")
        terminal.answer("Kick job 1 to ready?", "y")
        terminal.until("Kicked job 1")
        terminal.press("?")
        terminal.until("Half a page down")
        terminal.press("?")
        terminal.until("The log of actions cannot", without="Half a page down")
        terminal.send_signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM


@pytest.mark.long
def test_what_was_noted_is_in_the_log_though_the_program_ends_at_once(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    log = state_in(tmp_path).with_name("actions.jsonl")
    with at_the_jobs(own_server, tmp_path) as terminal:
        terminal.press("K")
        terminal.answer("Kick job 1 to ready?", "y")
        terminal.until("Kicked job 1")
        terminal.press("\x11")
        assert terminal.wait() == 0
    assert log.read_text().count('"Kicked"') == 1


@pytest.mark.long
@pytest.mark.parametrize("what", rest_is_slow('mkfifo "$1"', 'ln -s /dev/zero "$1"', 'mkdir "$1"'))
def test_an_editor_that_puts_something_else_in_place_of_the_text_is_told(
    own_server: Beanstalkd, tmp_path: Path, what: str
) -> None:
    program = editor(tmp_path, f'rm "$1"; {what}')
    with at_the_jobs(own_server, tmp_path, program) as terminal:
        terminal.press("E")
        terminal.until("Nothing was changed: the file of the text:")
        terminal.press("?")
        terminal.until("Half a page down")
    assert os.listdir(drafts_in(tmp_path)) == []


@pytest.mark.parametrize("mode", [["tubes"], []])
def test_a_configuration_that_is_a_pipe_is_a_sentence(tmp_path: Path, mode: list[str]) -> None:
    path = configure(tmp_path, "")
    path.unlink()
    os.mkfifo(path)
    done = subprocess.run(
        [sys.executable, "-m", "beantop", *mode, "--config", str(path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stderr == f"beantop: {path}: it is not a regular file\n"
    assert done.returncode == 2
