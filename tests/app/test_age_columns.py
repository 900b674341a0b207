"""The columns HEAD and OLDEST of tubes: how old the first jobs are."""

import re

import pytest
from textual.pilot import Pilot

from beantop.app.screens.tubes import TubesScreen
from beantop.app.view.lines import Piece
from beantop.app.view.tube_columns import tube_columns
from beantop.app.view.tube_rows import TubeRow
from beantop.monitor.sampled import HEAD_STATES, FirstJob, moves_of
from tests.app import stills
from tests.app.running import go_to_tube, on_server
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


def tubes_of(pilot: Pilot[None]) -> TubesScreen:
    screen = pilot.app.screen
    assert isinstance(screen, TubesScreen)
    return screen


@pytest.mark.long
def test_the_age_of_the_next_ready_job_is_a_column(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        client.put("old")

        async def story(pilot: Pilot[None]) -> None:
            await go_to_tube(pilot, tube)
            await pilot.press("c", "f", "enter")
            await until_shown(pilot, "HEAD")
            row = re.compile(rf"W  {tube} .* [1-9][0-9]*s .* no worker ")
            await until(pilot, lambda: row.search(text_of(pilot.app.screen)))

        on_server(server, story)
        assert client.stats_tube(tube)["current-using"] == 1


@pytest.mark.long
def test_the_age_of_the_oldest_job_is_a_column_that_sorts(own_server: Beanstalkd) -> None:
    """Also the first buried job counts, and also tubes off the screen have their turn."""
    for number in range(40):
        with own_server.client(use=f"tube-{number:02}") as client:
            client.put("ready")
    with own_server.client(use="tube-40", watch="tube-40") as client:
        client.put("buried")
        client.bury(client.reserve(timeout=0))

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "tube-00")
        await pilot.press("c", "z", "enter")
        await until_shown(pilot, "OLDEST")
        await pilot.press("s", "z")
        await until_shown(pilot, "OLDEST▼")
        history = tubes_of(pilot).view.watched.history
        tubes = history.latest.tubes

        def ages() -> list[float]:
            known = [
                history.oldest(tubes_of(pilot).table.rows[at].tube) for at in range(len(tubes))
            ]
            return [age.seconds for age in known if age]

        await until(pilot, lambda: len(ages()) == len(tubes) - 1)  # all but `default`
        await pilot.press("i")
        await until_shown(pilot, "OLDEST▲")
        await until(pilot, lambda: tubes_of(pilot).table.rows[0].tube.name == "default")
        await until(pilot, lambda: ages() == sorted(ages()))

    on_server(own_server, story)


def test_an_age_of_a_job_that_may_be_gone_is_dim() -> None:
    seen = stills.watched()
    tube = seen.snapshot.tubes["email-transactional"]
    column = next(column for column in tube_columns(120, ["oldest"]) if column.key == "oldest")

    def cell(**changes: int) -> Piece:
        return column.cell(TubeRow(tube._replace(**changes), seen.history))  # type: ignore[arg-type]

    for state in HEAD_STATES:
        job = FirstJob(tube.taken_at - 90, 1, 30 if state == "ready" else 60, moves_of(tube))
        seen.history.sampled.note_first(tube.name, state, job)
    assert cell() == ("2m30s", "")
    assert cell(deletes=5) == ("1m0s", "dim")
    assert cell(buried=0, ready=0) == ("–", "dim")
