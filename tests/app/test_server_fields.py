"""Every field of `stats` has a place and a name; what is not known is not made up."""

from dataclasses import replace
from typing import get_type_hints

import pytest

from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import plain, width_of
from beantop.app.view.server_fields import Group, in_columns, server_groups
from beantop.beanstalk import Stats
from beantop.config import ServerConfig
from beantop.monitor.history import History
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.snapshot import Server
from tests.monitor.looks import look

KEYS = get_type_hints(Stats)
FULL: Stats = {key: 7 if kind is int else "7.5" for key, kind in KEYS.items()}  # type: ignore[assignment]  # keys are those of Stats


def _facts(*servers: Server) -> ServerView:
    history = History()
    for server in servers:
        history.add(look(server.taken_at, of=server), 1.0)
    link = Link("up", 0.0)
    watched = ServerStatus(
        ("a", 11300), link, history.latest, history, polls=len(servers), pace=1.0
    )
    return ServerView(watched, servers[-1].taken_at, 0.0, 1.0, ServerConfig(watched.address))


def _words(groups: list[Group]) -> dict[str, tuple[str, str]]:
    return {field.label: (field.value, field.rate) for _, fields in groups for field in fields}


def test_all_fields_of_beanstalkd_have_names() -> None:
    titles = [title for title, _ in server_groups(_facts(Server(5.0, FULL, own=1)))]
    assert "Other fields" not in titles


def test_no_two_fields_have_the_same_name() -> None:
    groups = server_groups(_facts(Server(5.0, FULL, own=1)))
    labels = [(title, field.label) for title, fields in groups for field in fields]
    assert len(labels) == len(set(labels))


def test_fields_of_other_servers_stand_under_their_own_names() -> None:
    strange: Stats = {"jobs\x1b[31m": "a\x07b"}  # type: ignore[typeddict-unknown-key]  # as a server sent it
    words = _words(server_groups(_facts(Server(5.0, {**FULL, **strange}, own=1))))
    assert words["jobs␛[31m"] == ("a␇b", "")


def test_what_was_not_said_is_unknown() -> None:
    words = _words(server_groups(_facts(Server(5.0, {"id": "a"}))))
    known = {"interval", "last poll", "server time used", "round trip", "connections"}
    unknown = {value for label, value in words.items() if label not in known}
    assert unknown == {("–", "")}


def test_rates_and_cpu_are_of_the_last_seconds() -> None:
    before: Stats = {**FULL, "id": "a", "cmd-put": 100, "rusage-utime": "1.0"}
    after: Stats = {**FULL, "id": "a", "cmd-put": 150, "rusage-utime": "1.1"}
    words = _words(server_groups(_facts(Server(0.0, before), Server(5.0, after))))
    assert words["put"] == ("150", "10/s")
    assert words["CPU now"] == ("2.0%", "")


def test_across_a_restart_there_are_no_rates() -> None:
    before, after = Server(0.0, {**FULL, "id": "a"}), Server(5.0, {**FULL, "id": "b"})
    words = _words(server_groups(_facts(before, after)))
    assert (words["put"], words["CPU now"]) == (("7", "–/s"), ("–", ""))


def test_old_numbers_have_no_rates() -> None:
    view = _facts(Server(0.0, FULL), Server(5.0, FULL))
    down = replace(view.watched, link=Link("down", 6.0, "refused"))
    words = _words(server_groups(view._replace(watched=down)))
    assert words["put"] == ("7", "–/s")


def test_our_own_connections_are_not_counted() -> None:
    words = _words(server_groups(_facts(Server(5.0, FULL, own=2))))
    assert words["without beantop"] == ("5", "")


@pytest.mark.parametrize(("width", "columns"), [(39, 1), (79, 2), (119, 3), (199, 4)])
def test_groups_stand_side_by_side_where_there_is_room(width: int, columns: int) -> None:
    view = _facts(Server(5.0, {**FULL, "os": "a very long name of a system " * 9}, own=1))
    lines = in_columns(server_groups(view), width)
    assert all(width_of(line) <= width for line in lines)
    text = "\n".join(map(plain, lines))
    assert all(label.strip() in text for label in _words(server_groups(view)))
    titles = sum(title in plain(lines[0]) for title, _ in server_groups(view))
    assert titles == columns
