"""A body on the screen: how it is wrapped, and how words are found in it, on a real server."""

import re
from string import ascii_letters

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.session.options import Options
from beantop.app.view.lines import plain
from beantop.app.widgets.body_rows import BodyRows
from beantop.app.widgets.body_view import BodyView
from beantop.app.widgets.matches import MAX_PLACES, find, standing_out
from beantop.config import Settings
from beantop.formatting import printable
from beantop.jobs.bodies.plain import hex_lines
from beantop.jobs.bodies.texts import shown_text
from beantop.monitor.poller import Poller
from tests.app.running import on_server, on_still, open_tube
from tests.app.screen_text import text_of, until, until_shown
from tests.beanstalkd import Beanstalkd

pytestmark = pytest.mark.usefixtures("every_frame")

TEXT = st.text(st.characters() | st.sampled_from("ab\t\x9b漢字é\u0301\ufe0f"), max_size=60)
"""With what takes no cell, two cells, or several characters to be shown."""


@given(st.lists(TEXT.map(lambda text: text.replace("\n", ""))), st.integers(2, 30))
def test_wrapped_lines_fit_and_nothing_of_them_is_missing(lines: list[str], room: int) -> None:
    rows = BodyRows(lines, room, wrap=True)
    parts = [rows.at(row) for row in range(len(rows))]
    for number, line in enumerate(lines):
        pieces = [part.text[part.start : part.end] for part in parts if part.line == number]
        assert "".join(pieces) == printable(line)
        assert all(cell_len(piece) <= room for piece in pieces)


@given(st.lists(TEXT.map(lambda text: text.replace("\n", ""))), st.integers(2, 30))
def test_each_place_of_a_line_is_on_the_row_that_shows_it(lines: list[str], room: int) -> None:
    rows = BodyRows(lines, room, wrap=True)
    for row in range(len(rows)):
        part = rows.at(row)
        assert rows.row_of(part.line, part.start) == row
        assert rows.row_of(part.line, max(part.start, part.end - 1)) == row


def test_lines_that_are_not_wrapped_take_one_row_each_and_say_that_they_are_cut() -> None:
    rows = BodyRows(["x" * 1000, "short"], 10, wrap=False)
    assert len(rows) == 2
    assert rows.at(0).text.endswith("…")
    assert rows.at(1).text == "short"
    assert rows.row_of(0, 999) == 0


