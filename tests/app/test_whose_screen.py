"""A screen acts on the server that it shows, however it was opened."""

from textual.pilot import Pilot

from beantop.app.messages import ServerOpened
from beantop.app.screens.tube import TubeScreen
from tests.app.fleet import KNOWN, fleet
from tests.app.running import on_still
from tests.app.screen_text import until_shown


def test_a_tube_opened_from_all_servers_stays_with_its_server() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        pilot.app.post_message(ServerOpened(pilot.app.screen, 1, "search-index"))
        await until_shown(pilot, "prod-queue-1 › search-index")
        await pilot.press("2")
        await until_shown(pilot, "prod-queue-2", "email-transactional")
        await pilot.press("0", "1")
        await until_shown(pilot, "prod-queue-1 › search-index", "PRODUCTION  RW")
        screen = pilot.app.screen
        assert isinstance(screen, TubeScreen)
        assert screen.context.connection.address == screen.view.watched.address == KNOWN[0].address

    on_still(fleet(), story)
