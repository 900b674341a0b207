"""Which tubes are shown."""

from typing import Any

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.screens.tubes import TubesScreen
from beantop.app.view.lines import plain
from beantop.app.view.tube_filter import TubeFilter
from beantop.app.view.tubes_words import why_none
from beantop.app.view.words import Words
from beantop.monitor.history import History
from beantop.monitor.snapshot import Tube
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until, until_shown


def _found(tubes: TubeFilter) -> list[str]:
    watched = stills.watched()
    found = tubes.find(watched.snapshot.tubes.values(), watched.history)
    return sorted(tube.name for tube in found.tubes)


def test_problems_are_the_tubes_with_a_sign() -> None:
    expected = ["billing-charge", "email-transactional", "webhooks-retry"]
    assert _found(TubeFilter(only_problems=True)) == expected
    assert _found(TubeFilter("w", only_problems=True)) == ["webhooks-retry"]


def test_idle_tubes_are_hidden_and_counted() -> None:
    watched = stills.watched()
    everything = watched.snapshot.tubes.values()
    found = TubeFilter(without_idle=True).find(everything, watched.history)
    assert found.idle == 1
    assert "default" not in [tube.name for tube in found.tubes]
    assert "video-transcode-with-a-long-name-eu-west" in [tube.name for tube in found.tubes]


EMPTY = Tube("a", 0.0, ready=0, reserved=0, delayed=0, buried=0)


@pytest.mark.parametrize("unknown", ["ready", "reserved", "delayed", "buried"])
def test_a_tube_of_which_not_all_is_known_is_not_idle(unknown: str) -> None:
    """A tube that was not polled yet."""
    counts: dict[str, Any] = {unknown: None}
    without_idle = TubeFilter(without_idle=True)
    assert without_idle.find([EMPTY], History()).tubes == []
    for tube in (EMPTY._replace(**counts), Tube("a", 0.0)):
        assert without_idle.find([tube], History()).tubes == [tube]


@pytest.mark.parametrize("busy", ["ready", "reserved", "delayed", "buried", "pause_time_left"])
def test_a_tube_with_anything_in_it_is_not_idle(busy: str) -> None:
    counts: dict[str, Any] = {busy: 1}
    tube = EMPTY._replace(**counts)
    assert TubeFilter(without_idle=True).find([tube], History()).tubes == [tube]


@pytest.mark.long
def test_keys_show_only_problems_hide_idle_tubes_and_show_all_again() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("z")
        await until_shown(pilot, "12 of 13 tubes", "1 idle hidden (z)")
        await pilot.press("exclamation_mark")
        await until_shown(pilot, "3 of 13 tubes", "only with a sign")
        await pilot.press("/", *"push", "enter")
        await until_shown(pilot, "No tube that matches “push” has a sign.")
        await pilot.press("escape")
        await until_shown(pilot, "3 of 13 tubes")
        await pilot.press("escape", "z")
        await until_shown(pilot, "13 tubes")

    on_still(stills.app(stills.watched()), story)


def test_of_tubes_that_were_not_asked_yet_nothing_is_said() -> None:
    only, asked, unasked = TubeFilter(only_problems=True), EMPTY, Tube("b", 0.0)
    (said,) = [plain(line) for line in why_none([asked], 0, only, 80) if line]
    assert "No tube has a sign: nothing is buried" in said
    (said,) = [plain(line) for line in why_none([asked, unasked], 0, only, 80) if line]
    assert "No sign so far: no data yet for 1 tube." in said


@pytest.mark.long
def test_all_idle_is_said() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("/", *"default", "enter", "z")
        await until_shown(pilot, "1 idle tube hidden.  z shows it.")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_columns_are_chosen_and_the_usual_ones_come_back() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "OUT/s  2m, log     REASON")
        await pilot.press("c")
        await until_shown(pilot, "[ ] ~WAIT")
        await pilot.press("a", "x", "h", "enter")
        header = await until_shown(pilot, "~WAIT  STATES")
        assert "READY 2m, log" not in header
        await pilot.press("c", "full_stop")
        await until_shown(pilot, "OUT/s  2m, log     REASON")
        await pilot.press("c", "a", "escape")
        await until_shown(pilot, "OUT/s  2m, log     REASON")

    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_rows_stay_in_their_order_for_a_while_after_the_cursor_moved() -> None:
    clock = [stills.NOW]
    still = stills.Still(stills.watched())
    app = BeantopApp([still], now=lambda: clock[0], wall=lambda: stills.WALL)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "8,214")
        await pilot.press("s", "r", "down")
        still.tell(stills.with_ready("audit-log", 9999))
        await until_shown(pilot, "9,999")
        assert _names(pilot)[:2] == ["email-transactional", "image-thumbnails"]
        clock[0] += 3.1
        still.tell(stills.with_ready("audit-log", 9998))
        await until(pilot, lambda: _names(pilot)[0] == "audit-log")
        assert _tubes_screen(pilot).table.current_key == "image-thumbnails"
        await pilot.press("down", "i")  # who asks for an order gets it at once
        await until(pilot, lambda: _names(pilot)[-1] == "audit-log")

    on_still(app, story)


def _tubes_screen(pilot: Pilot[None]) -> TubesScreen:
    assert isinstance(pilot.app.screen, TubesScreen)
    return pilot.app.screen


def _names(pilot: Pilot[None]) -> list[str]:
    return [row.tube.name for row in _tubes_screen(pilot).table.rows]


@pytest.mark.parametrize(
    ("words", "text"),
    [("istanbul", "İSTANBUL"), ("İstanbul", "istanbul"), ("strasse", "Straße"), ("É", "café")],
)
def test_words_match_in_any_case_of_any_language(words: str, text: str) -> None:
    assert Words(words).match(text)
    assert not Words(f"!{words}").match(text)


@pytest.mark.parametrize(
    "words", ["/a{4294967295}/", "/" + "(" * 3000 + ")" * 3000 + "/", "/[a-/", "/(?P<a/"]
)
def test_what_is_no_regular_expression_finds_nothing_and_is_told(words: str) -> None:
    found = Words(words)
    is_one = words.startswith("/((")  # if a deep one
    assert found.match("email") == (not found.problem)
    assert found.problem or is_one


@pytest.mark.timeout(20)
@pytest.mark.parametrize("words", ["/(a|a)*$/", "/(a|aa)+$/", "/x.*y.*z/", "/(a+)+$/"])
def test_a_regular_expression_that_takes_for_ever_is_given_up(words: str) -> None:
    found = Words(words)
    assert not found.problem
    for text in ("a" * 5_000 + "!", "xya " * 16_000):
        found.match(text)


def test_many_names_that_take_a_regular_expression_long_are_too_much_for_it() -> None:
    found = Words("!/a.*a.*a.*z/")
    assert found.match("b")
    for _ in range(60):
        found.match("a" * 120)
    assert not found.match("b")  # given up, it finds nothing
    assert found.problem == "the regular expression takes too long"


@pytest.mark.long
def test_an_honest_regular_expression_is_not_given_up_however_many_names_there_are() -> None:
    found = Words("/^email-.*-eu$/")
    names = [f"webhooks-{number}-of-some-length" for number in range(30_000)]
    assert not any(map(found.match, names))
    assert not found.problem
