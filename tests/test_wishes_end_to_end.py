"""What operators want most often, with exactly the keys that it takes: none takes more than a few."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from beantop.beanstalk import Client, format_address
from tests.beanstalkd import Beanstalkd, wait_until
from tests.jobs.acting import jobs_in
from tests.terminal import Terminal

TUBE = "email-transactional"
BURIED = 150
"""More than may be kicked by `y` alone."""


class Keyboard:
    """Presses keys and counts them; words that only the user knows are typed, and not counted."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.presses = 0

    def press(self, *keys: str, then: str) -> None:
        """Press the keys one after the other, and wait until the screen shows a word."""
        self.presses += len(keys)
        for key in keys:
            self.terminal.press(key)
        self.terminal.until(then)

    def type(self, text: str, then: str) -> None:
        self.terminal.press(text)
        self.terminal.until(then)

    def answer(self, *keys: str, then: str) -> None:
        """Answer a question as soon as it listens: then its keys are bold."""
        wait_until(self._listens, "the question listens")
        self.press(*keys, then=then)

    def _listens(self) -> bool:
        self.terminal.read(0.05)
        return self.terminal.listens


@pytest.fixture
def client(own_server: Beanstalkd) -> Iterator[Client[str]]:
    """A server with a tube of buried jobs, a few of which mention a zebra."""
    with own_server.client(use=TUBE, watch=TUBE) as client:
        for number in range(BURIED):
            client.put(f'{{"order": {number}, "animal": "{"zebra" if number < 3 else "horse"}"}}')
            client.bury(client.reserve())
        yield client


@contextmanager
def at_80x24(server: Beanstalkd) -> Iterator[Keyboard]:
    with Terminal(format_address(server.address), size=(80, 24)) as terminal:
        terminal.until(TUBE, f"{BURIED} buried")  # what is broken is found without a key
        yield Keyboard(terminal)


def counts(client: Client[str], tube: str = TUBE) -> dict[str, int]:
    return jobs_in(client, tube) if tube in client.tubes() else {}


ENTER, ESCAPE = "\r", "\x1b"


@pytest.mark.long
def test_a_buried_job_and_its_body(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press(ENTER, then='"order": 0')
        assert keyboard.presses <= 2


@pytest.mark.long
def test_kick_10(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press("K", then="Kick")
        keyboard.answer("1", "0", ENTER, then="Kicked")
        assert keyboard.presses <= 4
    assert counts(client) == {"ready": 10, "buried": BURIED - 10}


@pytest.mark.long
def test_kick_all(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press("K", then="Kick")
        keyboard.answer("a", "l", "l", ENTER, then="Kicked")
        assert keyboard.presses <= 5
    assert counts(client) == {"ready": BURIED}


@pytest.mark.long
def test_delete_by_a_word(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press(ENTER, then=f"{BURIED} of {BURIED} jobs found")
        keyboard.presses = 0  # in the tube
        keyboard.press("/", then="filter")
        keyboard.type("zebra", then="zebra")
        keyboard.press(ENTER, then="── filter: zebra ──")  # without the bodies still to be read
        wait_until(lambda: not _shows(keyboard, "horse"), "the filter holds")
        keyboard.press("a", then="3 marked")
        keyboard.press("D", then="Delete 3")
        keyboard.answer("y", then="Deleted")
        assert keyboard.presses <= 6
    assert counts(client) == {"buried": BURIED - 3}


def _shows(keyboard: Keyboard, word: str) -> bool:
    keyboard.terminal.read(0.1)
    return word in keyboard.terminal.text


@pytest.mark.long
def test_go_to_an_id(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press(":", then="the id of a job")
        keyboard.type("77", then="Job 77")
        keyboard.press(ENTER, then="› job 77")
        assert keyboard.presses <= 2


@pytest.mark.long
def test_move_a_state_and_undo_it(own_server: Beanstalkd, client: Client[str]) -> None:
    client.use("graveyard")
    client.put("it exists")
    with at_80x24(own_server) as keyboard:
        keyboard.press("M", then="b  buried")
        keyboard.answer("b", then="name of the tube")
        keyboard.type("graveyard", then="graveyard")
        keyboard.answer(ENTER, then="Moved")
        assert keyboard.presses <= 4
        assert counts(client, "graveyard") == {"ready": 1, "buried": BURIED}
        keyboard.presses = 0
        keyboard.press("U", then="y Undo")
        keyboard.answer("y", then=f"! {BURIED} buried")
        assert keyboard.presses <= 2
        wait_until(lambda: counts(client) == {"buried": BURIED}, "all are back")


@pytest.mark.long
def test_all_reserved_jobs_while_workers_run(own_server: Beanstalkd, client: Client[str]) -> None:
    client.use("busy")
    client.watch("busy")
    client.ignore(TUBE)
    with at_80x24(own_server) as keyboard:
        client.put('{"held": 1}', ttr=600)
        held = client.reserve()
        keyboard.press("/", then="filter")
        keyboard.type("busy", then="1 of ")
        keyboard.press(ENTER, then="filter: busy")
        keyboard.presses = 0  # from the row of the tube
        keyboard.press(ENTER, then="1 of 1 jobs found")
        keyboard.press("l", "l", then='"held": 1')
        assert keyboard.presses <= 3
        for number in range(2, 6):
            client.delete(held)
            client.put(f'{{"held": {number}}}', ttr=600)
            held = client.reserve()
            keyboard.terminal.until(f'"held": {number}', without=f'"held": {number - 1}')


@pytest.mark.long
def test_pause_5_minutes(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press("P", then="Pause")
        keyboard.answer("5", "m", ENTER, then="Paused")
        assert keyboard.presses <= 4
    assert client.stats_tube(TUBE)["pause"] == 300


@pytest.mark.long
def test_copy_a_body(own_server: Beanstalkd, client: Client[str]) -> None:
    with at_80x24(own_server) as keyboard:
        keyboard.press(ENTER, then='"order": 0')
        keyboard.presses = 0  # in the list of jobs
        keyboard.press(ENTER, then="› job 1")
        keyboard.press("y", then="Copied")
        assert keyboard.presses <= 2
