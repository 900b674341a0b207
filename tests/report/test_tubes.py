"""The rows of `beantop tubes` and `beantop server`: made up, and of a real server."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import Stats, format_address
from beantop.cli import main
from beantop.config import ServerConfig
from beantop.formatting import cells_of
from beantop.monitor import snapshot as module
from beantop.monitor.snapshot import Server, Snapshot, Tube
from beantop.report import server as server_report
from beantop.report.polls import poll_once
from beantop.report.rows import Field, as_csv, as_json_lines, as_table, fitting
from beantop.report.tubes import FIELDS, tube_rows
from tests.beanstalkd import Beanstalkd
from tests.monitor.peer import body, peer, server_of

QUEUE = ServerConfig(("queue-1", 11300))

TUBE_KEYS = [
    "server",
    "tube",
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
    "paused",
    "pause",
    "pause_time_left",
]


def snapshot(*tubes: Tube, server: Server | None = None) -> Snapshot:
    return Snapshot(1.0, 1.5e9, server or Server(), {tube.name: tube for tube in tubes})


def json_of(*tubes: Tube) -> list[dict[str, object]]:
    lines = as_json_lines(FIELDS, tube_rows(QUEUE, snapshot(*tubes)))
    assert all(line.isascii() for line in lines)
    return [json.loads(line) for line in lines]


def server_json(snapshot: Snapshot) -> dict[str, object]:
    rows = server_report.server_rows(QUEUE, snapshot)
    [line] = as_json_lines(server_report.FIELDS, rows)
    found: dict[str, object] = json.loads(line)
    return found


EMAILS = Tube("emails", 1.0, 0, 12408, 3, 0, 1, 9, 9, 1, 2, 1, 60, 42)


def test_the_table_is_aligned_and_in_the_order_of_names() -> None:
    rows = tube_rows(QUEUE, snapshot(EMAILS, Tube("default", 1.0, 0, 0)))
    assert as_table(FIELDS[1:], rows) == [
        "TUBE      READY  URGENT  RESERVED  DELAYED  BURIED  USING  WATCHING  WAITING  PAUSED",
        "default       0       0         –        –       –      –         –        –       –",
        "emails   12,408       0         3        0       1      1         2        1     42s",
    ]


def test_csv_has_the_keys_of_the_json_and_plain_numbers() -> None:
    rows = tube_rows(QUEUE, snapshot(EMAILS, Tube("a,b", 1.0, ready=0)))
    assert as_csv(FIELDS, rows) == [
        ",".join(TUBE_KEYS),
        'queue-1:11300,"a,b",0,,,,,,,,,,,,',
        "queue-1:11300,emails,12408,0,3,0,1,9,9,1,2,1,true,60,42",
    ]


def test_a_server_without_tubes_has_a_table_without_rows() -> None:
    assert len(as_table(FIELDS, [])) == 1


@given(st.lists(st.text(min_size=1), unique=True), st.text())
def test_no_name_can_do_anything_to_the_terminal(names: list[str], version: str) -> None:
    seen = snapshot(*[Tube(name, 1.0) for name in names], server=Server(1.0, {"version": version}))
    table = as_table(FIELDS, tube_rows(QUEUE, seen))
    about = server_report.as_columns(server_report.server_rows(QUEUE, seen))
    assert len(table) == 1 + len(names)
    assert all(line.isprintable() for line in [*table, *about])


def test_the_names_in_the_json_are_a_promise_to_scripts() -> None:
    [row] = json_of(Tube("a", 1.0))
    assert list(row) == TUBE_KEYS
    assert row == dict.fromkeys(TUBE_KEYS) | {"server": "queue-1:11300", "tube": "a"}


def test_what_is_unknown_of_a_server_is_null() -> None:
    printed = server_json(snapshot())
    known = {key: value for key, value in printed.items() if value is not None}
    assert known == {
        "server": "queue-1:11300",
        "address": "queue-1:11300",
        "taken_at": "2017-07-14T02:40:00.000+00:00",
    }
    assert len(printed) == 3 + len(Stats.__annotations__)


def test_a_narrow_table_leaves_out_what_can_be_spared() -> None:
    fields, rows = FIELDS[1:], tube_rows(QUEUE, snapshot(EMAILS))
    whole = as_table(fields, rows)
    assert fitting(fields, rows, len(whole[0]), ["using"]) == fitting(fields, rows, None, ["using"])
    narrower = fitting(fields, rows, len(whole[0]) - 1, ["waiting", "using"])
    assert as_table(narrower, rows)[0] == whole[0].replace("  WAITING", "")
    narrowest = fitting(fields, rows, 1, ["waiting", "using"])
    assert as_table(narrowest, rows)[0] == whole[0].replace("  WAITING", "").replace("  USING", "")


@pytest.mark.parametrize("text", ["接続エラー: データベースへの接続に失敗しました。", "x" * 60])
def test_a_text_that_may_be_cut_fits_in_cells(text: str) -> None:
    fields = [
        Field[str]("text", lambda row: row, "TEXT", is_text=True, is_cut=True),
        Field[str]("size", len, "SIZE"),
    ]
    for width in range(18, 40):
        lines = as_table(fitting(fields, [text, "a"], width, ()), [text, "a"])
        assert max(map(cells_of, lines)) <= width
        assert len({cells_of(line) for line in lines}) == 1


@given(st.lists(st.text(), unique=True), st.text())
def test_any_name_is_json_in_ascii(names: list[str], version: str) -> None:
    assert [row["tube"] for row in json_of(*[Tube(name, 1.0) for name in names])] == sorted(names)
    assert server_json(snapshot(server=Server(1.0, {"version": version})))["version"] == version


def test_each_number_stands_under_its_own_name(own_server: Beanstalkd) -> None:
    with own_server.client() as client:
        for number in range(15):
            client.put("", priority=0 if number < 9 else 5000, delay=0 if number < 12 else 100)
        for _ in range(4):
            client.bury(client.reserve(), priority=0)
        client.reserve()
        client.delete(client.reserve())
        client.pause_tube("default", 1000)
        taken = poll_once(own_server.address)
        stats = dict(client.stats())
    [tube] = json_of(*taken.tubes.values())
    server = server_json(taken)
    assert tube.pop("pause_time_left") in (999, 1000)
    assert tube == {
        "server": "queue-1:11300",
        "tube": "default",
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
        "paused": True,
        "pause": 1000,
    }
    for key in ("ready", "urgent", "reserved", "delayed", "buried", "total_jobs"):
        assert server[key] == tube[key]
    assert (server["delete_commands"], server["draining"]) == (1, False)
    assert (server["connections"], server["waiting"], server["timeouts"]) == (1, 0, 0)
    assert (server["producers"], server["workers"], server["cmd_put"]) == (1, 1, 15)
    for key in ("id", "hostname", "pid", "max-job-size", "binlog-max-size"):
        assert server[server_report.key_of(key)] == stats[key]


def test_of_very_many_tubes_it_is_told_that_only_the_first_were_looked_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "MAX_TUBES", 2)
    with peer(
        server_of({f"tube-{number}": f"name: tube-{number}\n" for number in range(7)})
    ) as many:
        address = format_address(many.address)
        assert main(["tubes", address]) == 0
    printed = capsys.readouterr()
    assert printed.err == f"beantop: {address}: only the first 2 tubes of 7 were read\n"
    assert printed.out.count("\n") == 3


def test_of_two_servers_one_may_be_dead(
    server: Beanstalkd, capsys: pytest.CaptureFixture[str]
) -> None:
    address = format_address(server.address)
    assert main(["tubes", address, "127.0.0.1:1"]) == 4
    printed = capsys.readouterr()
    assert printed.err == "beantop: cannot poll 127.0.0.1:1: connection refused\n"
    assert printed.out.startswith("SERVER ")
    assert address in printed.out


@pytest.mark.parametrize("said", ["[a]", "---\na\n", "---\n"])
def test_a_list_of_tubes_that_is_none_is_no_empty_server(
    said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with peer(lambda line: body(said if line == "list-tubes" else "---\nuptime: 9\n")) as odd:
        assert main(["tubes", format_address(odd.address)]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "it answers, but not like beanstalkd: the server answered with" in printed.err
