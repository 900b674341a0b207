"""One printed poll: made up, and of a real server."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.arguments import parse
from beantop.beanstalk import format_address
from beantop.command import run
from beantop.monitor import snapshot as module
from beantop.monitor.snapshot import Server, Snapshot, Tube
from beantop.report.once import as_json, as_table, poll_once
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import peer, server_of

ADDRESS = ("queue-1", 11300)

SERVER_KEYS = [
    "address",
    "taken_at",
    "version",
    "uptime",
    "draining",
    "ready",
    "reserved",
    "delayed",
    "buried",
    "total_jobs",
    "delete_commands",
    "timeouts",
    "connections",
    "waiting",
]
TUBE_KEYS = [
    "ready",
    "urgent",
    "reserved",
    "delayed",
    "buried",
    "total_jobs",
    "deletes",
    "using",
    "watching",
    "waiting",
    "pause",
    "pause_time_left",
]


def snapshot(*tubes: Tube, server: Server | None = None) -> Snapshot:
    return Snapshot(1.0, 1.5e9, server or Server(), {tube.name: tube for tube in tubes})


def test_the_table_is_aligned_and_in_the_order_of_names() -> None:
    stats = Server(1.0, {"version": "1.13", "uptime": 3725, "current-connections": 1200})
    emails = Tube("emails", 1.0, 0, 12408, 3, 0, 1, 9, 9, 1, 2, 1, 60, 42)
    table = as_table(ADDRESS, snapshot(emails, Tube("default", 1.0, 0, 0), server=stats))
    assert table.splitlines() == [
        "queue-1:11300  beanstalkd 1.13  up 1h 2m  1,200 connections",
        "TUBE      READY  URGENT  RESERVED  DELAYED  BURIED  USING  WATCHING  WAITING  PAUSED",
        "default       0       0         –        –       –      –         –        –       –",
        "emails   12,408       0         3        0       1      1         2        1     42s",
    ]


def test_what_is_unknown_is_a_dash_in_the_table() -> None:
    title, _, row = as_table(ADDRESS, snapshot(Tube("a", 1.0))).splitlines()
    assert title == "queue-1:11300  beanstalkd –  up –  – connections"
    assert row.split() == ["a", *"–––––––––"]


def test_a_server_in_drain_mode_stands_out() -> None:
    server = Server(1.0, {"draining": "true"})
    assert as_table(ADDRESS, snapshot(server=server)).splitlines()[0].endswith("  DRAINING")


def test_a_server_without_tubes_has_a_table_without_rows() -> None:
    assert len(as_table(ADDRESS, snapshot()).splitlines()) == 2


@given(st.lists(st.text(min_size=1), unique=True), st.text())
def test_no_name_can_do_anything_to_the_terminal(names: list[str], version: str) -> None:
    server = Server(1.0, {"version": version})
    table = as_table(ADDRESS, snapshot(*[Tube(name, 1.0) for name in names], server=server))
    assert len(table.split("\n")) == 2 + len(names)
    assert table.replace("\n", "").isprintable()


def test_the_names_in_the_json_are_a_promise_to_scripts() -> None:
    printed = json.loads(as_json(ADDRESS, snapshot(Tube("a", 1.0))))
    assert list(printed) == ["server", "tubes"]
    assert list(printed["server"]) == SERVER_KEYS
    assert list(printed["tubes"]["a"]) == TUBE_KEYS


def test_what_is_unknown_is_null_in_the_json() -> None:
    printed = json.loads(as_json(ADDRESS, snapshot(Tube("a", 1.0, ready=0))))
    assert printed["tubes"]["a"] == {key: None for key in TUBE_KEYS} | {"ready": 0}
    assert printed["server"] == {key: None for key in SERVER_KEYS} | {
        "address": "queue-1:11300",
        "taken_at": "2017-07-14T02:40:00+00:00",
    }


@given(st.lists(st.text(), unique=True), st.text())
def test_any_name_is_json_in_ascii(names: list[str], version: str) -> None:
    server = Server(1.0, {"version": version})
    printed = as_json(ADDRESS, snapshot(*[Tube(name, 1.0) for name in names], server=server))
    assert printed.isascii()
    assert list(json.loads(printed)["tubes"]) == sorted(names)
    assert json.loads(printed)["server"]["version"] == version


def test_each_number_stands_under_its_own_name(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        for number in range(15):
            client.put("", priority=0 if number < 9 else 5000, delay=0 if number < 12 else 100)
        for _ in range(4):
            client.bury(client.reserve(), priority=0)
        client.reserve()
        client.delete(client.reserve())
        client.pause_tube("default", 1000)
        seen = json.loads(as_json(own_server.address, asyncio.run(poll_once(own_server.address))))
    tube, server = seen["tubes"]["default"], seen["server"]
    assert tube.pop("pause_time_left") in (999, 1000)
    assert tube == {
        "ready": 6,
        "urgent": 3,
        "reserved": 1,
        "delayed": 3,
        "buried": 4,
        "total_jobs": 15,
        "deletes": 1,
        "using": 1,
        "watching": 1,
        "waiting": 0,
        "pause": 1000,
    }
    for key in ("ready", "reserved", "delayed", "buried", "total_jobs"):
        assert server[key] == tube[key]
    assert (server["delete_commands"], server["draining"]) == (1, False)
    assert (server["connections"], server["waiting"], server["timeouts"]) == (1, 0, 0)


def test_of_very_many_tubes_it_is_told_that_only_the_first_were_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "MAX_TUBES", 2)
    with peer(server_of({f"tube-{number}": "name: a\n" for number in range(7)})) as many:
        options = parse(["--once", format_address(many.address)])
        assert run(options) == 0
    printed = capsys.readouterr()
    assert printed.err == "beantop: only the first 2 tubes of 7 were read\n"
    assert printed.out.count("\n") == 4
