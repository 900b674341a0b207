"""The body below a list of jobs, on a real server."""

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.app.view.lines import plain
from beantop.app.view.preview_lines import preview_rule
from beantop.app.widgets.job_preview import JobPreview
from beantop.jobs.job_info import listed
from beantop.jobs.listing import JobRow
from beantop.monitor.poller import Poller
from beantop.preferences import PreferencesFile
from tests.app.running import (
    POLLED_EVERY,
    go_to_tube,
    on_server,
    on_still,
    open_tube,
    until_toasted,
)
from tests.app.screen_text import strips_of, text_of, until, until_shown
from tests.beanstalkd import Beanstalkd

pytestmark = pytest.mark.usefixtures("every_frame")

SIZES = [(80, 24), (120, 36), (200, 55)]


NEXT = "The next job of each state"


def order(number: int) -> str:
    return json.dumps({"class": "ShipOrder", "order": number, "to": "ada@example.org"})


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
def test_the_body_under_the_cursor_is_decoded_below_the_list(
    server: Beanstalkd, tube: str, size: tuple[int, int]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await until_shown(pilot, f"── Job {first} ── 63 B ── JSON ──", ' "order": 48213,')
        await pilot.press("down")
        await until_shown(pilot, f"── Job {second} ── 3 B ── text ──", "\n ada")

    with server.client(use=tube) as client:
        first, second = client.put(order(48213)), client.put("ada", delay=60)
        on_server(server, story, size=size)


@pytest.mark.long
def test_a_full_list_leaves_a_third_and_the_body_follows_the_cursor(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("n")
        await until_shown(pilot, "40 of 40 jobs found")
        preview = pilot.app.screen.query_one(JobPreview)
        await until(pilot, lambda: preview.size.height == 5)
        await pilot.press("G")
        await until_shown(pilot, f"── Job {ids[-1]} ── ", '"order": 40,')
        await pilot.press("up")
        await until_shown(pilot, f"── Job {ids[-2]} ── ", '"order": 39,')

    with server.client(use=tube) as client:
        ids = [client.put(order(number)) for number in range(1, 41)]
        on_server(server, story, size=(80, 24))


@pytest.mark.long
def test_a_large_body_is_not_decoded_whole(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await until_shown(pilot, "58 K ── JSON ── … enter shows all", '"ShipOrder"')

    with server.client(use=tube) as client:
        client.put(json.dumps([json.loads(order(1))] * 980))
        on_server(server, story, size=(80, 24))


@pytest.mark.long
def test_v_hides_it_and_that_is_remembered(server: Beanstalkd, tube: str, tmp_path: Path) -> None:
    file = PreferencesFile(tmp_path / "state.json")

    async def hide(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await until_shown(pilot, "── Job ")
        await pilot.press("v")
        await until(pilot, lambda: "── Job " not in text_of(pilot.app.screen))
        await until(pilot, lambda: file.load().hide_preview)

    async def show_again(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        assert "── Job " not in text_of(pilot.app.screen)
        await pilot.press("v")
        await until_shown(pilot, "── Job ")

    with server.client(use=tube) as client:
        client.put(order(1))
        for story in (hide, show_again):
            options = Options(state=file.load(), kept=file)
            on_still(BeantopApp([Poller(server.address, POLLED_EVERY)], options), story)


@pytest.mark.long
def test_a_low_window_has_none_and_says_so(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await go_to_tube(pilot, tube)
        await pilot.press("enter")
        await until_shown(pilot, "ShipOr")
        await pilot.press("v", "v")
        await until_toasted(pilot, "The window is too short for a preview.")
        assert "── Job " not in text_of(pilot.app.screen)

    with server.client(use=tube) as client:
        client.put(order(1))
        on_server(server, story, size=(80, 14))


def test_a_body_that_was_not_read_is_not_called_empty() -> None:
    row = JobRow(listed(7, {"state": "ready"}, 0.0), None)
    assert "Job 7 ── its body was not read yet" in plain(preview_rule(row, None, 80, is_cut=False))


@pytest.mark.long
def test_matches_of_a_filter_stand_out_in_the_row_the_preview_and_the_job(
    server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("slash", *"hopper", "enter")
        await until_shown(pilot, "filter: hopper")
        await until(pilot, lambda: standing_out(pilot) == ["hopper"] * 3)
        await pilot.press("enter")
        await until_shown(pilot, "[JSON]")
        await until(pilot, lambda: standing_out(pilot) == ["hopper"])
        await pilot.press("escape")
        await until_shown(pilot, "filter: hopper")
        await pilot.press("escape")
        await until(pilot, lambda: standing_out(pilot) == [])

    with server.client(use=tube) as client:
        client.put(json.dumps({"text": "x" * 150, "to": "Grace hopper"}))
        on_server(server, story, size=(120, 36))


def standing_out(pilot: Pilot[None]) -> list[str]:
    """The underlined words on the screen, except in the header of a table."""
    strips = strips_of(pilot.app.screen)
    pieces = [piece for strip in strips for piece in strip if piece.style and piece.style.underline]
    return [piece.text for piece in pieces]


@pytest.mark.long
def test_the_column_of_bodies_scrolls_to_the_side(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("v")
        await until(pilot, lambda: "the end" not in text_of(pilot.app.screen))
        await pilot.press("full_stop", "shift+right")
        await until_shown(pilot, "BODY +20")
        await pilot.press(*["full_stop"] * 20)
        await until_shown(pilot, "the end")
        await pilot.press(*["comma"] * 20, "shift+left")
        await until_shown(pilot, "BODY\n", "resize 000 ")

    with server.client(use=tube) as client:
        client.put("resize " + " ".join(f"{number:03}" for number in range(30)) + " the end")
        on_server(server, story, size=(120, 24))


@pytest.mark.long
def test_a_narrow_window_says_why_bodies_do_not_scroll(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("full_stop")
        assert isinstance(pilot.app, BeantopApp)
        assert (
            pilot.app.said[-1].text
            == "There is no BODY column: the window is too narrow, or c left it out."
        )

    with server.client(use=tube) as client:
        client.put(order(1))
        on_server(server, story, size=(70, 24))


@pytest.mark.long
def test_a_job_is_opened_where_the_filter_found_something(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, NEXT)
        await pilot.press("slash", *"hopper", "enter")
        await until_shown(pilot, "filter: hopper")
        await pilot.press("enter")
        await until_shown(pilot, "[text]", "201  Grace hopper", "202  line")

    with server.client(use=tube) as client:
        client.put("line\n" * 200 + "Grace hopper\n" + "line\n" * 99)
        on_server(server, story, size=(80, 24))
