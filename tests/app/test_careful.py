"""A careful kick, from the keys to the toast."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.view.careful_words import careful_lines, stopped_sentence
from beantop.app.view.lines import plain
from beantop.beanstalk import Client, TimedOutError
from beantop.config import ServerConfig
from beantop.jobs.bulk import careful
from beantop.jobs.bulk.careful import Careful, Fate
from beantop.jobs.bulk.outcomes import Outcome
from beantop.jobs.bulk.tally import Tally
from beantop.jobs.connection import ActingConnection
from beantop.jobs.journal import Journal
from tests.app.running import answer, go_to_tube, on_server, severity_of_last, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in, put_buried
from tests.jobs.bulk.running import jobs_of


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(careful, "POLLED_EVERY", 0.05)


@contextmanager
def working(
    server: Beanstalkd, tube: str, end: Callable[[Client[str], int], object]
) -> Iterator[None]:
    """Workers that reserve jobs of a tube while the block runs, and do that with each."""
    done = threading.Event()

    def work() -> None:
        with server.client(watch=tube) as client:
            while not done.is_set():
                try:
                    end(client, client.reserve(timeout=0).id)
                except TimedOutError:
                    done.wait(0.02)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def finish(client: Client[str], id: int) -> None:
    client.delete(id)


def bury(client: Client[str], id: int) -> None:
    client.bury(id)


def fill(server: Beanstalkd, tube: str, count: int) -> None:
    with server.client(use=tube, watch=tube) as client:
        for _ in range(count):
            put_buried(client)


def kicked(server: Beanstalkd, tube: str) -> int:
    return sum(1 for job in jobs_of(server, tube).values() if job.kicks)


async def kick_marked(pilot: Pilot[None], tube: str, count: int, *keys: str) -> None:
    """Ask to kick all jobs of a tube carefully, and press these keys then."""
    await open_all_jobs(pilot, tube, count)
    await pilot.press("a", "K")
    await answer(pilot, f"Kick {count} buried jobs to ready?", "c")
    await answer(pilot, "carefully?", *keys)


@pytest.mark.long
def test_poisoned_jobs_stop_it_and_the_report_says_all_of_it(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "actions.jsonl")
    fill(server, tube, 30)

    async def story(pilot: Pilot[None]) -> None:
        await kick_marked(pilot, tube, 30, *"50/s", "enter")
        await until_toasted(pilot, f"Stopped after kicking 10 of 30 buried jobs of {tube}: ")
        await until_toasted(pilot, " of them were buried again within ")
        await until_toasted(pilot, "20 were left alone.")
        assert severity_of_last(pilot) == "warning"

    with working(server, tube, bury):
        on_server(server, story, journal=journal)
    assert kicked(server, tube) == 10
    began, ended = journal.last(9)
    assert (began["what"], ended["what"]) == ("Kicking", "Kicked")
    assert ended["target"] == f"30 buried jobs of {tube} to ready, carefully"
    assert (ended["done"], ended["not_tried"]) == (10, 20)
    assert " of them were buried again within " in str(ended["ended"])
    first = ended["first"]
    assert isinstance(first, dict)
    assert first["buried"] > 2
    assert ended["rate"] == 50


@pytest.mark.long
def test_jobs_that_workers_finish_are_followed_by_the_others(server: Beanstalkd, tube: str) -> None:
    fill(server, tube, 30)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("K")
        await answer(pilot, "Kick buried jobs to ready?", "c")
        await until_shown(pilot, "10 of them, spread over the list", "the other 20 are left alone")
        await answer(pilot, "Kick 30 buried jobs to ready, carefully?", "y")
        await until_toasted(pilot, f"Kicked 30 buried jobs of {tube} to ready, carefully.")
        await until_toasted(pilot, "The first 10: 10 finished.")
        await until(pilot, lambda: not jobs_in(client, tube))

    with working(server, tube, finish), server.client() as client:
        on_server(server, story)


@pytest.mark.long
def test_marked_tubes_are_kicked_carefully_as_one(server: Beanstalkd, tube: str) -> None:
    names = [f"{tube}-a", f"{tube}-b"]
    for name in names:
        fill(server, name, 10)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, *names)
        await pilot.press("slash", *f"{tube}-", "enter", "a", "K")
        await answer(pilot, "Kick all buried jobs to ready?", "c")
        await answer(pilot, "Kick 20 buried jobs to ready, carefully?", "y")
        await until_toasted(pilot, "Stopped after kicking 10 of 20 buried jobs of 2 tubes: ")

    with working(server, names[0], bury), working(server, names[1], bury):
        on_server(server, story)
    assert [kicked(server, name) for name in names] == [5, 5]


@pytest.mark.long
def test_ten_jobs_are_too_few_to_be_careful_with(server: Beanstalkd, tube: str) -> None:
    fill(server, tube, 10)

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("K")
        await answer(pilot, "Kick buried jobs to ready?", "c", "enter")
        text = await until_shown(pilot, "Type how many: 1 to 10, or all.")
        assert "Carefully" not in text
        await pilot.press("escape", "enter")
        await until_shown(pilot, f"› {tube}", "n finds")
        await pilot.press("n")
        await until_shown(pilot, "10 of 10 jobs found")
        await pilot.press("a", "K")
        await until_shown(pilot, "Kick 10 buried jobs to ready?", "y Kick 10 · n Cancel")

    on_server(server, story)
    assert kicked(server, tube) == 0


@pytest.mark.long
@pytest.mark.parametrize("keys", [["enter", "escape"], ["escape"], ["0", "enter", "escape"]])
def test_without_a_rate_nothing_is_kicked(server: Beanstalkd, tube: str, keys: list[str]) -> None:
    fill(server, tube, 12)

    async def story(pilot: Pilot[None]) -> None:
        await kick_marked(pilot, tube, 12, *keys)
        await until(pilot, lambda: "carefully?" not in text_of(pilot.app.screen))

    on_server(server, story)
    assert kicked(server, tube) == 0


@pytest.mark.long
def test_above_a_hundred_jobs_the_rate_is_typed(server: Beanstalkd, tube: str) -> None:
    fill(server, tube, 120)

    async def story(pilot: Pilot[None]) -> None:
        await kick_marked(pilot, tube, 120, "y", "enter")
        await until_shown(pilot, "Type how many per second: 50/s.")
        await pilot.press("backspace", *"20000", "enter")
        await until_shown(pilot, "10,000 per second is the highest rate: enter takes it.")
        await pilot.press("escape")

    on_server(server, story)
    assert kicked(server, tube) == 0


@pytest.mark.long
def test_in_production_the_number_is_typed_too(server: Beanstalkd, tube: str) -> None:
    fill(server, tube, 12)
    known = ServerConfig(server.address, production=True)

    async def story(pilot: Pilot[None]) -> None:
        await kick_marked(pilot, tube, 12, "y", "enter")
        await until_shown(pilot, "Type how many per second: 50/s.")
        await pilot.press("backspace", *"40/s", "enter")
        await answer(pilot, "40/s after the first 10", *"all", "enter")
        await until_shown(pilot, "Type 12 to confirm.")
        assert jobs_in(client, tube) == {"buried": 12}
        await pilot.press(*["backspace"] * 3, *"12", "enter")
        await until_toasted(pilot, "Stopped after kicking 10 of 12")

    with working(server, tube, bury), server.client() as client:
        on_server(server, story, known=[known])
    assert kicked(server, tube) == 10


@pytest.mark.long
def test_esc_stops_it_while_the_first_jobs_are_followed(server: Beanstalkd, tube: str) -> None:
    fill(server, tube, 30)

    async def story(pilot: Pilot[None]) -> None:
        await kick_marked(pilot, tube, 30, "y")
        await until_shown(pilot, "10 jobs kicked first: 10 waiting", "The other 20 follow at 50/s")
        await pilot.press("escape")
        await until_toasted(pilot, "20 were not tried. Ended: stopped. The first 10: 10 waiting.")
        await until_toasted(pilot, "Press U to undo.")

    on_server(server, story)
    assert kicked(server, tube) == 10


@pytest.mark.long
def test_what_no_worker_took_is_undone(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(careful, "MAX_PATIENCE", 0.2)
    fill(server, tube, 30)

    async def story(pilot: Pilot[None]) -> None:
        await kick_marked(pilot, tube, 30, "y")
        await until_toasted(
            pilot, "no worker took them within 1s. 10 are not finished yet, 20 were"
        )
        await pilot.press("U")
        await until_shown(pilot, "ago: kicked 10 buried jobs", "10 will be buried again")
        await answer(pilot, "Undo kicking 10 buried jobs?", "y")
        await until_toasted(pilot, "Restored 10 jobs of")

    on_server(server, story)
    with server.client() as client:
        assert jobs_in(client, tube) == {"buried": 30}


def test_the_words_of_each_phase() -> None:
    clock = [0.0]
    pace = Careful(ActingConnection(("127.0.0.1", 1)), [], 50, lambda: clock[0])
    tally = Tally(10_000)
    assert _text(pace, tally) == ["", "  Kicking the first 10 …"]
    tally.note_done(range(10))
    pace.fates.update({Fate.FINISHED: 6, Fate.RESERVED: 3, Fate.BURIED: 1})
    pace.patience, pace.seconds = 65.0, 3.0
    assert _text(pace, tally) == [
        "",
        "  10 jobs kicked first: 6 finished, 1 buried again, 3 reserved …",
        "",
        "  The other 9,990 follow at 50/s if at least one is finished",
        "  and at most 2 are buried again or time out.",
        "  1m2s left to decide",
    ]
    pace.goes_on = True
    asyncio.run(pace.others.next(tally))
    tally.note_done(range(10, 1000))
    clock[0] = 30.0
    assert "  1,000 of 10,000    33/s    4m32s left" in _text(pace, tally)
    assert _text(pace, tally)[-1] == "  The first 10: 6 finished, 1 buried again, 3 reserved."


@pytest.mark.long
def test_the_report_of_a_stop_counts_those_that_were_skipped_too() -> None:
    pace = Careful(ActingConnection(("127.0.0.1", 1)), [], 50)
    pace.fates.update({Fate.BURIED: 9, Fate.RESERVED: 1})
    pace.why_not = "9 of them were buried again within 3s"
    tally = Tally(13)
    tally.note_done(range(10))
    tally.note(Outcome.GONE, 2)
    assert stopped_sentence(pace, tally, "13 jobs of a") == (
        "Stopped after kicking 10 of 13 jobs of a: 9 of them were buried again within 3s."
        " 1 is not finished yet, 2 were already gone, 1 was left alone."
    )


def _text(pace: Careful, tally: Tally) -> list[str]:
    return [plain(line) for line in careful_lines(pace, tally)]
