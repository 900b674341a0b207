"""A key does nothing to a row that moved under the cursor before the user could see it there."""

import time
from dataclasses import replace

import pytest
from textual import events
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.app.widgets import selection
from beantop.app.widgets.live_table import LiveTable
from beantop.config import Settings
from beantop.monitor.poller import ServerStatus
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import Story, answer, go_to_tube, on_server, on_still, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd

REFUSED = "was left unchanged"
"""An action without a question reaches the server at once, which refuses in a test."""


@pytest.fixture
def slow_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "JUST_MOVED_SECONDS", 1000)


def without_retries() -> ServerStatus:
    """The tube below the one that has gone is paused."""
    before = stills.watched()
    tubes = dict(before.snapshot.tubes)
    paused = tubes.pop("webhooks-retry")
    tubes["search-index"] = paused._replace(name="search-index", ready=410)
    return replace(before, snapshot=before.snapshot._replace(tubes=tubes), polls=before.polls + 1)


def cursor_of(pilot: Pilot[None]) -> object:
    return pilot.app.screen.query_one(LiveTable).current_key


def unasked(story: Story, still: stills.Still) -> None:
    start = Options(Settings(confirm="none"))
    app = BeantopApp([still], start, now=lambda: stills.NOW, wall=lambda: stills.WALL)
    on_still(app, story)


@pytest.mark.long
def test_a_key_that_comes_with_the_news_acts_on_no_other_tube() -> None:
    still = stills.Still(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        await pilot.press("s", "r", "j", "j")
        assert cursor_of(pilot) == "webhooks-retry"
        pressed_at = time.monotonic()
        still.tell(without_retries())
        await until(pilot, lambda: cursor_of(pilot) == "search-index")
        key = events.Key("P", "P")
        key.time = pressed_at
        pilot.app.post_message(key)
        shown = await until_shown(pilot, "webhooks-retry is gone. The cursor is now on")
        assert REFUSED not in shown
        await pilot.press("P")
        await until_shown(pilot, REFUSED)

    unasked(story, still)


@pytest.mark.long
@pytest.mark.usefixtures("slow_to_see")
def test_marked_tubes_are_seen_wherever_the_cursor_is() -> None:
    still = stills.Still(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        await pilot.press("s", "r", "space", "j")
        still.tell(without_retries())
        await until(pilot, lambda: cursor_of(pilot) == "search-index")
        await pilot.press("P")
        await until_shown(pilot, "Pause this tube?", "email-transactional")

    unasked(story, still)


@pytest.mark.long
@pytest.mark.parametrize("capital", "KPDMCBR")
def test_marked_tubes_that_have_gone_are_told_of(capital: str) -> None:
    still = stills.Still(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        await pilot.press("s", "r", "j", "j", "space")
        still.tell(without_retries())
        await until_shown(pilot, "search-index", "1 marked")
        await pilot.press(capital)
        await until_shown(pilot, "The marked tubes are gone. Nothing was done; esc clears")

    unasked(story, still)


@pytest.mark.long
@pytest.mark.usefixtures("slow_to_see")
def test_what_the_filter_hides_has_not_gone() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        await pilot.press("/", *"webhooks-retry", "enter", "P")
        await until_shown(pilot, REFUSED)

    unasked(story, stills.Still(stills.watched()))


@pytest.mark.long
@pytest.mark.usefixtures("slow_to_see")
def test_a_job_that_went_hands_its_key_to_no_other_but_the_tube_is_still_seen(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter")
        await until_shown(pilot, "The next job of each state")
        await pilot.press("n")
        await until_shown(pilot, "2 of 2 jobs found")
        assert cursor_of(pilot) == ids[0]
        client.delete(ids[0])
        await until(pilot, lambda: cursor_of(pilot) == ids[1])
        await pilot.press("D")
        await until_shown(pilot, f"Job {ids[0]} is gone. The cursor is now on job {ids[1]}.")
        await pilot.press("P")
        await until_shown(pilot, "Pause this tube?")

    with server.client(use=tube) as client:
        ids = [client.put("first"), client.put("second")]
        on_server(server, story)


def test_where_marks_mean_nothing_no_row_is_marked_and_help_tells_of_none() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "2 of 3 servers")
        await pilot.press("space", "a")
        table = pilot.app.screen.query_one(LiveTable)
        assert (table.marked, table.current_key) == (frozenset(), "1")
        await pilot.press("question_mark")
        assert "Mark" not in await until_shown(pilot, "Page down")

    on_still(fleet(), story)


@pytest.mark.long
@pytest.mark.usefixtures("slow_to_see")
def test_after_an_action_the_next_job_is_seen_before_a_key_acts_on_it(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter", "n")
        await until_shown(pilot, "2 of 2 jobs found")
        assert cursor_of(pilot) == ids[0]
        await pilot.press("K")
        await answer(pilot, f"Kick job {ids[0]} to ready?", "y")
        await until(pilot, lambda: cursor_of(pilot) == ids[1])
        await pilot.press("K")
        moved = f"The cursor has just moved from job {ids[0]} to job {ids[1]}. Nothing was done."
        await until_toasted(pilot, moved)
        assert "Kick job" not in text_of(pilot.app.screen)

    with server.client(use=tube) as client:
        ids = [client.put(body, delay=1000) for body in ("first", "second")]
        on_server(server, story)
        assert [client.stats_job(id)["state"] for id in ids] == ["ready", "delayed"]
