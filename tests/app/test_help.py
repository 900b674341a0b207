"""The help: the keys of the screen, and the pages of the reference."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

import beantop
from beantop.app.dialogs.help import PAGES, HelpDialog
from beantop.app.view.lines import plain, width_of
from beantop.app.view.markdown import markdown_lines
from beantop.app.widgets.styled import Lines
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until, until_shown

DOCS = Path(beantop.__file__).with_name("docs")


@pytest.mark.long
def test_digits_open_the_pages_of_the_reference() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("question_mark")
        await until_shown(pilot, "Make buried or delayed jobs ready", "2 filters")
        await pilot.press("2")
        await until_shown(pilot, "Help: filters", "both words")
        await pilot.press("5")
        await until_shown(pilot, "Help: safety", "Questions")
        await pilot.press("escape")
        await until_shown(pilot, "? Help enter Open")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [40, 66, 92])
def test_a_page_is_shown_whole_at_every_width(page: str, width: int) -> None:
    text = (DOCS / f"{page}.md").read_text()
    lines = markdown_lines(text, width)
    shown = " ".join(map(plain, lines))
    words = [word for word in text.partition("\n")[2].split() if word.isalpha()]
    assert [word for word in words if word not in shown] == []
    assert [plain(line) for line in lines if width_of(line) > width] == []


@pytest.mark.parametrize("language", ["", "toml"])
def test_code_is_shown_from_its_first_line_on(language: str) -> None:
    lines = markdown_lines(f"```{language}\nfirst\n\nlast\n```\n", 40)
    assert [plain(line).strip() for line in lines] == ["first", "", "last"]


def test_a_link_says_which_page_it_opens() -> None:
    text = "See [filters](filters.md), [safety](safety.md) and [it](https://example.org)."
    lines = markdown_lines(text, 92, PAGES)
    shown = "See filters (page 2), safety (page 5) and it (https://example.org)."
    assert [plain(line) for line in lines] == [shown]


@pytest.mark.long
@pytest.mark.parametrize("size", [(18, 20), (11, 20), (5, 50), (1, 1), (10, 10)])
def test_a_window_may_be_too_narrow_for_it(size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpDialog))
        await pilot.pause()
        await pilot.press("1")
        await pilot.pause()

    on_still(stills.app(stills.watched()), story, size=size)


def help_text(pilot: Pilot[None]) -> str:
    """What the help shows, without what is behind it."""
    lines = pilot.app.screen.query_one("#dialog-lines", Lines)
    return "\n".join(lines.render_line(y).text for y in range(lines.size.height))


@pytest.mark.long
@pytest.mark.parametrize("size", [(120, 200), (100, 200), (80, 200), (40, 200)])
def test_no_key_is_cut_off(size: tuple[int, int]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        await until_shown(pilot, "Help", "Close")
        text = help_text(pilot)
        assert "…" not in text
        assert all(word in text for word in ("columns", "graphs", "what was done"))

    on_still(stills.app(stills.watched()), story, size=size)


@pytest.mark.long
def test_the_keys_of_jobs_are_not_cut_off_beside_each_other() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("enter", "question_mark")
        await until_shown(pilot, "Help")
        text = help_text(pilot)
        assert "…" not in text
        assert "Find all jobs, or" in text

    on_still(stills.app(stills.watched()), story, size=(100, 60))


def test_a_line_is_broken_only_at_blanks() -> None:
    lines = markdown_lines("`ready`, `reserved`, [delayed](x.md) and **buried**.", 17)
    assert [plain(line) for line in lines] == ["ready, reserved,", "delayed and", "buried."]
