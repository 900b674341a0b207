"""Jobs whose bodies are too large to be kept for a list are opened all the same."""

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
