"""Masked fields on the screens of the running program, on a real server."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.beanstalk import Client
from beantop.config import NOTHING_SET, parse_settings
from beantop.jobs.trash.store import Trash
from tests.app.running import answer, on_server, until_toasted
from tests.app.screen_text import settled, text_of, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.app.test_groups_screen import open_groups
from tests.beanstalkd import Beanstalkd
from tests.jobs.secrets import BODIES, found_in

MASKED = parse_settings('[mask]\n"*" = ["password", "/[0-9]{16}/"]', "c.toml")

SHOWN = [BODIES[name] for name in ("JSON", "PHP", "base64 of gzip in JSON", "YAML", "gzip")]


class Watching:
    """Presses keys, and looks for secrets in all that the program draws, says and copies."""

    def __init__(self, pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, BeantopApp)
        self.app, self.pilot = pilot.app, pilot

    async def look(self) -> None:
        await settled(self.pilot)
        said = "\n".join(entry.text for entry in self.app.said)
        for text in (text_of(self.app.screen), said, self.app.clipboard):
            for body in SHOWN:
                assert not found_in(text, body), text

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.look()


@pytest.mark.long
def test_no_screen_shows_a_masked_field_and_no_copy_has_it(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        watching = Watching(pilot)
        await open_all_jobs(pilot, tube, len(SHOWN))
        await until_shown(pilot, "***")
        await watching.press("right", "left", *["down"] * 4)
        await pilot.press("slash", *"hunter2", "enter")
        await until_shown(pilot, "No job matches “hunter2”")
        await pilot.press("escape", "g", "enter")
        await until_shown(pilot, "[JSON]", '"password": "***"', "masked: --unmask shows it")
        await watching.press("y", "v")
        await until_shown(pilot, "*** hidden: a masked field is inside; --unmask shows it")
        await watching.press("y", "v", "v", "y")
        assert '"password": "***"' in watching.app.clipboard
        await watching.press("e")
        await until_toasted(pilot, "start beantop with --unmask to save its body")
        for id in ids[1:]:
            await pilot.press("right_parenthesis")
            await until_shown(pilot, f"job {id}")
            await watching.press("y")

    with Client(server.address, use=tube, encoding=None) as client:
        ids = [client.put(body) for body in SHOWN]
        on_server(server, story, settings=MASKED)


@pytest.mark.long
def test_groups_of_masked_jobs_show_no_masked_field(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        watching = Watching(pilot)
        await open_groups(pilot, tube, "class")
        await watching.press(*["right"] * 5, "y")
        await watching.press("number_sign", *"password", "enter")
        await until_shown(pilot, "***")
        await watching.look()

    with Client(server.address, use=tube, encoding=None) as client:
        for body in SHOWN:
            client.put(body)
            client.put(body)
        on_server(server, story, settings=MASKED)


@pytest.mark.long
def test_the_real_body_is_moved_and_saved_and_put_back_but_not_edited(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        watching = Watching(pilot)
        await open_all_jobs(pilot, tube, 1)
        await pilot.press("g", "E")
        await until_toasted(pilot, "has masked fields: start beantop with --unmask to edit it")
        await pilot.press("D")
        await until_shown(pilot, "Delete job")
        await watching.look()
        await answer(pilot, "Delete job", "y")
        await until_toasted(pilot, "Deleted job")
        await pilot.press("U")
        await answer(pilot, "Put back 1 job?", "y")
        await until_toasted(pilot, "Put back")
        await until_shown(pilot, f"{first + 1} ready")
        await pilot.press("a", "M")
        await answer(pilot, "to which tube?", *f"{tube}x", "enter")
        await until_toasted(pilot, "Moved")
        await watching.look()

    with Client(server.address, use=tube, watch=f"{tube}x", encoding=None) as client:
        first = client.put(BODIES["JSON"])
        on_server(server, story, settings=MASKED, trash=Trash(tmp_path / "trash"))
        assert client.reserve(0).body == BODIES["JSON"]


def test_without_a_mask_it_is_shown(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, 1)
        await until_shown(pilot, "hunter2")

    with Client(server.address, use=tube, encoding=None) as client:
        client.put(BODIES["JSON"])
        on_server(server, story, settings=NOTHING_SET)
