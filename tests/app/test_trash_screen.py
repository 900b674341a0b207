"""Putting jobs back, from the keys to the file."""

import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.actions import trash as trash_module
from beantop.app.dialogs.pick import PickDialog
from beantop.app.screens.server_screen import ServerScreen
from beantop.app.view.lines import Line
from beantop.beanstalk import format_address
from beantop.jobs.known_server import KnownServer
from beantop.jobs.records import SavedJob
from beantop.jobs.trash import store
from beantop.jobs.trash.deletion import Deletion, Kind, Summary
from beantop.jobs.trash.deletion_file import DeletionFile
from beantop.jobs.trash.store import Last, Trash
from tests.app import stills
from tests.app.running import (
    answer,
    go_to_tube,
    on_server,
    on_still,
    severity_of_last,
    spelled,
    until_toasted,
)
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in


class ThreadsOf(Trash):
    """Records which threads wait for the disk."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.threads: list[threading.Thread] = []

    def begin(self, server: KnownServer | str, what: str) -> DeletionFile:
        self.threads.append(threading.current_thread())
        return super().begin(server, what)

    def open(self, deletion: Deletion | Summary) -> DeletionFile:
        self.threads.append(threading.current_thread())
        return super().open(deletion)


@pytest.mark.long
def test_the_screen_does_not_wait_for_the_disk(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    trash = ThreadsOf(tmp_path)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("D")
        await answer(pilot, "Delete which jobs?", "d")
        await answer(pilot, "Delete job ", "y")
        await until_shown(pilot, "Deleted job ")
        await pilot.press("U")
        await answer(pilot, "Put back 1 job?", "y")
        await until_shown(pilot, "Put back 1 job.")

    with server.client(use=tube) as client:
        client.put("", delay=1000)
        on_server(server, story, trash=trash)
        assert jobs_in(client, tube) == {"delayed": 1}
    assert len(trash.threads) == 2
    assert threading.main_thread() not in trash.threads


@pytest.mark.long
def test_nothing_is_put_back_read_only_however_it_is_asked_for(tmp_path: Path) -> None:
    trash, still = Trash(tmp_path), stills.watched()

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        screen = pilot.app.screen
        assert isinstance(screen, ServerScreen)
        with trash.begin(screen.view.address, "a job") as file:
            file.save([SavedJob("a", b"", 1)])
        screen.action_act("put_back")
        await until_shown(pilot, "Read-only: beantop was started with --readonly.")

    on_still(stills.app(still, readonly=True, trash=trash), story)


@pytest.mark.long
@pytest.mark.parametrize("key", "uU")
def test_a_trash_that_cannot_be_read_is_told(server: Beanstalkd, tmp_path: Path, key: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press(key)
        await until_shown(pilot, "The trash cannot be read: file name too long.")
        assert severity_of_last(pilot) == "warning"

    on_server(server, story, trash=Trash(tmp_path / ("x" * 300)))


class Stuck(Trash):
    """On a disk that does not answer until the test is over."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.answers = threading.Event()

    def last(self, server: KnownServer | str) -> Last:
        self.answers.wait()
        return Last(None)

    def deletions(self) -> list[Summary]:
        self.answers.wait()
        return []


@pytest.mark.parametrize("key", "uU")
def test_a_trash_whose_disk_does_not_answer_is_told(
    server: Beanstalkd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press(key)
        await until_shown(pilot, "The trash cannot be read: it did not answer")

    monkeypatch.setattr(trash_module, "SAVING", 0.05)
    trash = Stuck(tmp_path)
    on_server(server, story, trash=trash)
    trash.answers.set()


@pytest.mark.long
def test_a_file_that_cannot_be_read_is_named(server: Beanstalkd, tmp_path: Path) -> None:
    path = tmp_path / "deletion-0000000001.jsonl"
    path.write_bytes(b"\xff\n")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press("U")
        await until_shown(pilot, "There is nothing else to undo on this server.")
        await pilot.press("u")
        await until_shown(pilot, "unreadable", path.name)
        await pilot.press("enter")
        await until_toasted(pilot, f"{path} cannot be read: it does not begin as a deletion does.")

    on_server(server, story, trash=Trash(tmp_path))


class RemovedMeanwhile(DeletionFile):
    """Somebody removes it once the jobs are deleted."""

    def note(self, kind: Kind, ids: Iterable[int], *, synced: bool = False) -> None:
        self.path.unlink(missing_ok=True)
        super().note(kind, ids, synced=synced)


@pytest.mark.long
def test_jobs_whose_file_was_removed_are_not_said_to_be_saved(
    server: Beanstalkd, tube: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "DeletionFile", RemovedMeanwhile)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("D")
        await answer(pilot, "Delete which jobs?", "d")
        await answer(pilot, "Delete job ", "y")
        await until_shown(pilot, "cannot be put back", "trash was removed")
        assert severity_of_last(pilot) == "warning"

    with server.client(use=tube) as client:
        client.put("", delay=1000)
        on_server(server, story, trash=Trash(tmp_path))


def killed_before_it_deleted(server: Beanstalkd, trash: Trash, name: str) -> None:
    """A job was saved, and beantop was killed before it deleted it."""
    with server.client() as client, trash.begin(name, "a job") as file:
        file.save([SavedJob("default", b"here", client.put("here"), counters={"age": 0})])


async def put_back_by_u(pilot: Pilot[None], *said: str) -> str:
    """Put back the only job in the trash, and return what the question said."""
    await until_shown(pilot, "default")
    await pilot.press("u")
    await until_shown(pilot, "1 to put back")
    await pilot.press("enter")
    question = await until_shown(pilot, "Put back 1 job?", *said)
    await answer(pilot, "Put back 1 job?", "y")
    return question


@pytest.mark.long
def test_a_job_that_may_not_have_been_deleted_is_not_doubled_under_another_spelling(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    trash = Trash(tmp_path)

    async def story(pilot: Pilot[None]) -> None:
        question = await put_back_by_u(pilot, "those that are still there are skipped")
        assert "another server" not in question
        await until_shown(pilot, "is still on the server")

    killed_before_it_deleted(own_server, trash, format_address(own_server.address))
    on_server(spelled(own_server, "localhost"), story, trash=trash)
    with own_server.client() as client:
        assert jobs_in(client, "default") == {"ready": 1}


@pytest.mark.long
def test_jobs_of_a_server_that_is_not_recognized_are_not_doubled_either(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    trash = Trash(tmp_path)

    async def story(pilot: Pilot[None]) -> None:
        elsewhere = "deleted on another server, queue:11300"
        await put_back_by_u(pilot, elsewhere, "those that are still there will be there and here")
        await until_shown(pilot, "is still on the server")

    killed_before_it_deleted(own_server, trash, "queue:11300")
    on_server(own_server, story, trash=trash)
    with own_server.client() as client:
        assert jobs_in(client, "default") == {"ready": 1}


class Numbers(PickDialog[None]):
    """Counts how often its entries are made."""

    made = 0

    def __init__(self) -> None:
        super().__init__("Numbers", self.rows())

    def entries(self) -> list[Line]:
        self.made += 1
        return [[(f"{number}", "")] for number in range(3)]


@pytest.mark.long
def test_entries_are_made_once_for_each_move_of_the_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        numbers = Numbers()
        pilot.app.push_screen(numbers)
        await until_shown(pilot, "Numbers")
        made = numbers.made
        await pilot.press("down", "down", "down")
        await until(pilot, lambda: numbers.cursor == 2)
        assert numbers.made - made == 3

    on_still(stills.app(stills.watched()), story)
