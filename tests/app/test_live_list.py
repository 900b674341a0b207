"""A list of jobs fills itself when a tube is opened, and stays true while workers run."""

import random
from contextlib import suppress

import pytest
from textual.pilot import Pilot

from beantop.app.panes import scan_control
from beantop.app.screens.tube import TubeScreen
from beantop.app.session import server_view
from beantop.beanstalk import Client, NotFoundError, TimedOutError
from tests.app.running import answer, on_server, open_tube
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd


def cursor_of(screen: TubeScreen) -> int | None:
    return screen.pane.table.current_key


@pytest.mark.long
@pytest.mark.usefixtures("finds_by_itself")
def test_all_jobs_are_found_without_a_key_and_the_cursor_is_on_the_first(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await until_shown(pilot, "50 of 50 jobs found")
        await until(pilot, lambda: cursor_of(screen) == ids[0])
        assert screen.pane.table.scroll_offset.y == 0

    with server.client(use=tube) as client:
        ids = [client.put("x", priority=1000 - number) for number in range(50)]
        on_server(server, story)


@pytest.mark.long
@pytest.mark.usefixtures("finds_by_itself")
def test_old_buried_jobs_are_found_though_newer_ids_are_far_away(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube)
        await until_shown(pilot, "300 of 300 jobs found")

    with own_server.client(use=tube, watch=tube) as client:
        for _ in range(300):
            client.put("x")
            client.bury(client.reserve())
        client.use("elsewhere")
        for _ in range(3 * scan_control.CHEAP_IDS // 10):
            for id in [client.put("y") for _ in range(10)]:
                client.delete(id)
        on_server(own_server, story)


@pytest.mark.long
@pytest.mark.usefixtures("finds_by_itself")
@pytest.mark.parametrize("key", ["n", "o"])
def test_a_frozen_list_does_not_grow_and_goes_on_later(
    own_server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(server_view, "GENTLE_RATE", 300.0)
    monkeypatch.setattr(server_view, "MIN_RATE", 300.0)

    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await until_shown(pilot, "jobs found …")
        await pilot.press("f", key)
        await until_shown(pilot, "The screen is frozen.  f resumes.")
        shown = states_in(screen)
        await until_shown(pilot, "+4 polls")
        assert states_in(screen) == shown
        await pilot.press("f")
        await until_shown(pilot, "3,000 of 3,000 jobs found")

    with own_server.client(use=tube) as client:
        for _ in range(3000):
            client.put("x")
        on_server(own_server, story)


@pytest.mark.long
@pytest.mark.usefixtures("finds_by_itself")
def test_a_list_that_was_touched_keeps_its_cursor(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await until_shown(pilot, "5 of 5 jobs found")
        await pilot.press("j", "j")
        assert cursor_of(screen) == ids[2]
        client.delete(ids[0])
        await until_shown(pilot, "4 of 4 jobs found")
        assert cursor_of(screen) == ids[2]

    with server.client(use=tube) as client:
        ids = [client.put("x") for _ in range(5)]
        on_server(server, story)


@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("finds_by_itself")
@pytest.mark.timeout(300)
def test_two_polls_after_anything_happened_the_list_is_the_truth(
    server: Beanstalkd, tube: str, rounds: int
) -> None:
    chance = random.Random(rounds)
    ids: list[int] = []

    def work(client: Client[str]) -> None:
        """Do what producers and workers do: put, reserve, bury, release, delete."""
        for _ in range(chance.randrange(5, 60)):
            if chance.random() < 0.5:
                ids.append(client.put("x", delay=chance.choice([0, 0, 1000]), ttr=900))
                continue
            with suppress(TimedOutError):
                job = client.reserve(timeout=0)
                chance.choice([client.delete, client.bury, client.release, client.touch])(job)

    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await until_shown(pilot, "jobs found")
        for _ in range(rounds):
            work(client)
            polls = screen.view.watched.polls
            await until(pilot, lambda: screen.view.watched.polls >= polls + 2)  # noqa: B023
            true = states_of(client, ids)
            await until(pilot, lambda: states_in(screen) == true)  # noqa: B023

    with server.client(use=tube, watch=tube) as client:
        work(client)
        on_server(server, story)


def states_in(screen: TubeScreen) -> dict[int, str | None]:
    return {row.job.id: row.job.state for row in screen.pane.table.rows}


def states_of(client: Client[str], ids: list[int]) -> dict[int, str]:
    """The state of each of these jobs that there is."""
    states: dict[int, str] = {}
    for id in ids:
        with suppress(NotFoundError):
            states[id] = client.stats_job(id)["state"]
    return states


def test_n_finds_the_rest_and_esc_stops(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await until_shown(pilot, "The next job of each state")
        async with screen.server.connection.turn():  # the scan has to wait
            await pilot.press("n", "n")
            await until_shown(pilot, "A scan is already running.  esc stops it.")
            await pilot.press("escape")
        await until_shown(pilot, "of 2 jobs found", "n finds the rest")
        assert (pilot.app.screen, screen.pane.jobs.scan.running) == (screen, False)

    with server.client(use=tube) as client:
        client.put("x")
        client.put("x")
        on_server(server, story)


@pytest.mark.long
def test_after_an_action_the_cursor_is_on_the_next_job(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await pilot.press("n")
        await until_shown(pilot, "3 of 3 jobs found")
        assert cursor_of(screen) == ids[0]
        await pilot.press("K")
        await answer(pilot, "to ready?", "y")
        await until(pilot, lambda: cursor_of(screen) == ids[1])
        assert ids[0] in states_in(screen)

    with server.client(use=tube) as client:
        ids = [client.put("x", delay=1000) for _ in range(3)]
        on_server(server, story)
