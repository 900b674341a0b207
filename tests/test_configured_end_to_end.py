"""The command with a configuration and with saved preferences, in a real terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.config import DEFAULT_CONFIG
from tests.beanstalkd import Beanstalkd, wait_until
from tests.terminal import Terminal, configure, state_in


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server with a buried job in `a`, and two ready ones in `b`."""
    server = Beanstalkd()
    with server.client(use="a", watch="a") as client:
        client.put("hello")
        client.bury(client.reserve(timeout=0))
        client.use("b")
        client.put("one")
        client.put("two")
        yield format_address(server.address)
    server.stop()


@pytest.mark.long
def test_keys_are_as_the_file_says(address: str, tmp_path: Path) -> None:
    configure(tmp_path, '[keys]\nkick = "f9"\nleave = "Q"\n')
    with Terminal(address, home=tmp_path) as terminal:
        footer = terminal.until("f9 Kick", "Q Quit", "READY 2 ").splitlines()[-1]
        assert "K Kick" not in footer
        terminal.press("K", "q", "s")  # the first two are nobody's now
        terminal.until("Sort by")
        terminal.press("b")
        terminal.until("sort BURIED ▼")
        terminal.press("g", "\x1b[20~")  # f9
        terminal.until("Kick buried jobs to ready?")
        terminal.press("\x1b")
        terminal.until("f9 Kick", without="Kick buried")
        terminal.press("Q")
        assert terminal.wait() == 0


def test_a_file_with_a_mistake_is_a_sentence_and_no_screen(tmp_path: Path) -> None:
    path = configure(tmp_path, "bell = true\nintervall = 2\n")
    with Terminal(home=tmp_path, size=(200, 24)) as terminal:
        assert terminal.wait() == 2
        sentence = f"{path}, line 2: unknown key intervall, did you mean interval?"
        assert terminal.written.decode() == f"beantop: {sentence}\r\n"
        assert terminal.modes == terminal.modes_before


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[keys]\nkick = "f99"', ", line 2: kick: there is no key 'f99'"),
        ('theme = "light"', "there is no theme light"),
        ('columns = ["redy"]', "there is no column redy, did you mean ready?"),
    ],
)
def test_a_mistake_that_only_the_program_sees_is_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    configure(tmp_path, text)
    with Terminal(home=tmp_path, size=(300, 24)) as terminal:
        assert terminal.wait() == 2
        assert sentence in terminal.text
        assert b"\x1b[?1049h" not in terminal.written
        assert terminal.modes == terminal.modes_before


@pytest.mark.long
def test_the_configuration_to_start_from_can_be_used(tmp_path: Path) -> None:
    with Terminal("--default-config", size=(120, 60)) as terminal:
        assert terminal.wait() == 0
        printed = terminal.written.decode().replace("\r\n", "\n")
    assert printed == DEFAULT_CONFIG
    configure(tmp_path, printed)
    with Terminal("--paths", home=tmp_path, size=(300, 24)) as terminal:
        assert terminal.wait() == 0
        config, state = terminal.text.splitlines()[:2]
    assert config.split() == ["config", str(tmp_path / ".config" / "beantop" / "config.toml")]
    assert state.split() == ["state", str(state_in(tmp_path)), "(missing)"]


@pytest.mark.long
def test_what_was_chosen_is_there_in_the_next_run(address: str, tmp_path: Path) -> None:
    with Terminal(address, home=tmp_path) as first:
        first.until("READY 2 ", "worst first", "- 1s +")
        first.press("s")
        first.until("Sort by")
        first.press("b")
        first.until("sort BURIED ▼")
        first.press("c")
        first.until("[x] RSVD")
        first.press("s", "l", "\r")
        first.until("TOTAL", without="Columns")
        first.press("+")
        first.until("- 2s +")
        first.press("q")
        assert first.wait() == 0
    with Terminal(address, home=tmp_path) as second:
        text = second.until("READY 2 ", "sort BURIED ▼", "TOTAL", "- 2s +")
        assert "RSVD" not in text
    with Terminal(address, "-i", "5", home=tmp_path) as third:
        third.until("- 5s +")  # what is said on the command line goes before


@pytest.mark.long
def test_the_file_goes_before_what_was_chosen(address: str, tmp_path: Path) -> None:
    configure(tmp_path, 'interval = 5\ntheme = "beantop-light"\n')
    state_in(tmp_path).parent.mkdir(parents=True)
    state_in(tmp_path).write_text('{"interval": 2.0, "theme": "beantop-dark", "sort": "name"}')
    with Terminal(address, home=tmp_path) as terminal:
        terminal.until("- 5s +", "sort TUBE ▲")
        assert terminal.screen.buffer[0][0].bg == "fbfbfa"
        assert b"\x1b]11;?" not in terminal.written, "nobody needs to know the background"


@pytest.mark.long
def test_where_nothing_was_chosen_nothing_is_kept(address: str, tmp_path: Path) -> None:
    with Terminal(address, home=tmp_path) as terminal:
        terminal.until("READY 2 ")
        terminal.press("j")
        terminal.press("\r")
        terminal.until("q Back")
        terminal.press("q")
        terminal.until("3 tubes")
        terminal.press("q")
        assert terminal.wait() == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_broken_state_is_passed_over_with_a_word(address: str, tmp_path: Path) -> None:
    state = state_in(tmp_path)
    state.parent.mkdir(parents=True)
    state.write_text('{"sort": "name", "inter')
    with Terminal(address, home=tmp_path, size=(200, 24)) as terminal:
        terminal.until("Preferences not loaded", "worst first")
        terminal.press("w")
        terminal.until("sort TUBE ▲")
        wait_until(lambda: "span" in state.read_text(), "the choice is kept")
    assert json.loads(state.read_text())["sort"] == "name"


@pytest.mark.long
def test_a_sudden_death_leaves_a_whole_file(address: str, tmp_path: Path) -> None:
    state = state_in(tmp_path)
    with Terminal(address, home=tmp_path) as terminal:
        terminal.until("READY 2 ")
        terminal.press(*"iziziz" * 20)  # every one of them is written
        wait_until(state.exists, "the first choice is kept")
        terminal.process.kill()
        terminal.process.wait()
    assert json.loads(state.read_text()).keys() >= {"sort", "interval"}
    with Terminal(address, home=tmp_path) as again:
        assert "are lost" not in again.until("READY 2 ")


@pytest.mark.long
def test_in_plain_ascii_not_one_byte_is_more(address: str, tmp_path: Path) -> None:
    configure(tmp_path, 'ascii = true\n[[alert]]\ntubes = "*"\nwhen = "buried > 0"\n')
    with Terminal(address, home=tmp_path) as terminal:
        terminal.until("1 ALERT", "worst first")
        for keys, title in [
            ("?", "Help"),
            ("x", "What is wrong now"),
            ("s", "Sort by"),
            ("c", "Columns"),
        ]:
            terminal.press(keys)
            terminal.until(f"- {title} -")
            terminal.press("\x1b")
            terminal.until("? Help", without=f"- {title} -")
        terminal.press("/", "a", "\r")
        terminal.until("filter: a")
        terminal.press("\r")
        terminal.until("buried", "hello")
        terminal.press("\r")
        terminal.until("job 1", "Wrap")
        terminal.press("v")
        terminal.until("[hex]")
        terminal.press("D")
        terminal.until("Delete job 1")
        terminal.press("\x11")
        assert terminal.wait() == 0
    assert not {byte for byte in terminal.written if byte > 0x7E}
