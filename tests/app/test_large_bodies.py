"""Jobs whose bodies are too large to be kept for a list are opened all the same."""

import gzip

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.jobs.bodies.texts import SEARCHED
from beantop.monitor.poller import Poller
from tests.app.running import go_to_tube, on_server, on_still
from tests.app.screen_text import until_shown
from tests.app.scripted_server import scripted_server, stats
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import body as body_of

pytestmark = pytest.mark.usefixtures("every_frame")


@pytest.mark.long
def test_a_large_job_is_fetched_when_it_is_opened_and_edited_only_there() -> None:
    server = Beanstalkd("-z", "1000000")

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "large")
        await pilot.press("enter")
        await until_shown(pilot, "› large", str(first))
        await pilot.press("n")
        await until_shown(pilot, "2 of 2 jobs found", "98 K", "the second x")
        await pilot.press("G", "E")
        await until_shown(pilot, f"The body of job {second} is large: open the job with enter")
        await pilot.press("enter")
        await until_shown(pilot, f"› job {second}", "the second x")

    try:
        with server.client(use="large") as client:
            first = client.put("small")
            second = client.put("the second " + "x" * 100_000)
            on_server(server, story)
    finally:
        server.stop()


@pytest.mark.long
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


def test_a_job_larger_than_its_server_says_that_jobs_are_is_not_waited_for() -> None:
    """At most 64 MiB are taken in any case: with a smaller `-z` than before, its binlog may have
    larger ones."""
    answers = {
        "stats": stats(id="a", max_job_size=65_535),
        "list-tubes": body_of("---\n- emails\n").removesuffix(b"\r\n"),
        "stats-tube emails": stats(name="emails", current_jobs_ready=1),
        "peek-ready": b"FOUND 1 %d" % (2**26 + 1),
    }

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "emails")
        await pilot.press("enter")
        await until_shown(pilot, "the server announced a job of 67,108,865 bytes")

    with scripted_server(answers) as address:
        on_still(BeantopApp([Poller(address, 0.5)]), story)


@pytest.mark.long
def test_of_a_body_that_unpacks_without_end_only_a_part_is_searched_and_that_is_said() -> None:
    server = Beanstalkd("-z", "1000000")

    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, "large")
        await pilot.press("enter")
        await until_shown(pilot, "› large", "first")
        await pilot.press("n")
        await until_shown(pilot, "2 of 2 jobs found")
        await pilot.press("slash", *"ocelot", "enter")
        said = "No job matches “ocelot”; 1 body was searched only in part."
        await until_shown(pilot, said, "filter: ocelot: 1 body searched in part")
        await pilot.press("escape", "slash", *"!ocelot", "enter")  # it may be in the rest
        screen = await until_shown(pilot, "filter: !ocelot: 1 body searched in part")
        assert "5 B first" in screen
        assert "a b a b" not in screen

    try:
        with server.client(use="large") as client, server.raw() as raw:
            client.put("first")
            body = gzip.compress(b"a b " * (SEARCHED // 4) + b"ocelot")
            raw.sendall(b"use large\r\nput 70000 0 60 %d\r\n%b\r\n" % (len(body), body))
            on_server(server, story)
    finally:
        server.stop()
