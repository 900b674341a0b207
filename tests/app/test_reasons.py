"""What is wrong with a tube: whole sentences, in as many words as fit."""

from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from beantop.app.session.alarms import Alarms
from beantop.app.session.problems import ALERT, Problems, current_problems
from beantop.app.session.server_view import ServerView
from beantop.app.view.cells import SIGN_STYLES
from beantop.app.view.lines import in_lines, plain, width_of, wrapped
from beantop.app.view.markdown import section
from beantop.app.view.reasons import BETWEEN, reason_cell, reason_words, reasons_of
from beantop.app.view.tubes_words import status_place
from beantop.config import ServerConfig
from beantop.monitor.alerts import AlertRule
from beantop.monitor.conditions import KINDS, Condition
from beantop.monitor.history import History
from beantop.monitor.poller import LINK_SIGNS, Link, ServerStatus
from beantop.monitor.rules import parse_rule
from beantop.monitor.snapshot import Tube
from tests.app import stills
from tests.app.fleet import fleet
from tests.app.running import on_still
from tests.app.screen_text import text_of, until, until_shown

WORDS = st.lists(st.sampled_from(["no", "worker", "for", "17m,", "4,400", "ready"]), min_size=1)


def test_every_sign_has_a_style_and_a_meaning_in_the_help() -> None:
    signs = {*KINDS, ALERT, *LINK_SIGNS.values()}
    assert signs == SIGN_STYLES.keys()
    help = files("beantop").joinpath("docs", "keys.md").read_text("utf-8")
    assert all(f"`{sign}`" in section(help, "Signs") for sign in signs - {ALERT})


@st.composite
def conditions(draw: st.DrawFn) -> list[Condition]:
    full = [" ".join(words) for words in draw(st.lists(WORDS, min_size=1, max_size=3))]
    return [Condition("W", text, text.split()[0]) for text in full]


@given(conditions(), st.integers(8, 120))
def test_a_cell_has_whole_reasons_and_says_if_there_are_more(
    found: list[Condition], width: int
) -> None:
    cell = reason_cell(reasons_of(found), width)
    assert width_of([(cell, "")]) <= width
    whole = cell.removesuffix(" …").split(BETWEEN)
    if "…" in cell and len(whole) == 1:
        assert found[0].sentence.startswith(whole[0].removesuffix("…"))
        return
    assert all(
        text in (condition.sentence, condition.short)
        for text, condition in zip(whole, found, strict=False)
    )
    assert cell.endswith(" …") == (len(whole) < len(found))


@given(conditions(), st.integers(20, 120))
def test_the_status_is_cut_only_if_the_short_words_need_more_than_two_lines(
    found: list[Condition], width: int
) -> None:
    line = reason_words([(" ", "")], reasons_of(found), width)
    shown = [plain(part) for part in in_lines(line, width, 2)]
    assert len(shown) <= 2
    assert all(width_of([(part, "")]) <= width for part in shown)
    shortest = [
        (" " + BETWEEN.join(f"{one.code} {one.short}" for one in found), ""),
    ]
    if len(wrapped(shortest, width)) <= 2:
        assert "…" not in "".join(shown)


def test_the_name_under_the_cursor_is_repeated_only_where_the_row_cuts_it() -> None:
    assert plain(status_place("emails", 20, "3/17 ")) == " 3/17 "
    long = "video-transcode-with-a-long-name-eu-west"
    assert plain(status_place(long, 20, "")) == f" {long}  "


def _above_footer(pilot: Pilot[None]) -> str:
    return text_of(pilot.app.screen).splitlines()[-2]


def test_two_lines_are_taken_where_one_is_too_short_and_one_in_a_low_window() -> None:
    async def story(pilot: Pilot[None]) -> None:
        text = await until_shown(pilot, "8,214 ready, +1,546/min", "180/s out", "! 17 buried")
        assert text.count("email-transactional") == 1
        *_, first, second, footer = text.splitlines()
        assert first.startswith(" ^ 8,214 ready")
        assert second.strip()
        assert "? Help" in footer
        await pilot.resize_terminal(60, 12)
        await until(
            pilot, lambda: "^ 8,214 ready, +1,546/min · ! 17 buried" in _above_footer(pilot)
        )

    on_still(stills.app(stills.watched()), story, size=(70, 24))


