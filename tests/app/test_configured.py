"""The program as somebody configured it: alerts, keys, signs, and what it remembers."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.scrollbar import ScrollBar

from beantop.app.app import BeantopApp
from beantop.app.run import start_app
from beantop.app.session.options import Options
from beantop.app.widgets.styled import AsciiScrollBar
from beantop.config import ConfigError, Settings, parse_settings
from beantop.monitor.poller import ServerStatus
from beantop.preferences import Preferences, PreferencesFile
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import text_of, until, until_shown

BURIED = """
[[alert]]
tubes = "email-*"
when = "buried > 0"
"""


def _app(
    text: str, first: ServerStatus | None = None, kept: PreferencesFile | None = None
) -> BeantopApp:
    watcher = stills.Still(first or stills.watched())
    return start_app([watcher], Options(parse_settings(text, "c.toml"), kept=kept))


def test_an_alert_is_a_sign_a_toast_a_line_of_the_list_and_of_the_log() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "1 ALERT", "ALERT email-transactional", "(buried 17)")
        await pilot.press("x")
        await until_shown(pilot, "What is wrong now", "since", "alert buried > 0")
        await pilot.press("escape")
        await pilot.app.run_action("log")
        await until_shown(pilot, "Log", "ALERT email-transactional on prod-queue-1:11300")

    on_still(_app(BURIED), story)


def _mended(seconds: int) -> ServerStatus:
    """The server that many seconds later, without buried jobs."""
    calm = stills.watched()
    at, tubes = stills.NOW + seconds, {**calm.snapshot.tubes}
    mended = tubes["email-transactional"]
    tubes[mended.name] = mended._replace(buried=0, taken_at=at)
    snapshot = calm.snapshot._replace(tubes=tubes, taken_at=at)
    return replace(calm, snapshot=snapshot, polls=calm.polls + seconds)


@pytest.mark.long
def test_an_alert_that_ends_is_told() -> None:
    still = stills.Still(stills.watched())

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "1 ALERT")
        for seconds in range(2, 32, 2):
            still.tell(_mended(seconds))
        await until_shown(pilot, "Resolved after ")
        assert "1 ALERT " not in text_of(pilot.app.screen)
        await pilot.press("x")
        await until_shown(pilot, "What is wrong now", "Resolved in this session")
        assert "alert buried" not in text_of(pilot.app.screen)

    on_still(start_app([still], Options(parse_settings(BURIED, "c.toml"))), story)


def test_without_alerts_the_list_says_how_to_set_one() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("x")
        await until_shown(pilot, "No alerts are set: page 3 of the help (?) shows how.")

    on_still(_app(""), story)


@pytest.mark.long
def test_keys_are_as_one_likes_in_the_footer_and_in_the_help() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "f9 Kick")
        await pilot.press("f9")
        await until_shown(pilot, "Kick all 17")
        await pilot.press("escape", "question_mark")
        await until_shown(pilot, "f9 ", "Make buried or delayed jobs ready")

    on_still(_app('[keys]\nkick = "f9"'), story)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ('kik = "x"', "there is no action kik, did you mean kick?"),
        ('kick = "f99"', "kick: there is no key 'f99'"),
        ('kick = "K,"', "kick: there is no key ''"),
        ('kick = "f"', "f would be bound to freeze and kick"),
        ('kick = "u"\ndelete = "u"', "u would be bound to delete and kick"),
    ],
)
def test_keys_that_cannot_be_are_a_sentence(keys: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        _app(f"[keys]\n{keys}")
    assert sentence in str(mistake.value)


@pytest.mark.parametrize("wrong", ['[keys]\nkik = "x"', 'bell = true\ncolumns = ["redy"]'])
def test_what_only_the_screens_know_to_be_wrong_is_told_with_its_line(wrong: str) -> None:
    with pytest.raises(ConfigError, match=", line 2: there is no"):
        _app(wrong)


def test_keys_may_change_places() -> None:
    _app('[keys]\nkick = "D"\ndelete = "K"')


@pytest.mark.long
def test_only_ascii_signs_where_only_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScrollBar, "renderer", AsciiScrollBar)  # as the start of the program does

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional", "o prod-queue-1", "worst first")
        assert text_of(pilot.app.screen).isascii()
        await pilot.press("question_mark")
        await until_shown(pilot, "Half a page down")
        assert text_of(pilot.app.screen).isascii()

    app = BeantopApp(
        [stills.Still(stills.watched())],
        Options(Settings(ascii=True)),
        now=lambda: stills.NOW,
        wall=lambda: stills.WALL,
    )
    on_still(app, story)


def test_the_interval_and_the_theme_are_remembered(tmp_path: Path) -> None:
    kept = PreferencesFile(tmp_path / "state.json")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        assert not kept.path.exists()
        await pilot.press("plus")
        pilot.app.theme = "beantop-light"
        await until(pilot, lambda: kept.load() == Preferences(theme="beantop-light", interval=2.0))

    on_still(_app("", kept=kept), story)


@pytest.mark.long
def test_a_state_that_cannot_be_kept_is_told_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "email-transactional")
        await pilot.press("plus")
        await until_shown(pilot, "Preferences not saved")

    on_still(_app("", kept=PreferencesFile(tmp_path / "file" / "state.json")), story)
