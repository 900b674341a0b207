"""The list of jobs on a real server: the order and the filter of what was found."""

import signal

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.panes import job_pane
from beantop.app.screens.tube import TubeScreen
from beantop.app.widgets.selection import JUST_MOVED_SECONDS
from tests.app import stills
from tests.app.running import answer, on_server, on_still, open_tube
from tests.app.screen_text import until, until_shown
from tests.app.scripted_server import EMAIL_TUBE, job, job_stats, scripted_server
from tests.beanstalkd import Beanstalkd

NEXT = "The next job of each state"


def ids(screen: TubeScreen) -> list[int]:
    return [row.job.id for row in screen.pane.table.rows]


@pytest.mark.long
def test_a_filter_that_was_kept_is_used_on_what_is_found_later(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
        await pilot.press("slash", *"body", "enter")
        await until(pilot, lambda: len(screen.pane.table.rows) == 1)
        await pilot.press("n")
        await until_shown(pilot, "5 of 5 jobs found", "n scans again")
        await until(pilot, lambda: len(screen.pane.table.rows) == 5)
        assert "bodies read" not in await until_shown(pilot, "filter: body")

    with server.client(use=tube) as client:
        for number in range(5):
            client.put(f"body {number}")
        on_server(server, story)


@pytest.mark.long
def test_bodies_are_not_read_again_for_the_same_words(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "3 of 3 jobs found", "heron")
        await pilot.press("slash", *"heron", "enter")
        await until(pilot, lambda: len(screen.pane.table.rows) == 1)
        read = client.stats()["cmd-peek"]
        await pilot.press("slash", "enter", "slash", "enter")
        await pilot.pause(0.3)
        assert client.stats()["cmd-peek"] == read

    with server.client(use=tube) as client:
        for body in ("ibis", "heron", "stork"):
            client.put(body)
        on_server(server, story)


@pytest.mark.long
def test_what_is_typed_is_found_in_bodies_by_waiting(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "600 of 600 jobs found")
        await pilot.press("slash", *"needle")
        await until(pilot, lambda: ids(screen) == [jobs[550]])
        new = client.put("another needle")
        await until_shown(pilot, f"ready {len(jobs) + 1}")
        await pilot.press("enter", "n")
        await until(pilot, lambda: ids(screen) == [jobs[550], new])

    with server.client(use=tube) as client:
        jobs = [client.put("a needle" if number == 550 else "hay") for number in range(600)]
        on_server(server, story)


@pytest.mark.long
def test_nothing_is_said_of_bodies_that_were_not_read(own_server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, "mine", NEXT)
        await pilot.press("n")
        await until_shown(pilot, "90 of 90 jobs found")
        own_server.send_signal(signal.SIGSTOP)
        await pilot.press("slash", *"needle")
        assert "No job matches" not in await until_shown(
            pilot, "No match so far for “needle”: 0 of 90 bodies read"
        )
        await pilot.press("enter")
        await until_shown(pilot, "0 of 90 bodies read …")
        own_server.send_signal(signal.SIGCONT)
        await until(pilot, lambda: ids(screen) == [jobs[80]])
        await pilot.press("slash", *"less", "enter")
        await until_shown(pilot, "No job matches “needleless”.  esc clears the filter.")
        await pilot.press("l")
        await until_shown(pilot, "No ready job matches “needleless”.")

    with own_server.client(use="mine") as client:
        jobs = [client.put("a needle" if number == 80 else "hay") for number in range(90)]
        on_server(own_server, story)


@pytest.mark.long
def test_nothing_is_said_of_jobs_that_were_not_found(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("slash", *"second", "enter")
        await until_shown(pilot, "None of the next jobs matches “second”.  n finds all jobs")
        await pilot.press("escape", "n")
        await until_shown(pilot, "2 of 2 jobs found")
        await pilot.press("slash", *"third", "enter")
        await until_shown(pilot, "No job matches “third”.")
        client.put("third", priority=2**31)
        await until_shown(pilot, "3 of 3 jobs found", "5 B third")

    with server.client(use=tube) as client:
        client.put("first")
        client.put("second")
        on_server(server, story)


@pytest.mark.long
def test_as_many_jobs_as_before_need_not_be_the_same_ones(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "100 of 100 jobs found")
        client.delete(jobs[-1])
        client.put("zebra", priority=2**31)
        await pilot.press("slash", *"zebra", "enter")
        assert "No job matches" not in await until_shown(pilot, "5 B zebra")

    with server.client(use=tube) as client:
        jobs = [client.put("horse") for _ in range(100)]
        on_server(server, story)


@pytest.mark.long
def test_the_filter_is_in_sight_in_a_window_of_80_columns(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "1 of 1 jobs found", "buried 0 ──")
        await pilot.press("slash", *"horse", "enter")
        await until_shown(pilot, "── Jobs ── [all] ── filter: horse ──")

    with server.client(use=tube) as client:
        client.put("a horse")
        on_server(server, story, size=(80, 24))


@pytest.mark.long
def test_jobs_that_go_after_a_scan_are_not_missing(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "5 of 5 jobs found")
        client.delete(jobs[0])
        await until_shown(pilot, "4 of 4 jobs found")
        client.put("new", priority=2**31)
        await until_shown(pilot, "5 of 5 jobs found")
        await pilot.press("slash", *"zebra", "enter")
        await until_shown(pilot, "No job among the 5 found matches “zebra”; others may be new")
        await pilot.press("escape", "n")
        await until_shown(pilot, "5 of 5 jobs found")
        client.delete(jobs[1])
        await pilot.press("slash", *"zebra", "enter")
        await until_shown(pilot, "No job matches “zebra”.  esc clears the filter.")

    with server.client(use=tube) as client:
        jobs = [client.put("horse") for _ in range(5)]
        on_server(server, story)


@pytest.mark.long
def test_a_job_whose_body_was_not_fetched_is_opened_when_it_comes(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "99 of 99 jobs found")
        await pilot.press("f", "G")  # nothing more is looked at
        await until(pilot, lambda: screen.pane.table.current_key == jobs[-1])
        assert screen.pane.table.current
        assert screen.pane.table.current.body is None
        await pilot.press("enter")
        await until_shown(pilot, f"› job {jobs[-1]}", "body 98")

    with server.client(use=tube) as client:
        jobs = [client.put(f"body {number}") for number in range(99)]
        on_server(server, story)


@pytest.mark.long
def test_of_two_jobs_that_are_fetched_the_later_one_is_opened(own_server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, "mine", NEXT)
        await pilot.press("n")
        await until_shown(pilot, "99 of 99 jobs found")
        await pilot.press("f", "G")
        await until(pilot, lambda: screen.pane.table.current_key == jobs[-1])
        own_server.send_signal(signal.SIGSTOP)
        await pilot.press("enter", "enter")
        await until_shown(pilot, f"Job {jobs[-1]} is still loading.")
        await pilot.press("k", "enter")
        own_server.send_signal(signal.SIGCONT)
        await until_shown(pilot, f"› job {jobs[-2]}", "body 97")
        await pilot.press("escape")
        await until_shown(pilot, "99 of 99 jobs found")

    with own_server.client(use="mine") as client:
        jobs = [client.put(f"body {number}") for number in range(99)]
        on_server(own_server, story)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_ids_of_any_length_are_shown_whole(width: int) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-tran")
        await pilot.press("enter")
        await until_shown(pilot, str(largest), "4812001")
        await pilot.press("enter")
        await until_shown(pilot, f"job {largest}")

    largest = 2**64 - 1
    answers = {
        **EMAIL_TUBE,
        "peek-ready": job("FOUND", largest, b"{}"),
        f"stats-job {largest}": job_stats(largest, "ready", age=1),
    }
    with scripted_server(answers) as address:
        on_still(stills.app(stills.watched(), address=address), story, size=(width, 24))


@pytest.mark.long
def test_only_a_view_that_was_chosen_is_kept_for_the_next_job(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "3 of 3 jobs found", "plain")
        await pilot.press("g", "enter")
        await until_shown(pilot, "[text] hex", "plain")
        await pilot.press("right_parenthesis")
        await until_shown(pilot, "2/3", "[JSON] text hex")
        await pilot.press("v")
        await until_shown(pilot, "JSON [text] hex")
        await pilot.press("right_parenthesis")
        await until_shown(pilot, "3/3", "JSON [text] hex")
        await pilot.press("v", "v")
        await until_shown(pilot, "[JSON] text hex")
        await pilot.press("left_parenthesis", "left_parenthesis")
        await until_shown(pilot, "1/3", "[text] hex")
        await pilot.press("right_parenthesis")
        await until_shown(pilot, "2/3", "[JSON] text hex")

    with server.client(use=tube) as client:
        for body in ("plain", '{"a": 1}', '{"b": 2}'):
            client.put(body)
        on_server(server, story)


@pytest.mark.long
def test_the_next_jobs_of_each_state_are_put_in_order_too(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
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
        await pilot.press("s", "j", "k", "k", "enter")
        await until_shown(pilot, "JOB▲")

    with server.client(use=tube, watch=tube) as client:
        buried = client.put("", priority=9)
        client.bury(client.reserve(), priority=9)
        ready, delayed = client.put("", priority=5), client.put("", priority=1, delay=1000)
        on_server(server, story)


@pytest.mark.long
def test_from_a_job_one_goes_to_the_next_of_the_list_and_back(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "4 of 4 jobs found", "stork")
        await pilot.press("s", "p", "slash", *"priority>1", "enter", "g")
        await until(pilot, lambda: ids(screen) == [jobs[2], jobs[1], jobs[0]])
        await pilot.press("enter")
        await until_shown(pilot, f"1/3 job {jobs[2]} is ready", "stork")
        await pilot.press("right_parenthesis")
        await until_shown(pilot, f"› job {jobs[1]}", f"2/3 job {jobs[1]} is ready", "heron")
        client.delete(jobs[1])
        await until_shown(pilot, f"2/3 Job {jobs[1]} is gone")
        await pilot.press("right_parenthesis")
        await until_shown(pilot, f"3/3 job {jobs[0]} is ready", "ibis")
        await pilot.press("right_parenthesis")
        await until_shown(pilot, "There is no next job in the list.")
        await pilot.press("left_parenthesis")
        await until_shown(pilot, f"Job {jobs[1]} is gone: deleted", "3/3 job")
        await pilot.press("escape")
        await until_shown(pilot, "jobs found")
        assert screen.pane.table.current_key == jobs[0]

    with server.client(use=tube) as client:
        bodies = ["ibis", "heron", "stork", "urgent"]
        jobs = [client.put(body, priority=9 * at + 9) for at, body in enumerate(bodies[:3])]
        client.put(bodies[3], priority=0)
        on_server(server, story)


@pytest.mark.long
def test_a_capital_right_behind_a_step_does_nothing(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "2 of 2 jobs found", "heron")
        await pilot.press("g", "enter")
        await until_shown(pilot, f"1/2 job {jobs[0]}")
        await pilot.press("right_parenthesis", "D")
        await until_shown(pilot, f"2/2 job {jobs[1]}", "Nothing was done.")
        await pilot.pause(JUST_MOVED_SECONDS)
        await pilot.press("D")
        await answer(pilot, f"Delete job {jobs[1]}?", "n")

    with server.client(use=tube) as client:
        jobs = [client.put("ibis"), client.put("heron")]
        on_server(server, story)


@pytest.mark.long
def test_all_that_are_counted_are_marked_though_a_long_list_is_put_in_order_seldom(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "3 of 3 jobs found")
        await until(pilot, lambda: len(screen.pane.table.rows) == 3)
        monkeypatch.setattr("beantop.jobs.job_order.RESTS", 1e12)
        client.put("came later")
        await pilot.press("n")
        await until_shown(pilot, "4 of 4 jobs found")
        await pilot.press("a")
        await until_shown(pilot, "4 marked")
        await until(pilot, lambda: len(screen.pane.table.rows) == 4)
        client.put("came after that")
        await until(pilot, lambda: len(screen.pane.jobs.scan.found) == 5)
        await pilot.press("escape", "a")
        await until_shown(pilot, "5 marked")

    with server.client(use=tube) as client:
        for number in range(3):
            client.put(f"body {number}")
        on_server(server, story)


@pytest.mark.long
def test_rows_that_are_older_than_the_header_say_so(
    own_server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube)
        app = pilot.app
        assert isinstance(app, BeantopApp)
        await pilot.press("enter")
        await until_shown(pilot, "› job ")
        polls = app.view.watched.polls
        await until(pilot, lambda: app.view.watched.polls >= polls + 4)
        own_server.stop()
        await until(pilot, lambda: app.view.watched.link.state == "down")
        await pilot.press("escape")
        await until_shown(pilot, "these rows are ")

    monkeypatch.setattr(job_pane, "MAX_BEHIND", 0.9)
    with own_server.client(use=tube) as client:
        client.put("hello", delay=1000)
    on_server(own_server, story)
