"""The list of jobs on a real server: the order and the filter of what was found."""

from textual.pilot import Pilot

from beantop.app.screens.tube import TubeScreen
from tests.app.running import go_to_tube, on_server
from tests.app.screen_text import until, until_shown
from tests.beanstalkd import Beanstalkd


async def open_tube(pilot: Pilot[None], tube: str) -> TubeScreen:
    await go_to_tube(pilot, tube)
    await pilot.press("enter")
    await until_shown(pilot, "The next job of each state")
    screen = pilot.app.screen
    assert isinstance(screen, TubeScreen)
    return screen


def ids(screen: TubeScreen) -> list[int]:
    return [row.job.id for row in screen.table.rows]


def test_a_filter_that_was_kept_is_used_on_what_is_found_later(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await pilot.press("slash", *"body", "enter")
        await until(pilot, lambda: len(screen.table.rows) == 1)
        await pilot.press("n")
        await until_shown(pilot, "5 of 5 jobs found", "n looks anew")
        await until(pilot, lambda: len(screen.table.rows) == 5)
        assert "bodies read" not in await until_shown(pilot, "filter: body")

    with server.client(use=tube) as client:
        for number in range(5):
            client.put(f"body {number}")
        on_server(server, story)


def test_bodies_are_not_read_again_for_the_same_words(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        await pilot.press("n")
        await until_shown(pilot, "3 of 3 jobs found", "heron")
        await pilot.press("slash", *"heron", "enter")
        await until(pilot, lambda: len(screen.table.rows) == 1)
        read = client.stats()["cmd-peek"]
        await pilot.press("slash", "enter", "slash", "enter")
        await pilot.pause(0.3)
        assert client.stats()["cmd-peek"] == read

    with server.client(use=tube) as client:
        for body in ("ibis", "heron", "stork"):
            client.put(body)
        on_server(server, story)


def test_the_next_jobs_of_each_state_are_put_in_order_too(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube)
        assert ids(screen) == [ready, delayed, buried]
        await pilot.press("s", "p")
        await until_shown(pilot, "PRI▼")
        assert ids(screen) == [buried, ready, delayed]
        await pilot.press("i")
        await until_shown(pilot, "PRI▲")
        assert ids(screen) == [delayed, ready, buried]
        await pilot.press("less_than_sign")
        await until_shown(pilot, "STATE▼")
        assert ids(screen) == [buried, delayed, ready]

    with server.client(use=tube, watch=tube) as client:
        buried = client.put("", priority=9)
        client.bury(client.reserve(), priority=9)
        ready, delayed = client.put("", priority=5), client.put("", priority=1, delay=1000)
        on_server(server, story)
