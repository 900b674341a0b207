"""Jobs whose bodies are too large to be kept for a list are opened all the same."""

import pytest
from textual.pilot import Pilot

from tests.app.running import go_to_tube, on_server
from tests.app.screen_text import until_shown
from tests.beanstalkd import Beanstalkd


def test_a_large_job_is_fetched_when_it_is_opened_and_edited_only_there() -> None:
    server = Beanstalkd("-z", "1000000")

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "large")
        await pilot.press("enter")
        await until_shown(pilot, "› large", str(first))
        await pilot.press("n")
        await until_shown(pilot, "2 of 2 jobs found", "98 K", "the second x")
        await pilot.press("G", "E")
        await until_shown(pilot, f"The body of job {second} is large: enter opens the job")
        await pilot.press("enter")
        await until_shown(pilot, f"› job {second}", "the second x")

    try:
        with server.client(use="large") as client:
            first = client.put("small")
            second = client.put("the second " + "x" * 100_000)
            on_server(server, story)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("body", "Copied 4 B: the body as text (OSC 52)."),
        ("x" * 1_500_000, "Copied the first 1.0 M of 1.4 M as text; e saves"),
    ],
    ids=["small", "large"],
)
def test_how_much_is_copied_is_told(body: str, said: str) -> None:
    server = Beanstalkd("-z", "2000000")

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "large")
        await pilot.press("enter")
        await until_shown(pilot, "› large", body[:10])
        await pilot.press("enter")
        await until_shown(pilot, "› job ")
        await pilot.press("y")
        await until_shown(pilot, said)

    try:
        with server.client(use="large") as client:
            client.put(body)
            on_server(server, story)
    finally:
        server.stop()
