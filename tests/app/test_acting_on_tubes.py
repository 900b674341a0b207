"""Marked tubes, and all jobs of a state, from the screen of tubes, on a real server."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.screens.server_screen import ServerScreen
from beantop.beanstalk import Client
from beantop.jobs.journal import Journal
from beantop.jobs.trash.store import Trash
from beantop.monitor.snapshot import Tube
from tests.app.running import answer, find_command, go_to_tube, on_server
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in, put_buried


def known(pilot: Pilot[None], tube: str) -> Tube:
    """The tube as the screen knows it."""
    screen = pilot.app.screen
    assert isinstance(screen, ServerScreen)
    return screen.view.watched.snapshot.tubes[tube]


def fill(client: Client[str]) -> None:
    put_buried(client)
    put_buried(client)
    client.put("")
    client.put("", delay=1000)


@pytest.mark.long
def test_all_jobs_of_one_state_are_deleted(server: Beanstalkd, tube: str, tmp_path: Path) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("D")
        await answer(pilot, "Delete which jobs?", "b")
        await answer(pilot, "Delete 2 buried jobs?", "y")
        await until_shown(pilot, f"Deleted 2 buried jobs of {tube}. U puts them back.")
        await until(pilot, lambda: known(pilot, tube).buried == 0)
        await pilot.press("D")
        words = await until_shown(pilot, "Delete which jobs?", "enter Choose")
        assert "b  buried" not in words  # there are none now
        assert "d  delayed" in words

    with server.client(use=tube, watch=tube) as client:
        fill(client)
        on_server(server, story, trash=Trash(tmp_path))
        assert jobs_in(client, tube) == {"ready": 1, "delayed": 1}


@pytest.mark.long
def test_ready_and_delayed_jobs_are_buried_and_given_another_priority(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("B")
        words = await until_shown(pilot, "Bury which jobs?")
        assert "b  buried" not in words
        await answer(pilot, "Bury which jobs?", "d")
        await answer(pilot, "Bury job ", "y")
        await until_shown(pilot, "Buried job ")
        await pilot.press("R")
        await answer(pilot, "Change which jobs?", "b")
        await answer(pilot, "Change priority or delay of 3 buried jobs?", "7", "enter")
        await until_shown(pilot, f"Changed 3 buried jobs of {tube} to priority 7.")

    with server.client(use=tube, watch=tube) as client:
        fill(client)
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 1, "buried": 3}
        assert client.stats_job(client.peek_buried())["pri"] == 7


@pytest.mark.long
def test_jobs_are_copied_by_their_state_also_those_that_a_worker_holds(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("C")
        await answer(pilot, "Copy which jobs?", "s")
        await answer(pilot, "to which tube?", *f"{tube}x", "enter")
        await answer(pilot, "Create this tube?", "y")
        await until_shown(pilot, "Copied job ", f"to {tube}x: the copy is job ")

    with server.client(use=tube, watch=tube) as client:
        client.put("held")
        client.reserve()
        on_server(server, story)
        assert jobs_in(client, f"{tube}x") == {"ready": 1}
        assert jobs_in(client, tube) == {"reserved": 1}


@pytest.mark.long
def test_the_ids_are_walked_once_for_all_marked_tubes(own_server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "many")
        await pilot.press("/", *"many", "enter")
        await pilot.press("D")
        await answer(pilot, "Delete which jobs?", "d")
        await answer(pilot, "Delete job ", "n")
        asked.append(client.stats()["cmd-stats-job"])
        await pilot.press("a", "D")
        await answer(pilot, "Delete which jobs?", "d")
        await answer(pilot, "Delete 5 delayed jobs?", "n")
        asked.append(client.stats()["cmd-stats-job"] - asked[0])

    asked: list[int] = []
    with own_server.client() as client:
        for number in range(5):
            client.use(f"many-{number}")
            client.put("", delay=1000)
        on_server(own_server, story)
    of_one, of_all = asked
    assert of_all < 3 * of_one  # batches vary with the time; five walks would be five times


@pytest.mark.long
def test_a_state_is_chosen_by_the_cursor_too(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("D")
        await answer(pilot, "Delete which jobs?", "x", "down", "down", "down", "enter")
        await answer(pilot, "Delete 2 buried jobs?", "n")
        await pilot.press("D")
        await answer(pilot, "Delete which jobs?", "escape")
        await until_shown(pilot, "worst first")
        assert len(pilot.app.screen_stack) == 1

    with server.client(use=tube, watch=tube) as client:
        fill(client)
        on_server(server, story)
        assert jobs_in(client, tube) == {"ready": 1, "delayed": 1, "buried": 2}


def test_an_empty_tube_is_asked_nothing_about(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("B")
        await until_shown(pilot, "No jobs to bury: none is ready or delayed.")
        assert len(pilot.app.screen_stack) == 1

    with server.client(use=tube, watch=tube) as client:
        put_buried(client)
        on_server(server, story)


@pytest.mark.long
def test_marked_tubes_are_kicked_paused_and_moved_together(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "mine")
        await pilot.press("/", *"mine", "enter")
        await pilot.press("a", "K")
        await until_shown(pilot, "2 marked", "mine-a", "mine-b")
        await answer(pilot, "Kick all buried jobs to ready?", "y")
        await until_shown(pilot, "Kicked 4 buried jobs in 2 tubes.")
        assert [entry["what"] for entry in journal.last(9)] == ["Kicked"]
        await pilot.press("P")
        await answer(pilot, "Pause these 2 tubes?", "y")
        await until_shown(pilot, "Paused 2 tubes for 1m0s.")
        await pilot.press("M")
        await answer(pilot, "Move which jobs?", "d")
        await answer(pilot, "Move 2 delayed jobs to which tube?", *"other", "enter")
        await answer(pilot, "Create this tube?", "y")
        await until_shown(pilot, "Moved 2 delayed jobs of 2 tubes to other. New ids: ")
        await find_command(pilot, "log: m", "Log: messages")
        await until_shown(
            pilot,
            "Kicked 4 buried jobs in 2 tubes (mine-a, mine-b)",
            "Paused 2 tubes for 1m0s (mine-a, mine-b)",
            "Moved 2 delayed jobs of 2 tubes to other  ",
        )

    for tube in ("mine-a", "mine-b"):
        with own_server.client(use=tube, watch=tube) as client:
            fill(client)
    on_server(own_server, story, journal=journal)
    with own_server.client() as client:
        assert jobs_in(client, "mine-a") == jobs_in(client, "mine-b") == {"ready": 3}
        assert jobs_in(client, "other") == {"delayed": 2}
        assert client.stats_tube("mine-a")["pause-time-left"] > 0
        assert client.stats_tube("other")["pause-time-left"] == 0
