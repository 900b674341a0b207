"""How dialogs with an input line handle keys."""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input
from textual.widgets._toast import Toast

from beantop.app.dialogs import dialog as dialogs
from beantop.app.dialogs.ask import AskNumberDialog, AskTextDialog
from beantop.app.dialogs.confirm import ConfirmDialog
from beantop.app.dialogs.dialog import INPUT_GUARD_SECONDS, Dialog
from beantop.app.dialogs.pick import StateDialog
from beantop.app.questions import AskNumber, AskText, Confirm, Offer, PickState, read_count
from beantop.app.view.lines import Line
from beantop.beanstalk import State
from tests.app import stills
from tests.app.running import answer, on_still
from tests.app.screen_text import settled, text_of, until, until_shown

LINES: list[Line] = [[(f" line {number}", "")] for number in range(12)]


@pytest.mark.long
def test_y_says_nothing_once_a_number_is_typed() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?", "5", "y")
        await until_shown(pilot, "Press enter to use 5.")
        assert answers == []
        await pilot.press("enter")
        assert answers == [5]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_y_takes_the_usual_number_while_nothing_is_typed() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?", "y")
        assert answers == [24]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_the_word_all_stands_for_the_largest_number() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?", *"all", "enter")
        assert answers == [24]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_number_that_is_too_large_is_lowered_and_takes_another_enter() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?", *"240", "enter")
        await until_shown(pilot, "There are only 24.")
        assert pilot.app.screen.query_one(Input).value == "24"
        assert answers == []
        await pilot.press("enter")
        assert answers == [24]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_a_note_about_a_key_goes_with_the_next_one() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?", *"240", "enter")
        await until_shown(pilot, "There are only 24.")
        await pilot.press("backspace")
        await until(pilot, lambda: "There are only" not in text_of(pilot.app.screen))
        assert not pilot.app.screen.query(Toast)

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


def test_buttons_are_dim_until_the_dialog_listens() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.push_screen(dialog)
        await until(pilot, lambda: _style_of(dialog, "Delete it").startswith("bad bold"))
        assert seen[0] == ("dim", False)
        assert all(listens == (style != "dim") for style, listens in seen)

    class Watched(ConfirmDialog):
        def _draw(self) -> None:
            super()._draw()
            seen.append((_style_of(self, "Delete it"), self.accepts(time.monotonic())))

    seen: list[tuple[str, bool]] = []
    dialog = Watched(Confirm("Delete?", [], "Delete it"))
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
@pytest.mark.parametrize("key", ["y", "enter"])
def test_a_key_that_comes_too_early_is_said_to_be_unheard(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr("beantop.app.dialogs.dialog.INPUT_GUARD_SECONDS", math.inf)
    dialogs: dict[str, Dialog[Any]] = {
        "y": ConfirmDialog(Confirm("Kick?", [], "Kick it")),
        "enter": a_number(),
    }

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.push_screen(dialogs[key], answers.append)
        await until_shown(pilot, "Kick?")
        await pilot.press(key)
        await until_shown(pilot, f"{key} was ignored: it was pressed too early.")
        assert answers == []

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


def test_a_key_that_is_held_down_does_not_confirm() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        pilot.app.push_screen(dialog)
        await until_shown(pilot, "Kick?")
        await until(pilot, lambda: dialog.accepts_from < math.inf)
        key, guard = events.Key("y", "y"), dialogs.INPUT_GUARD_SECONDS
        key.time = dialog.accepts_from - 0.5 * guard
        for _ in range(100):
            assert not dialog.confirms(key)
            key.time += 0.9 * guard
        key.time += 0.2 * guard
        assert dialog.confirms(key)

    dialog = ConfirmDialog(Confirm("Kick?", [], "Kick it"))
    on_still(stills.app(stills.watched()), story)


@pytest.mark.parametrize("kind", ["confirm", "number"])
@pytest.mark.parametrize("is_held", [False, True])
def test_an_offer_is_never_too_early_since_it_leads_to_another_question(
    monkeypatch: pytest.MonkeyPatch, kind: str, is_held: bool
) -> None:
    monkeypatch.setattr("beantop.app.dialogs.dialog.INPUT_GUARD_SECONDS", math.inf)
    dialog: Dialog[Any] = (
        ConfirmDialog(Confirm("Kick?", [], "Kick it"), CAREFULLY)
        if kind == "confirm"
        else a_number(offer=CAREFULLY)
    )

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        if is_held:
            dialog.take_early_keys = lambda: [events.Key("c", "c")]
        pilot.app.push_screen(dialog, answers.append)
        if not is_held:
            await until_shown(pilot, "Kick")
            await pilot.press("c")
        await until(pilot, lambda: answers == [CAREFULLY])

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


CAREFULLY = Offer("c", "Carefully: 10 first")


@pytest.mark.long
def test_the_key_of_an_offer_takes_it_while_nothing_is_typed() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(a_number(offer=CAREFULLY), answers.append)
        await answer(pilot, "Kick?", "5", "c")
        await until_shown(pilot, "Press enter to use 5.", "c Carefully: 10 first")
        await pilot.press("backspace", "escape")
        pilot.app.push_screen(a_number(offer=CAREFULLY), answers.append)
        await answer(pilot, "Kick?", "c")
        assert answers == [None, CAREFULLY]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
@pytest.mark.parametrize(("key", "said"), [("c", CAREFULLY), ("y", True), ("enter", False)])
def test_a_yes_or_no_may_have_an_offer_too(key: str, said: object) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(
            ConfirmDialog(Confirm("Kick?", [], "Kick 24"), CAREFULLY), answers.append
        )
        await answer(pilot, "y Kick 24 · c Carefully: 10 first · n Cancel", key)
        assert answers == [said]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


def _style_of(dialog: Dialog[Any], label: str) -> str:
    """The style of a button as it was drawn last."""
    return next(style for line in dialog._below() for text, style in line if text == label)


@pytest.mark.long
def test_what_is_no_number_stays_in_the_question() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?", *"1x", "enter")
        await until_shown(pilot, "Type how many: 1 to 24.")
        await pilot.press("y")
        assert isinstance(pilot.app.screen, AskNumberDialog)
        assert answers == []

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_keys_that_come_in_one_piece_keep_their_order() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(a_number(), answers.append)
        await answer(pilot, "Kick?")
        for key in ("5", "backspace", "6"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: pilot.app.screen.query_one(Input).value)
        await settled(pilot)
        await pilot.press("enter")
        assert answers == [6]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_tab_takes_the_first_match_that_is_shown_behind_the_cursor() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        question = AskText(
            "Where to?",
            [],
            "name",
            yes="move",
            complete=lambda text: f"{text}-queue" if text else "",
        )
        pilot.app.push_screen(AskTextDialog(question), answers.append)
        await answer(pilot, "Where to?", "tab", *"it")
        await until_shown(pilot, " it-queue ")
        for key in ("tab", "x", "enter"):  # in one piece
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: answers)
        assert answers == ["it-queuex"]

    answers: list[str | None] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_enter_takes_what_was_typed_and_not_the_match() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        question = AskText("Where to?", [], "name", yes="move", complete=lambda text: "itself")
        pilot.app.push_screen(AskTextDialog(question), answers.append)
        await answer(pilot, "Where to?", *"it")
        await until_shown(pilot, " itself ")
        await pilot.press("enter")
        assert answers == ["it"]

    answers: list[str | None] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
