"""What the command palette offers."""

import asyncio

import pytest
from textual.app import App
from textual.command import Command, CommandList, CommandPalette, DiscoveryHit, Hits
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList

import beantop.app.screens.all_jobs  # noqa: F401 (its keys are among the names)
from beantop.app.app import BeantopApp
from beantop.app.keys import _bindings
from beantop.app.palette import VIEW_WORDS, TubeCommands
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import on_server, on_still
from tests.app.screen_text import settled, text_of, until, until_shown
from tests.beanstalkd import Beanstalkd


@pytest.mark.long
@pytest.mark.timeout(10)
def test_a_name_of_few_letters_often_repeated_is_offered_at_once() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *"aabbaabb")
        await until_shown(pilot, "a-b-" * 20)

    on_still(stills.app(stills.with_tubes("a-b-" * 49)), story)


@pytest.mark.long
def test_on_the_screens_of_all_servers_the_tubes_of_each_are_offered() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "3 servers")
        await pilot.press(":", *"audit")
        await until_shown(pilot, "Tube audit-log on prod-queue-1", "Tube audit-log on prod-queue-2")
        await pilot.press("down", "enter")
        await until_shown(pilot, "prod-queue-2 ", "› audit-log")

    on_still(fleet(), story)


@pytest.mark.long
def test_a_tube_of_another_server_is_offered_after_those_of_this_one() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "3 servers")
        await pilot.press("2", ":", *"audit")
        text = await until_shown(pilot, "Tube audit-log on prod-queue-1")
        assert text.index("Tube audit-log\n") < text.index("Tube audit-log on prod-queue-1")

    on_still(fleet(), story)


@pytest.mark.long
@pytest.mark.parametrize("typed", ["{}", "job {}", "#{}"])
def test_a_job_is_opened_by_its_id(server: Beanstalkd, tube: str, typed: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, tube)
        peeks = client.stats()["cmd-peek"]
        await pilot.press(":", *typed.format(id))
        await until_shown(pilot, f"Job {id}")
        await pilot.press("enter")
        await until_shown(pilot, "the one of that id", f"{tube} › job {id}")
        assert client.stats()["cmd-peek"] == peeks + 1
        await pilot.press("escape")
        await until_shown(pilot, "worst first")

    with server.client(use=tube) as client:
        id = client.put("the one of that id")
        on_server(server, story)


@pytest.mark.long
def test_an_id_that_no_job_has_is_said(server: Beanstalkd) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "default")
        await pilot.press(":", *"999999999")
        await until_shown(pilot, "Job 999999999")
        await pilot.press("enter")
        await until_shown(pilot, "has no job 999999999")

    on_server(server, story)


@pytest.mark.long
def test_a_number_that_no_id_can_be_is_not_offered() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *f"{2**64}")
        await until_shown(pilot, "No matches found")

    on_still(stills.app(stills.watched()), story)


def first_match(pilot: Pilot[None], word: str) -> str:
    """The command that the palette offers first, below the word that was typed."""
    lines = [line.strip(" ▊▎") for line in text_of(pilot.app.screen).splitlines()]
    typed = next((at for at, line in enumerate(lines) if word in line), len(lines))
    return "".join(lines[typed + 1 : typed + 4])


@pytest.mark.long
@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("trash", "Browse deleted jobs"),
        ("undo", "Undo what was done last"),
        ("retry", "Make buried or delayed jobs ready"),
        ("requeue", "Make buried or delayed jobs ready"),
        ("purge", "Delete all jobs of one state"),
        ("search", "Filter the rows"),
        ("refresh", "Poll or reconnect now"),
        ("interval", "Poll less often"),
        ("dark", "Dark theme"),
        ("light", "Light theme"),
    ],
)
def test_the_words_of_other_tools_are_known(word: str, command: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *word)
        await until(pilot, lambda: command in first_match(pilot, word))

    on_still(stills.app(stills.watched()), story)


def test_every_word_is_for_a_key_that_there_is() -> None:
    names = {binding.id for binding in _bindings([App, Screen, Widget])}
    assert not VIEW_WORDS.keys() - names


@pytest.mark.long
def test_the_keys_of_the_footer_come_first() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":")
        text = await until_shown(pilot, "Filter the rows", "Log: messages")
        assert text.index("Filter the rows") < text.index("Poll more often")
        assert text.index("Poll more often") < text.index("Log: messages")

    on_still(stills.app(stills.watched()), story, size=(120, 66))


@pytest.mark.long
def test_what_cannot_be_done_here_says_why() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "3 servers")
        await pilot.press(":", *"retry")
        await until_shown(pilot, "Kick (off)")
        await pilot.press("enter")
        await until_shown(pilot, "K (kick) works only where")

    on_still(fleet(), story)


def test_others_get_their_turn_while_very_many_tubes_are_searched() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        tubes = TubeCommands(pilot.app.screen)
        await tubes.startup()
        tubes._labels = [(1, f"{number}", f"Tube {number}") for number in range(5_000)]
        searching = asyncio.ensure_future(_all(tubes.search("tube 99")))
        turns = 0
        while not searching.done():
            await asyncio.sleep(0)
            turns += 1
        assert len(searching.result()) == 20
        assert turns >= 10

    on_still(stills.app(stills.watched()), story)


async def _all(hits: Hits) -> list[object]:
    return [hit async for hit in hits]


@pytest.mark.long
def test_a_command_shows_its_key() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press(":", *"make buried")
        await until_shown(pilot, "Make buried or delayed jobs ready  (K)")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_second_enter_closes_nothing_else_and_repeats_nothing() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "Quit")
        calls: list[str] = []
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        palette = pilot.app.screen
        assert isinstance(palette, CommandPalette)
        hit = DiscoveryHit("it", lambda: calls.append("it"))
        option = Command(Content("it"), hit)
        chosen = OptionList.OptionSelected(palette.query_one(CommandList), option, 0)
        palette.post_message(chosen)
        palette.post_message(chosen)
        await until(pilot, lambda: calls)
        await settled(pilot)
        assert calls == ["it"]
        assert pilot.app.is_running

    app = BeantopApp([stills.Still(stills.watched())], now=lambda: stills.NOW)
    on_still(app, story)
