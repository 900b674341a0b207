"""The tube and job screens on a real server: look, kick, delete, and what happens when things change."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from textual import events
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.dialogs.dialog import Dialog
from beantop.beanstalk import NotFoundError
from tests.app.running import answer, go_to_tube, on_server, open_tube
from tests.app.screen_text import settled, text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


@pytest.fixture
def jobs(server: Beanstalkd, tube: str) -> Iterator[dict[str, int]]:
    """A job in each state, by its state, in the tube."""
    with server.client(use=tube, watch=tube) as client:
        jobs = {"reserved": client.put("held"), "buried": 0}
        client.reserve(timeout=0)
        jobs["buried"] = client.put('{"to": "ada"}', priority=7)
        client.bury(client.reserve(timeout=0), priority=7)
        jobs["ready"] = client.put("ready body")
        jobs["delayed"] = client.put("later", delay=3600)
        yield jobs


async def open_with(pilot: Pilot[None], tube: str, *wait_for: int) -> None:
    """Open a tube, and wait until these jobs are in its list."""
    screen = await open_tube(pilot, tube)
    await until(pilot, lambda: {row.job.id for row in screen.pane.table.rows}.issuperset(wait_for))


def test_the_head_of_each_state_is_shown(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["ready"], jobs["delayed"], jobs["buried"])
        screen = await until_shown(pilot, "BURIED 1 !", "59m", '{"to": "ada"}')
        assert "held" not in screen

    on_server(server, story)


@pytest.mark.long
def test_looking_leaves_the_tube_as_it_was(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])

    with server.client() as client:
        before = client.stats_job(jobs["buried"])
        on_server(server, story)
        after = client.stats_job(jobs["buried"])
    assert {**after, "age": 0} == {**before, "age": 0}


@pytest.mark.long
def test_a_job_is_kicked_by_keys(server: Beanstalkd, tube: str, jobs: dict[str, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("G", "K")
        await answer(pilot, f"Kick job {jobs['buried']} to ready?", "y")
        await until_shown(pilot, f"Kicked job {jobs['buried']}")

    on_server(server, story)
    assert _state(server, jobs["buried"]) == "ready"


@pytest.mark.long
def test_a_job_is_deleted_by_keys(server: Beanstalkd, tube: str, jobs: dict[str, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("G", "enter")
        await until_shown(pilot, "K makes it ready, D deletes it.")
        await pilot.press("D")
        await answer(pilot, f"Delete job {jobs['buried']}?", "y")
        await until_shown(pilot, f"Deleted job {jobs['buried']}")
        await until_shown(pilot, "is gone: deleted, moved, or lost by a restart.", '"to"')

    on_server(server, story)
    assert _state(server, jobs["buried"]) == "gone"


@pytest.mark.long
def test_no_key_but_y_deletes(server: Beanstalkd, tube: str, jobs: dict[str, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("G")
        for key in ("D", "n", "enter", "escape", "q", "Y", "space"):
            await pilot.press("D")
            await answer(pilot, "This cannot be undone", key)
            await until(pilot, lambda: "Delete job" not in text_of(pilot.app.screen))
            assert _state(server, jobs["buried"]) == "buried", key
        await pilot.press("D")
        await answer(pilot, "This cannot be undone", "y")  # after all that the others did
        await until_shown(pilot, f"Deleted job {jobs['buried']}")

    on_server(server, story)


@pytest.mark.long
def test_a_job_that_changed_meanwhile_is_left_alone(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("G", "D")
        await until_shown(pilot, "This cannot be undone")
        with server.client() as client:
            client.kick_job(jobs["buried"])
        await answer(pilot, "This cannot be undone", "y")
        await until_shown(pilot, "is now ready. Nothing was changed.")

    on_server(server, story)
    assert _state(server, jobs["buried"]) == "ready"


@pytest.mark.long
def test_states_are_chosen_with_h_and_l(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("h")
        screen = await until_shown(pilot, "[buried 1]")
        assert "ready body" not in screen
        await pilot.press("K")
        await answer(pilot, f"Kick job {jobs['buried']} to ready?", "y")
        await until_shown(pilot, "No buried jobs.  h/l shows other states.")

    on_server(server, story)
    assert _state(server, jobs["buried"]) == "ready"


@pytest.mark.long
def test_a_body_is_shown_as_json_text_and_hex(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("G", "enter")
        await until_shown(pilot, '  "to": "ada"', "priority", "7 (urgent)")
        await pilot.press("v")
        await until_shown(pilot, '{"to": "ada"}', "[text]")
        await pilot.press("v")
        await until_shown(pilot, "7b 22 74 6f", "[hex]")
        await pilot.press("q", "q")
        await until_shown(pilot, "worst first")

    on_server(server, story)


@pytest.mark.long
def test_a_hostile_body_is_shown_and_obeyed_by_nobody(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        id = client.put("\x1b]52;c;aGk=\x07[red]x[/red] [/y] [@click=app.quit]z[/] \u202e\x9b2J")

    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, id)
        await until_shown(pilot, "␛]52;c;aGk=␇")
        await pilot.press("enter")
        await until_shown(
            pilot, "␛]52;c;aGk=␇[red]x[/red] [/y] [@click=app.quit]z[/] \\u202e\\x9b2J"
        )
        await pilot.press("D")
        assert "\x1b" not in await until_shown(pilot, "Delete job")

    on_server(server, story)


@pytest.mark.long
def test_a_tube_that_goes_is_said_to_be_gone(server: Beanstalkd, tube: str) -> None:
    with server.client(use=tube) as client:
        id = client.put("the only one")

    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, id)
        with server.client() as client:
            client.delete(id)
        text = await until_shown(pilot, "is gone (beanstalkd drops empty, unused tubes)")
        assert " the tube is gone" in text.splitlines()[-2]

    on_server(server, story)
    with server.client() as client:
        assert tube not in client.tubes()


@pytest.mark.long
def test_a_frozen_screen_does_not_claim_that_there_are_no_jobs(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("f", "enter")
        await until_shown(pilot, "Frozen before the jobs were listed.")
        await pilot.press("f")
        await until_shown(pilot, '{"to": "ada"}')

    on_server(server, story)


@pytest.mark.long
def test_what_cannot_be_looked_at_is_not_known(own_server: Beanstalkd, tube: str) -> None:
    with own_server.client(use=tube) as client:
        client.put("job")

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await until_shown(pilot, "1 of 2 tubes")
        own_server.stop()
        await pilot.press("enter")
        screen = await until_shown(pilot, "Could not list the jobs:")
        assert "No jobs" not in screen

    on_server(own_server, story)


@pytest.mark.long
def test_a_job_with_the_same_id_after_a_restart_is_another_job(own_server: Beanstalkd) -> None:
    with own_server.client(use="before") as client:
        client.put("the one that was opened")

    async def story(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, BeantopApp)
        await open_with(pilot, "before", 1)
        await pilot.press("enter")
        await until_shown(pilot, "job 1 is ready")
        own_server.stop()
        own_server.start()
        with own_server.client(use="after") as client:
            client.put("quite another one")
        screen = await until_shown(pilot, "Job 1 is gone")
        assert "the one that was opened" in screen
        await until(pilot, lambda: "after" in app.view.watched.snapshot.tubes)
        await pilot.press("K")
        await until_shown(pilot, "lost by a restart")

    on_server(own_server, story)


@pytest.mark.long
def test_a_key_that_is_held_down_opens_one_screen_and_one_dialog(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        type_at(pilot, ["enter"] * 5, time.monotonic())
        await until_shown(pilot, f"› {tube}")
        await settled(pilot)
        assert _twice(pilot) == []
        type_at(pilot, ["D"] * 5, time.monotonic())
        await until_shown(pilot, "Delete job")
        await settled(pilot)
        assert _twice(pilot) == []

    on_server(server, story)


def _twice(pilot: Pilot[None]) -> list[str]:
    """The classes of the screens on the stack."""
    kinds = Counter(type(screen).__name__ for screen in pilot.app.screen_stack)
    return [kind for kind, count in kinds.items() if count > 1]


def type_at(pilot: Pilot[None], keys: Sequence[str], pressed_at: float) -> None:
    """Let keys come in one piece, pressed then."""
    for key in keys:
        event = events.Key(key, key if len(key) == 1 else None)
        event.time = pressed_at
        pilot.app.post_message(event)


def _state(server: Beanstalkd, id: int) -> str:
    with server.client() as client:
        try:
            return client.stats_job(id)["state"]
        except NotFoundError:
            return "gone"


@pytest.mark.long
@pytest.mark.parametrize(
    ("opens", "question", "yes", "done"),
    [
        ("K", "Kick job", ["y"], "Kicked job"),
        ("D", "Delete job", ["y"], "Deleted job"),
        ("P", "Pause this tube?", ["y"], "Paused"),
        ("P", "Pause this tube?", ["1", "enter"], "Paused"),
    ],
)
def test_keys_pressed_too_soon_say_no_yes_and_later_ones_do(
    server: Beanstalkd,
    tube: str,
    jobs: dict[str, int],
    opens: str,
    question: str,
    yes: list[str],
    done: str,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("G", opens)
        await until_shown(pilot, question)
        box = pilot.app.screen
        assert isinstance(box, Dialog)
        await until(pilot, lambda: box.accepts(time.monotonic() + 60))
        type_at(pilot, yes * 3, box.accepts_from - 0.001)
        await settled(pilot)
        assert pilot.app.screen is box
        type_at(pilot, yes, box.accepts_from)
        await until_shown(pilot, done)

    on_server(server, story)


@pytest.mark.long
def test_keys_that_come_in_one_burst_change_nothing(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    """Keys that arrive all at once, as after a hanging line or a paste, do nothing and break nothing."""

    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        for burst in ("GKyyy", "GDnnnnyy", "GDy", "Pyyy", "P\r\r1\r\r", "KKKK", "DDDD"):
            keys = ["enter" if character == "\r" else character for character in burst]
            type_at(pilot, keys, time.monotonic())
            await settled(pilot)
            while isinstance(pilot.app.screen, Dialog):
                await pilot.press("escape")
            assert _state(server, jobs["buried"]) == "buried", burst
            await until_shown(pilot, f"› {tube}")

    on_server(server, story)
    with server.client() as client:
        assert client.stats_tube(tube)["pause"] == 0


@pytest.mark.long
def test_ctrl_c_quits_from_a_dialog(server: Beanstalkd, tube: str, jobs: dict[str, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["buried"])
        await pilot.press("P")
        await until_shown(pilot, "Pause this tube?")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not pilot.app.is_running)

    on_server(server, story)


@pytest.mark.long
def test_n_finds_all_jobs_reserved_ones_too(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["ready"])
        await pilot.press("n")
        screen = await until_shown(pilot, "4 of 4 jobs found", "n scans again", "held")
        assert all(str(id) in screen for id in jobs.values())

    on_server(server, story)


@pytest.mark.long
def test_a_reserved_job_of_the_list_is_opened(
    server: Beanstalkd, tube: str, jobs: dict[str, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, jobs["ready"])
        await pilot.press("n")
        await until_shown(pilot, "held")
        await pilot.press("g", "enter")
        await until_shown(pilot, f"› job {jobs['reserved']}", "reserved")

    on_server(server, story)


@pytest.mark.long
def test_a_body_is_searched(server: Beanstalkd, tube: str, jobs: dict[str, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_with(pilot, tube, long)
        await pilot.press("enter")
        await until_shown(pilot, f"› job {long}", "hay 1")
        await pilot.press("slash", *"needle", "enter")
        await until_shown(pilot, "needle: 2 matches, n next", "the first NEEDLE")
        await pilot.press("n")
        screen = await until_shown(pilot, "the second needle")
        assert "the first NEEDLE" not in screen
        await pilot.press("escape")
        await until(pilot, lambda: "n next" not in text_of(pilot.app.screen))
        await pilot.press("escape")
        await until_shown(pilot, "Next job of")

    lines = [f"hay {number}" for number in range(200)]
    lines[90], lines[160] = "the first NEEDLE", "the second needle"
    with server.client(use=tube) as client:
        client.delete(jobs["ready"])
        long = client.put("\n".join(lines))
        on_server(server, story)
