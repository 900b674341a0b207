"""Jobs in groups, on a real server."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.screens.groups import GroupsScreen
from beantop.beanstalk import Client
from beantop.config import Settings
from beantop.jobs.trash.store import Trash
from tests.app.running import answer, go_to_tube, on_server, open_tube, until_toasted
from tests.app.screen_text import text_of, until, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.beanstalkd import Beanstalkd

MAIL, PUSH = "App\\Jobs\\SendMail", "PushWorker"


def mail(number: int) -> str:
    return json.dumps({"displayName": MAIL, "job": "x", "id": number})


def push(number: int) -> str:
    return json.dumps({"class": PUSH, "args": [number]})


def put_buried(client: Client[str], *bodies: str) -> list[int]:
    ids = [client.put(body) for body in bodies]
    for _ in ids:
        client.bury(client.reserve())
    return ids


def states(client: Client[str], ids: list[int]) -> dict[str, int]:
    return dict(Counter(client.stats_job(id)["state"] for id in ids))


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "trash")


@pytest.fixture
def client(server: Beanstalkd, tube: str) -> Iterator[Client[str]]:
    with server.client(use=tube, watch=tube) as client:
        yield client


async def open_groups(pilot: Pilot[None], tube: str, *words: str) -> GroupsScreen:
    await go_to_tube(pilot, tube)
    await pilot.press("number_sign")
    await until_shown(pilot, f"{tube} › groups", *words)
    screen = pilot.app.screen
    assert isinstance(screen, GroupsScreen)
    return screen


@pytest.mark.long
def test_kicking_a_group_touches_no_other_job(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_groups(pilot, tube, "42 of 42 jobs found.", "2 groups")
        await until_shown(pilot, f"{MAIL}   ", "30    71%")
        await pilot.press("K")
        shown = await until_shown(pilot, "Kick 30 buried jobs to ready?")
        assert f"group   {MAIL}" in shown
        await answer(pilot, "Kick 30", "y")
        await until_toasted(pilot, "Kicked 30 buried jobs")
        await until_shown(pilot, "71%      30       0       0       0")

    mails = put_buried(client, *map(mail, range(30)))
    pushes = put_buried(client, *map(push, range(12)))
    on_server(server, story)
    assert states(client, mails) == {"ready": 30}
    assert states(client, pushes) == {"buried": 12}
    assert all(client.stats_job(id)["kicks"] == 0 for id in pushes)


@pytest.mark.long
def test_marked_groups_are_deleted_and_can_be_put_back(
    server: Beanstalkd, tube: str, client: Client[str], trash: Trash
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_groups(pilot, tube, "3 groups")
        await pilot.press("space", "space", "D")
        shown = await until_shown(pilot, "Delete 5 buried jobs?")
        assert f"groups  {MAIL} " in shown
        assert f"        {PUSH} " in shown
        await answer(pilot, "Delete 5", "y")
        await until_shown(pilot, "1 group ", "1 of 1 job found.")
        await pilot.press("U")
        await answer(pilot, "Put back 5", "y")
        await until_shown(pilot, "3 groups")

    put_buried(client, *map(mail, range(3)), *map(push, range(2)))
    kept = put_buried(client, "ping")
    on_server(server, story, trash=trash)
    assert states(client, kept) == {"buried": 1}
    assert client.stats_tube(tube)["current-jobs-buried"] == 6


@pytest.mark.long
def test_enter_lists_the_jobs_of_a_group_and_esc_comes_back(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_groups(pilot, tube, "2 groups")
        await pilot.press("j", "enter")
        shown = await until_shown(pilot, f"groups › {PUSH}", "2 jobs of the group.", '"args"')
        assert all(str(id) in shown for id in pushes)
        assert MAIL not in shown
        client.put(push(3))
        await pilot.press("D")
        await answer(pilot, f"Delete job {pushes[0]}?", "y")
        await until_shown(pilot, "1 job of the group; 1 gone since it was opened.")
        await pilot.press("escape")
        await until_shown(pilot, "2 groups", "5 of 5 jobs found.")

    put_buried(client, *map(mail, range(3)))
    pushes = put_buried(client, *map(push, range(2)))
    on_server(server, story)


@pytest.mark.long
def test_jobs_can_be_grouped_in_other_ways(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, "[class]", "2 groups")
        await pilot.press("l", "l", "l")
        await until_shown(pilot, "[same body]", "1 group ", f"{PUSH} · ")
        await pilot.press("l", "l")
        await until_shown(pilot, "[state]", "ready  ", "buried  ")
        await pilot.press("l")
        await until_shown(pilot, "[priority]", "65536  ", "7  ")
        await pilot.press("s", "g")
        await until(
            pilot, lambda: [group.key for group in screen.pane.table.rows] == [("7",), ("65536",)]
        )
        await pilot.press("l")
        await until_shown(pilot, "[age]", "under 1m  ")
        await pilot.press("l")
        await until_shown(pilot, "[size]", "under 128 B  ")
        await pilot.press("h", "h", "h", "h")
        await until_shown(pilot, "[tube]", f"{tube}  ")

    put_buried(client, mail(1))
    client.put(push(1), priority=7)
    client.put(push(1))
    on_server(server, story)


@pytest.mark.long
def test_a_filter_and_the_cursor_stay_with_their_groups(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, "2 groups")
        await pilot.press("/", *"push", "enter")
        await until_shown(pilot, "filter: push", "1 group ")
        await pilot.press("/", *"x", "enter")
        await until_shown(pilot, "No group matches “pushx”.  esc clears the filter.")
        await pilot.press("escape", "j")
        await until_shown(pilot, "2 groups", "Ages of 2 jobs")
        for number in range(9):
            client.put(push(number))
        await until_shown(pilot, "11    79%", "Ages of 11 jobs")
        assert screen.pane.table.current_key == PUSH
        assert text_of(pilot.app.screen).index(PUSH) < text_of(pilot.app.screen).index(MAIL)

    put_buried(client, *map(mail, range(3)), *map(push, range(2)))
    on_server(server, story)


@pytest.mark.long
def test_a_list_of_jobs_and_a_whole_server_can_be_grouped_too(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube)
        await pilot.press("number_sign")
        await until_shown(pilot, f"{tube} › groups", MAIL)
        await pilot.press("escape", "escape", "0")
        await until_shown(pilot, "› server")
        await pilot.press("enter")
        await until_shown(pilot, "› all jobs", "jobs found")
        await pilot.press("number_sign")
        await until_shown(pilot, "all jobs › groups", MAIL)

    put_buried(client, mail(1))
    on_server(server, story)


@pytest.mark.long
def test_an_empty_tube_and_one_job_at_a_time_are_told(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_groups(pilot, tube, "No jobs.")
        await pilot.press("K")
        await until_toasted(pilot, "No group is under the cursor. Nothing was done.")
        client.put(mail(1))
        await until_shown(pilot, "1 of 1 job found.")
        await pilot.press("E")
        await until_toasted(pilot, "E (Edit) works on one job: enter lists them.")
        client.delete(client.reserve())
        await until_shown(pilot, "No jobs.")

    on_server(server, story)


@pytest.mark.long
def test_jobs_of_a_restarted_server_are_grouped_anew(own_server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, MAIL)
        await pilot.press("space")
        own_server.stop()
        own_server.start()
        with own_server.client(use=tube) as client:
            client.put(push(1))
            await until_shown(pilot, f"{PUSH}  ", "1 group ", "1 of 1 job found.")
        assert MAIL not in text_of(pilot.app.screen)
        assert not screen.pane.table.marked

    with own_server.client(use=tube) as client:
        client.put(mail(1))
        on_server(own_server, story)


@pytest.mark.long
def test_the_configuration_says_where_the_class_of_a_job_is(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(kinds))
        await until_shown(pilot, *(f" {kind} " for kind in kinds))
        await pilot.press("slash", *"class = welcome", "enter")
        assert "goodbye" not in await until_shown(pilot, "filter: class = welcome ─", " welcome ")
        await pilot.press("escape", "number_sign")
        await until_shown(pilot, f"{tube} › groups", "welcome", "goodbye")

    kinds = ("welcome", "goodbye")
    with server.client(use=tube) as client:
        for kind in kinds:
            client.put(json.dumps({"class": "Mail", "args": [], "payload": {"kind": kind}}))
        on_server(server, story, settings=Settings(class_paths={tube: "payload.kind"}))


@pytest.mark.long
def test_jobs_are_grouped_by_a_field_of_their_bodies(
    server: Beanstalkd, tube: str, client: Client[str]
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, "1 group ", '"country"')
        await pilot.press("number_sign")
        await until_shown(pilot, "Group by which field of the body?")
        await pilot.press(*"customer.c", "tab", "enter")
        shown = await until_shown(pilot, "[customer.country]", "3 groups")
        assert " CUSTOMER.COUNTRY" in shown
        counts = {group.key: group.count for group in screen.pane.table.rows}
        assert counts == {("at",): 2, ("de",): 1, ("",): 1}
        await pilot.press("l")
        await until_shown(pilot, "[class]", "4 of 4 jobs found.", "1 group ")

    client.put("{}")
    for country in ("at", "de", "at"):
        client.put(json.dumps({"customer": {"country": country}}))
    on_server(server, story)


@pytest.mark.long
def test_groups_that_need_no_bodies_say_nothing_of_unread_jobs(
    server: Beanstalkd,
    tube: str,
    client: Client[str],
    trash: Trash,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, "the 4 newest read.  n reads the rest.")
        await pilot.press("D")
        await until_shown(pilot, "Only the 4 jobs read so far: others are left alone.")
        await pilot.press("escape")
        screen.pane.action_group_by("state")
        await until_shown(pilot, "buried  ", "9   100%", "9 of 9 jobs found.")
        await pilot.press("D")
        shown = await until_shown(pilot, "Delete 9 buried jobs?")
        assert "Only the" not in shown
        await pilot.press("escape")
        screen.pane.action_group_by("class")
        await until_shown(pilot, "the 4 newest read.  n reads the rest.")

    monkeypatch.setattr("beantop.jobs.inventory.MAX_BODIES", 4)
    put_buried(client, *map(mail, range(9)))
    on_server(server, story, trash=trash)


@pytest.mark.long
def test_a_job_that_left_its_group_meanwhile_is_not_changed_with_it(
    server: Beanstalkd, tube: str, client: Client[str], trash: Trash
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, "7 of 7 jobs found.")
        screen.pane.action_group_by("state")
        await until_shown(pilot, "buried  ", "7   100%")
        screen.pane._finder.next_at = math.inf  # as after a search in very many jobs
        client.kick_job(ids[0])
        found = screen.pane.jobs.scan.found
        await until(pilot, lambda: found[ids[0]].state == "ready")
        await pilot.press("D")
        await answer(pilot, "Delete 6 buried jobs?", "y")
        await until_toasted(pilot, "Deleted 6 buried jobs")

    ids = put_buried(client, *map(mail, range(7)))
    on_server(server, story, trash=trash)
    assert states(client, ids[:1]) == {"ready": 1}


@pytest.mark.long
def test_no_group_of_before_a_restart_reaches_other_jobs_with_the_same_ids(
    own_server: Beanstalkd, tube: str, trash: Trash
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        screen = await open_groups(pilot, tube, MAIL, "9 of 9 jobs found.")
        pane = screen.pane
        pane._finder.next_at = math.inf  # as after a search in very many jobs
        pane.stock.run = asyncio.Event().wait  # type: ignore[method-assign,assignment]  # it takes long
        own_server.stop()
        own_server.start()
        with own_server.client(use=tube) as client:
            for number in range(9):
                client.put(push(number))
            await until(pilot, lambda: pane.jobs.restarts)
            await until(pilot, lambda: len(pane.jobs.scan.found) == 1)  # the next ready job
            assert MAIL not in text_of(pilot.app.screen)
            await pilot.press("D")
            await until_toasted(pilot, "No group is under the cursor.")

    with own_server.client(use=tube) as client:
        for number in range(9):
            client.put(mail(number))
    on_server(own_server, story, trash=trash)


@pytest.mark.long
def test_an_open_group_of_a_restarted_server_gets_no_other_jobs(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_groups(pilot, tube, MAIL, "9 of 9 jobs found.")
        await pilot.press("enter")
        await until_shown(pilot, f"groups › {MAIL}", "9 jobs of the group.")
        own_server.stop()
        own_server.start()
        with own_server.client(use=tube) as client:
            for number in range(9):
                client.put(push(number))
            await until_shown(pilot, "0 jobs of the group; 9 gone since it was opened.")
            await asyncio.sleep(1.5)  # some polls
            assert PUSH not in text_of(pilot.app.screen)
            await pilot.press("escape")
            await until_shown(pilot, f"{PUSH}  ", "9 of 9 jobs found.")

    with own_server.client(use=tube) as client:
        for number in range(9):
            client.put(mail(number))
    on_server(own_server, story)
