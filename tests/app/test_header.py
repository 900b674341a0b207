"""The lines above the tables, as text: what they say in each state and width."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.screens.tubes import TubesScreen
from beantop.app.session.server_view import ServerView
from beantop.app.view.header import title_line, tubes_header
from beantop.app.view.lines import Line, plain, width_of
from beantop.config import ServerConfig
from beantop.monitor.poller import ServerStatus
from beantop.monitor.snapshot import Server
from tests.app import stills
from tests.app.running import on_still
from tests.app.screen_text import until_shown


def view(watched: ServerStatus) -> ServerView:
    return ServerView(watched, stills.NOW, stills.WALL, 1.0, ServerConfig(watched.address))


def text(lines: list[Line]) -> str:
    return "\n".join(map(plain, lines))


def test_a_wide_header_says_it_all() -> None:
    lines = tubes_header(view(stills.watched()), 120, 36)
    assert "beantop │ ● prod-queue-1:11300    beanstalkd 1.12  up 41d 3h" in text(lines)
    assert "READY 12,408  RESERVED 38  DELAYED 1,204  BURIED 17 !" in text(lines)
    assert "IN 406/s  OUT 393/s  TIMEOUTS 0.2/s  │ CONNS 84 (31 wait)" in text(lines)
    assert "peak 421/s" in text(lines)


@pytest.mark.parametrize("width", [80, 118, 120, 140, 200])
def test_everything_has_room(width: int) -> None:
    for still in (stills.watched(), stills.disconnected(), stills.nobody()):
        for line in tubes_header(view(still), width, 36):
            assert width_of(line) <= width


def test_stale_numbers_tell_their_age_and_rates_are_unknown() -> None:
    wide, narrow = (
        text(tubes_header(view(stills.disconnected()), width, 24)) for width in (120, 80)
    )
    assert "LAST DATA 14:11:06, 2m14s OLD" in wide
    assert "× Connection reset by peer.  Attempt 7 in 9s.  r = retry now" in wide
    assert "IN –  OUT –" in wide
    assert "STALE 2m14s" in narrow


def test_a_late_poll_is_stale_though_the_link_is_up() -> None:
    fresh = view(stills.watched())._replace(now=stills.NOW + 3)
    late = fresh._replace(now=stills.NOW + 4)
    assert "LAST DATA" not in text(tubes_header(fresh, 120, 36))
    assert "LAST DATA" in text(tubes_header(late, 120, 36))


def test_frozen_and_readonly_are_said() -> None:
    frozen = view(stills.watched())._replace(
        frozen_at=stills.NOW - 42, missed_polls=42, readonly="Read-only."
    )
    header = text(tubes_header(frozen, 120, 36))
    assert "FROZEN 42s  +42 polls" in header
    assert " RO " in header


@pytest.mark.parametrize("width", [40, 80, 100, 120])
@pytest.mark.parametrize("crumbs", [(), ("all jobs",), ("a-tube" * 30,), ("a-tube" * 30, "job 12")])
def test_long_names_give_way_to_what_is_urgent(width: int, crumbs: tuple[str, ...]) -> None:
    still = stills.watched()
    server = Server(stills.NOW, {**still.snapshot.server.stats, "draining": "true"})
    draining = view(replace(still, snapshot=still.snapshot._replace(server=server)))
    frozen = view(still)._replace(frozen_at=stills.NOW - 42, missed_polls=42)
    away = view(stills.disconnected())
    for stands, words in ((draining, "DRAIN"), (frozen, "FROZEN 42s"), (away, "2m14s")):
        named = stands._replace(known=ServerConfig(stills.ADDRESS, "a-server" * 30), alerts=2)
        title = plain(title_line(named, width, *crumbs))
        assert "2 ALERTS" in title
        assert words in title
        assert title.endswith(" RW " if width < 60 else " 14:13:20 ")
        assert width_of([(title, "")]) == width
        assert "job 12" in title or "job 12" not in crumbs


def test_freezing_makes_stale_numbers_no_fresher() -> None:
    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "LAST DATA 14:11:06, 2m14s OLD", "IN –  OUT –")
        await pilot.press("f")
        screen = await until_shown(pilot, "FROZEN 0s  +0 polls  STALE 2m14s", "IN –  OUT –")
        assert "── frozen, f resumes ── stale ──" in screen

    on_still(stills.app(stills.disconnected()), story)


@pytest.mark.long
def test_a_server_that_is_lost_after_it_was_frozen_leaves_the_numbers_as_they_were() -> None:
    still = stills.Still(stills.watched())
    app = BeantopApp([still], now=lambda: stills.NOW, wall=lambda: stills.WALL)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "IN 406/s")
        await pilot.press("f")
        await until_shown(pilot, "FROZEN")
        still.tell(stills.disconnected())
        screen = await until_shown(pilot, "Connection reset by peer", "IN 406/s")
        assert "STALE" not in screen

    on_still(app, story)


@pytest.mark.long
def test_nothing_is_drawn_anew_while_frozen_until_the_link_changes() -> None:
    still = stills.Still(stills.watched())
    app = BeantopApp([still], now=lambda: stills.NOW, wall=lambda: stills.WALL)

    async def story(pilot: Pilot[None]) -> None:
        await until_shown(pilot, "IN 406/s")
        await pilot.press("f")
        await until_shown(pilot, "FROZEN 0s  +0 polls")
        screen = pilot.app.screen
        assert isinstance(screen, TubesScreen)
        frozen = screen.view.watched
        still.tell(stills.later(stills.watched()))
        await until_shown(pilot, "FROZEN 0s  +1 poll")
        assert screen.view.watched is frozen
        still.tell(stills.disconnected())
        await until_shown(pilot, "Connection reset by peer")
        assert screen.view.watched is not frozen

    on_still(app, story)


def test_a_draining_server_is_said() -> None:
    still = stills.watched()
    server = Server(stills.NOW, {**still.snapshot.server.stats, "draining": "true"})
    draining = replace(still, snapshot=still.snapshot._replace(server=server))
    assert "DRAIN" in text(tubes_header(view(draining), 120, 36))


def test_a_server_that_says_nothing_of_itself_has_no_zeros() -> None:
    still = stills.watched()
    silent = replace(still, snapshot=still.snapshot._replace(server=Server(stills.NOW)))
    header = text(tubes_header(view(silent), 120, 36))
    assert "READY –  RESERVED –  DELAYED –  BURIED –" in header
    assert "version –  up –" in header


def test_a_stretched_interval_is_said() -> None:
    slowed = replace(stills.watched(), pace=14.0, stretched=True)
    assert "- 1s (now 14.0s) +" in text(tubes_header(view(slowed), 120, 36))
