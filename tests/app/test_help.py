"""The help: the keys of the screen, and the pages of the reference."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

import beantop
from beantop.app.dialogs.help import PAGES
from beantop.app.view.lines import plain, width_of
from beantop.app.view.markdown import markdown_lines
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until_shown

DOCS = Path(beantop.__file__).with_name("docs")


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
    prose = [line for line in lines if line[:1] != [("  ", "")]]  # code is not wrapped
    assert all(width_of(line) <= max(width, 60) for line in prose)


def test_a_line_is_broken_only_at_blanks() -> None:
    lines = markdown_lines("`ready`, `reserved`, [delayed](x.md) and **buried**.", 17)
    assert [plain(line) for line in lines] == ["ready, reserved,", "delayed and", "buried."]