def test_y_is_a_letter_of_a_text() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        ask = AskTextDialog(AskText("Where to?", [], "name of the tube", yes="move there"))
        pilot.app.push_screen(ask, answers.append)
        await answer(pilot, "Where to?", *"yyyy")
        assert pilot.app.screen.query_one(Input).value == "yyyy"
        await pilot.press("enter")
        assert answers == ["yyyy"]

    answers: list[str | None] = []
    on_still(stills.app(stills.watched()), story)


@pytest.mark.long
@pytest.mark.parametrize("key", ["down", "pagedown"])
def test_what_has_no_room_in_a_question_is_scrolled_to(key: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        question = Confirm("Delete?", LINES, "Delete it")
        pilot.app.push_screen(ConfirmDialog(question), answers.append)
        await until_shown(pilot, "line 0", "Delete it")
        for _ in LINES:
            await pilot.press(key)
        await until_shown(pilot, "line 11", "Delete it")
        await pilot.press("up", "pageup", *["up"] * len(LINES))
        await until_shown(pilot, "line 0")
        assert answers == []
        await answer(pilot, "Delete?", "y")
        assert answers == [True]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story, size=(60, 10))


@pytest.mark.long
def test_y_scrolls_until_all_of_a_question_was_on_the_screen() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        question = Confirm("Delete?", LINES, "Delete it")
        pilot.app.push_screen(ConfirmDialog(question), answers.append)
        await until_shown(pilot, "line 4", "↓ 7 more lines")
        await asyncio.sleep(INPUT_GUARD_SECONDS)
        await pilot.press("y")
        await until_shown(pilot, "line 10", "↓ 1 more line ")
        await pilot.press("y")
        assert "more line" not in await until_shown(pilot, "line 11")
        assert answers == []
        await answer(pilot, "Delete?", "y")
        assert answers == [True]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story, size=(60, 10))


@pytest.mark.long
def test_a_number_is_taken_only_when_all_of_its_question_was_on_the_screen() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        pilot.app.push_screen(a_number(LINES), answers.append)
        await until_shown(pilot, "line 2", "more lines")
        await asyncio.sleep(INPUT_GUARD_SECONDS)
        await pilot.press("5", "enter", "enter")
        await until_shown(pilot, "line 8")
        assert answers == []
        await pilot.press("down", "down", "down", "down", "down")
        await answer(pilot, "line 11", "enter")
        assert answers == [5]

    answers: list[object] = []
    on_still(stills.app(stills.watched()), story, size=(60, 10))


@pytest.mark.long
def test_keys_that_scroll_choose_no_state() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "webhooks-retry")
        ask = StateDialog(PickState("Delete which?", LINES, {"ready": 5}))
        pilot.app.push_screen(ask, answers.append)
        await answer(pilot, "Delete which?", *["down"] * (len(LINES) + 3))
        await until_shown(pilot, "r  ready")
        assert answers == []
        await pilot.press("r")
        assert answers == ["ready"]

    answers: list[State | None] = []
    on_still(stills.app(stills.watched()), story, size=(60, 10))


def a_number(lines: Sequence[Line] = (), offer: Offer | None = None) -> AskNumberDialog:
    question = AskNumber(
        "Kick?",
        lines,
        read=read_count,
        most=24,
        hint="type how many: 1 to 24",
        usual=24,
        usually="24 jobs",
        word="all",
        too_many="There are only 24.",
    )
    return AskNumberDialog(question, offer)
