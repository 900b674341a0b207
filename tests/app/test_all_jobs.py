"""`enter` on the screen of a server: the jobs of all its tubes in one list."""

from textual.pilot import Pilot

from tests.app.running import answer, on_server
from tests.app.screen_text import until_shown
from tests.beanstalkd import Beanstalkd


def test_the_jobs_of_all_tubes_stand_in_one_list_and_can_be_acted_on(
    own_server: Beanstalkd,
) -> None:
    with own_server.client(use="emails", watch="emails") as client:
        client.put("held")
        held = client.reserve()
        client.use("images")
        late = client.put("late", delay=1000)

        async def story(pilot: Pilot[None]) -> None:
            await until_shown(pilot, "images")
            await pilot.press("0")
            await until_shown(pilot, "── Server ──")
            await pilot.press("enter")
            screen = await until_shown(pilot, "2 of 2 jobs found", "held", "late")
            assert f"{held.id} reserved emails" in " ".join(screen.split())
            await pilot.press("G", "K")
            await answer(pilot, f"Kick job {late}", "y")
            await until_shown(pilot, f"{late} ready")
            await pilot.press("o")
            await until_shown(pilot, "2 of 2 jobs found; ", "n scans again")

        on_server(own_server, story)