def test_hex_has_as_many_bytes_in_a_line_as_fit() -> None:
    lines = hex_lines(bytes(100)) + ["… 5 bytes more"]  # noqa: RUF005
    for room, bytes_per_line in (100, 16), (76, 16), (75, 8), (43, 8), (42, 4), (27, 4):
        fitting = lines.within(room)
        assert len(fitting) == -(-100 // bytes_per_line) + 1
        assert len(BodyRows(fitting, room, wrap=True)) == len(fitting)
        assert fitting[-1] == "… 5 bytes more"


def test_hex_is_wrapped_if_not_even_four_bytes_fit() -> None:
    lines = hex_lines(bytes(100)).within(20)
    assert len(BodyRows(lines, 20, wrap=True)) == 2 * len(lines) == 2 * 25


@pytest.mark.long
def test_hex_fits_beside_the_facts_of_a_job(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, tube, "zz")
        await pilot.press("v")
        text = await until_shown(pilot, "[hex]", "00000000  ", "00000008  ", "zz: 1 match,")
        assert "00000000  61 64 61 20 7a 7a 20 6c  ada zz l" in text

    with server.client(use=tube) as client:
        client.put("ada zz lovelace")
        on_server(server, story, size=(100, 30))


def test_places_are_told_by_line_whatever_is_before_them() -> None:
    text = shown_text(["", "an ADA, an ada", "", "\tada"])
    assert find("ada", text).all == [(1, 3), (1, 11), (3, 1)]


def test_words_are_found_as_they_are_shown() -> None:
    text = shown_text(["\x1b[31m", "a\x9b"])
    assert find("␛[31", text).all == [(0, 0)]
    assert find("\\x9B", text).all == [(1, 1)]


def test_very_many_places_are_not_counted() -> None:
    found = find("a", shown_text(["aa"] * MAX_PLACES))
    assert str(found) == "over 10,000 matches"
    assert len(found.all) == MAX_PLACES


@example("AAAAAA", "aa", 3)
@given(st.text("abA", max_size=40), st.text("ab", min_size=1, max_size=3), st.integers(1, 9))
def test_what_stands_out_on_the_rows_is_what_was_found(text: str, words: str, room: int) -> None:
    rows = BodyRows([text], room, wrap=True)
    pieces = [piece for row in range(len(rows)) for piece in standing_out(rows.at(row), words)]
    assert plain(pieces) == text
    out = "".join(("x" if style else ".") * len(piece) for piece, style in pieces)
    for _, start in find(words, text).all:
        assert out[start : start + len(words)] == "x" * len(words)


async def search(pilot: Pilot[None], tube: str, words: str) -> None:
    """Find the words in the body of the only job of the tube."""
    await open_tube(pilot, tube, "The next job of each state")
    await pilot.press("enter")
    await until_shown(pilot, "[text]")
    await pilot.press("slash", *words, "enter")
    await until_shown(pilot, f"{words}: ")


def top_line(pilot: Pilot[None]) -> str:
    """The first line of the body on the screen."""
    return pilot.app.screen.query_one(BodyView).render_line(0).text.rstrip()


@pytest.mark.long
@pytest.mark.parametrize("keys", ["", "w", "ww"], ids=["wrapped", "cut", "wrapped again"])
def test_n_goes_to_the_places_however_the_lines_are_wrapped(
    server: Beanstalkd, tube: str, keys: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, tube, "needle")
        await pilot.press(*keys)
        assert "needle: 2 matches" in await until_shown(pilot, "wrap off" if keys == "w" else "on")
        seen = set()
        for _ in range(2):
            await pilot.press("n")
            seen.add(top_line(pilot)[4:].strip())
        assert seen == {"needle one", "needle two"}

    lines = ["hay " * 75] * 200
    lines[50], lines[90] = "needle one", "needle two"
    with server.client(use=tube) as client:
        client.put("\n".join(lines))
        on_server(server, story)


@pytest.mark.long
def test_a_word_across_the_edge_is_found(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, tube, "needle")
        await until_shown(pilot, "needle: 100 matches")
        assert not top_line(pilot).endswith("needle")

    with server.client(use=tube) as client:
        client.put("xx" + "needle" * 100)
        on_server(server, story)


@pytest.mark.long
def test_another_view_is_searched_anew(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, tube, "ada")
        await until_shown(pilot, "ada: 2 matches")
        await pilot.press("v")
        await until_shown(pilot, "[hex]", "ada: 1 match,")

    with server.client(use=tube) as client:
        client.put("ada lovelace  ada")  # of which hex shows sixteen bytes a line
        on_server(server, story)


@pytest.mark.long
def test_the_last_places_are_not_gone_to_for_ever(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, tube, "needle")
        assert top_line(pilot).endswith("needle 20")
        await pilot.press("n")
        await until(pilot, lambda: "needle 199" in text_of(pilot.app.screen))
        await pilot.press("n")
        await until(pilot, lambda: top_line(pilot).endswith("needle 20"))

    lines = [f"{'needle' if number in (20, 199) else 'hay'} {number}" for number in range(200)]
    with server.client(use=tube) as client:
        client.put("\n".join(lines))
        on_server(server, story)


@pytest.mark.long
def test_a_body_that_is_not_as_configured_is_said_to_be_so(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, "The next job of each state")
        await pilot.press("enter")
        await until_shown(pilot, "[text]", "configured as json, but it is not JSON")
        await pilot.press("v")
        assert "configured" not in await until_shown(pilot, "[hex]")

    with server.client(use=tube) as client:
        client.put("ada")
        pollers = [Poller(server.address, 0.5)]
        on_still(BeantopApp(pollers, Options(Settings(decoders={tube: "json"}))), story)


@pytest.mark.long
def test_cut_lines_scroll_to_the_side_and_back(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, "The next job of each state")
        await pilot.press("enter")
        await until_shown(pilot, "[text]", "wrap on")
        await pilot.press("right")
        await until_shown(pilot, "Lines are wrapped: w cuts them.")
        await pilot.press("w")
        await until(pilot, lambda: top_line(pilot).rstrip().endswith("…"))
        before = top_line(pilot)
        await pilot.press("right")
        await until(pilot, lambda: top_line(pilot) != before)
        assert top_line(pilot).startswith(" 1 …")
        await pilot.press(*["right"] * 20)
        await until(pilot, lambda: "the end" in top_line(pilot))
        await pilot.press(*["left"] * 30)
        await until(pilot, lambda: top_line(pilot) == before)

    with server.client(use=tube) as client:
        client.put(" ".join(f"{number:03}" for number in range(200)) + " the end\nshort")
        on_server(server, story)


@pytest.mark.long
def test_the_next_match_is_scrolled_to_sideways(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, tube, "needle")
        await pilot.press("w")
        await until(pilot, lambda: "needle" not in top_line(pilot))
        await pilot.press("n")
        await until(pilot, lambda: "needle" in top_line(pilot))

    with server.client(use=tube) as client:
        client.put("hay " * 200 + "needle" + " hay" * 50)
        on_server(server, story)


@pytest.mark.long
@pytest.mark.parametrize("size", [(80, 24), (90, 20)], ids=["80x24", "90x20"])
def test_a_scrollbar_covers_no_letter(server: Beanstalkd, tube: str, size: tuple[int, int]) -> None:
    body = ascii_letters * 80

    async def story(pilot: Pilot[None]) -> None:
        await open_tube(pilot, tube, body[:5])
        await until(pilot, lambda: body[:150] in _letters(pilot))
        await pilot.press("enter")
        await until_shown(pilot, "── Body")
        await until(pilot, lambda: body[:400] in _letters(pilot))

    with server.client(use=tube) as client:
        client.put(body)
        on_server(server, story, size=size)


def _letters(pilot: Pilot[None]) -> str:
    """The letters on the screen, without what stands between them."""
    return re.sub("[^a-zA-Z]", "", text_of(pilot.app.screen))