def _view(watched: ServerStatus, number: int) -> ServerView:
    known = ServerConfig(watched.address, f"queue-{number}")
    return ServerView(watched, stills.NOW, stills.WALL, 1.0, known, number=number)


def test_all_servers_are_listed_alerts_first_then_servers_then_the_worst_tubes() -> None:
    one = stills.watched()
    away = replace(stills.disconnected(), address=("away", 11300))
    rule = AlertRule(parse_rule("buried > 0"), "email-*")
    alarms = Alarms([rule])
    alarms.evaluate(one)
    listed, total, *unknown = current_problems([_view(one, 1), _view(away, 2)], alarms, 100)
    assert (total, unknown) == (len(listed), [0, 0])
    assert [(one.number, one.code, one.tube) for one in listed] == [
        (1, "A", "email-transactional"),
        (2, "×", ""),
        (1, "T", ""),
        (1, "^", "email-transactional"),
        (1, "P", "webhooks-retry"),
        (1, "W", "billing-charge"),
        (1, "!", "email-transactional"),
    ]
    assert listed[1].sentence == "no connection: connection reset by peer"
    assert current_problems([_view(one, 1)], alarms, 2).total == 6


@pytest.mark.long
@pytest.mark.parametrize("keys", [[], ["enter"]], ids=["servers", "a server"])
def test_enter_goes_to_the_server_and_the_tube(keys: list[str]) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "all 3 servers")
        await pilot.press(*keys)
        await pilot.press("x")
        await until_shown(pilot, "What is wrong now", "no connection", "webhooks-retry")
        await pilot.press("G")
        await until_shown(pilot, "2 prod-queue-2")
        await pilot.press("enter")
        await until_shown(pilot, "prod-queue-2 › email-transactional")

    on_still(fleet(), story)


@pytest.mark.long
def test_where_all_is_well_the_list_says_so_and_how_to_set_an_alert() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "13 tubes")
        await pilot.press("x")
        await until_shown(pilot, "Nothing is wrong: no tube has a sign", "[[alert]]")
        await pilot.press("x")
        await until_shown(pilot, "13 tubes")

    calm = replace(stills.watched(), history=type(stills.watched().history)())
    on_still(stills.app(calm), story)


def _not_polled_yet(watched: ServerStatus) -> ServerStatus:
    """A calm server that listed its tubes; two of them were not polled yet."""
    tubes = dict(watched.snapshot.tubes)
    for name in ("default", "webhooks"):
        tubes[name] = Tube(name, stills.NOW)
    snapshot = watched.snapshot._replace(tubes=tubes)
    return replace(watched, snapshot=snapshot, history=History())


def test_what_is_not_known_yet_is_counted_and_not_called_well() -> None:
    partly = _not_polled_yet(stills.watched())
    connecting = ServerStatus(("far", 11300), Link("connecting", stills.NOW))
    views = [_view(partly, 1), _view(connecting, 2)]
    assert current_problems(views, Alarms([]), 100) == Problems([], 0, 1, 2)
    away = current_problems([_view(stills.nobody(), 1)], Alarms([]), 100)
    assert (away.total, away.unknown_servers) == (1, 0), "it is listed as without a connection"


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (_not_polled_yet(stills.watched()), "No data yet for 2 tubes."),
        (
            ServerStatus(stills.ADDRESS, Link("connecting", stills.NOW)),
            "No data yet from 1 server.",
        ),
    ],
    ids=["tubes", "server"],
)
def test_without_data_nothing_is_called_well(server: ServerStatus, said: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("x")
        text = await until_shown(pilot, "What is wrong now", said)
        assert "Nothing is known to be wrong." in text
        assert "Nothing is wrong" not in text

    on_still(stills.app(server), story)
