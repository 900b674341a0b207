"""The columns of jobs that a user chooses, fields of bodies among them, and the order by these."""

import json
import signal
from pathlib import Path

import pytest
from textual.pilot import Pilot

from beantop.app.app import BeantopApp
from beantop.app.panes.body_order import sort_key
from beantop.app.screens.tube import TubeScreen
from beantop.app.view.column import laid_out
from beantop.app.view.column_names import completed, read_columns, what_is_wrong, written
from beantop.app.view.job_columns import CHOICES, Look, job_columns
from beantop.config.reader import parse_settings
from beantop.config.source import ConfigError
from beantop.jobs.body import kept
from beantop.jobs.job_info import listed
from beantop.jobs.listing import JobRow
from beantop.preferences import MAX_TUBES, Preferences, PreferencesFile
from tests.app.running import on_server, until_toasted
from tests.app.screen_text import settled, text_of, until, until_shown
from tests.app.test_acting_on_jobs import open_all_jobs
from tests.beanstalkd import Beanstalkd
from tests.jobs.test_body_fields import HOSTILE

BODIES = [
    json.dumps({"order_id": 2**53 + 1, "user": "eve"}),
    json.dumps({"order_id": 2**53, "user": "Ada"}),
    "no fields",
    json.dumps({"order_id": "7", "user": "漢字" * 30}),
]


def rows_of(*bodies: bytes) -> list[JobRow]:
    return [
        JobRow(listed(at, {"state": "ready"}, 0.0), kept(body)) for at, body in enumerate(bodies)
    ]


def shown(names: str, rows: list[JobRow], width: int = 100) -> list[list[str]]:
    """The heads of the columns, and the cells of each row."""
    look = Look(chosen=read_columns(names.split())).after(rows)
    columns = [column for column, _ in laid_out(job_columns(width, look), width)]
    cells = [[column.cell(row)[0] for column in columns] for row in rows]
    return [[column.label for column in columns], *cells]


def test_names_are_read_as_they_are_written() -> None:
    keys = read_columns(["state", "order_id", "body.id", "items[0].sku", "priority"])
    assert written(keys) == "id state order_id body.id items.0.sku pri"
    assert read_columns(written(keys).split()) == keys
    assert read_columns(["default"]) == ()


def test_a_field_has_a_column_with_its_exact_values() -> None:
    bodies = [text.encode() for text in BODIES]
    assert shown("id order_id user", rows_of(*bodies[:3])) == [
        ["JOB", "order_id", "user"],
        ["0", "9007199254740993", "eve"],
        ["1", "9007199254740992", "Ada"],
        ["2", "", ""],
    ]


def test_numbers_are_at_the_right_and_texts_take_what_is_left() -> None:
    look = Look(chosen=read_columns(["order_id", "user"]))
    columns = job_columns(100, look.after(rows_of(*(text.encode() for text in BODIES))))
    assert [(column.right, column.width > 0) for column in columns] == [
        (True, True),
        (True, True),
        (False, False),
    ]


def test_what_is_not_known_of_a_body_is_not_blank() -> None:
    unread = JobRow(listed(1, {}, 0.0), None)
    cut = JobRow(listed(2, {}, 0.0), kept(b'{"a": "%b"}' % (b"x" * 70_000)))
    assert [cells[1] for cells in shown("a", [unread, cut])[1:]] == ["–", "–"]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_hostile_bodies_have_columns_like_others(width: int) -> None:
    rows = rows_of(*HOSTILE, b'{"a": "\x1b[2J\\n\\u202e"}')
    for cells in shown(f"a a.a {' '.join(CHOICES)}", rows, width)[1:]:
        assert all(cell.isprintable() for cell in cells)


def test_a_misspelled_column_is_told_unless_bodies_have_such_a_field() -> None:
    assert "did you mean reserves?" in what_is_wrong("id reservs", ["order_id"])
    assert "did you mean order_id?" in what_is_wrong("id ordr_id", ["order_id"])
    assert not what_is_wrong("id reservs", ["reservs"])
    assert not what_is_wrong("id body.reservs order_id", [])


def test_names_are_completed_from_columns_and_fields() -> None:
    assert completed("id or", ["order_id"]) == "id order_id"
    assert completed("id re", ["order_id"]) == "id reserves"
    assert completed("id order_id", ["order_id"]) == ""


def test_values_are_sorted_as_numbers_then_as_texts() -> None:
    bodies = [b'{"n": "10"}', b'{"n": 9}', b'{"n": "b"}', b'{"n": "A"}', b'{"n": 1e3}']
    keys = {body: sort_key("body.n", body) for body in bodies}
    in_order = sorted(bodies, key=keys.__getitem__)  # type: ignore[arg-type]
    assert in_order == [bodies[at] for at in (1, 0, 4, 3, 2)]
    assert sort_key("body.n", b"{}") is False
    assert sort_key("body.n", b'{"n": "%b"}' % (b"x" * 2**20)) is None


def test_columns_of_the_last_tubes_are_remembered(tmp_path: Path) -> None:
    kept = Preferences()
    for number in range(MAX_TUBES + 1):
        kept = Preferences(job_columns=kept.with_job_columns(f"tube-{number}", ("id", "age")))
    assert len(kept.job_columns) == MAX_TUBES
    assert "tube-0" not in kept.job_columns
    file = PreferencesFile(tmp_path / "state.json")
    file.save(kept)
    assert file.load() == kept
    assert "tube-9" not in kept.with_job_columns("tube-9", ())
    file.path.write_text('{"job_columns": {"a": ["id", 1], "b": 2}, "sort": "name"}')
    assert file.load() == Preferences(sort="name", job_columns={"a": ("id",)})


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('"a,b" = ["id"]', "line 2: a,b matches no tube: the name of a tube has no ','"),
        ('"a*" = "id"', 'must be a list such as ["id", "age", "order_id"], not \'id\''),
        ('"a*" = ["id age"]', "must be a list such as"),
    ],
)
def test_a_mistake_in_configured_columns_is_told(line: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as mistake:
        parse_settings(f"[job_columns]\n{line}", "c.toml")
    assert sentence in str(mistake.value)


def ids(pilot: Pilot[None]) -> list[int]:
    screen = pilot.app.screen
    assert isinstance(screen, TubeScreen)
    return [row.job.id for row in screen.pane.table.rows]


@pytest.mark.long
def test_columns_are_chosen_remembered_and_sorted_by(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, BeantopApp)
        await open_all_jobs(pilot, tube, len(BODIES))
        await pilot.press("c")
        await until_shown(pilot, "Any other name is a field of the bodies", "order_id user")
        await pilot.press("ctrl+u", *"state ord", "tab", *" usr")
        await pilot.press("enter")
        await until_shown(pilot, "did you mean user?", "body.usr")
        await pilot.press("backspace", *"er", "enter")
        await until_shown(pilot, "JOB STATE", "order_id user", "9007199254740993 eve")
        assert pilot.app.view.state.job_columns == {tube: ("state", "order_id", "user")}
        await pilot.press("s", "1")
        await until_shown(pilot, "order_id▼")
        assert ids(pilot) == [jobs[0], jobs[1], jobs[3], jobs[2]]
        await pilot.press("i")
        await until_shown(pilot, "order_id▲")
        assert ids(pilot) == [jobs[3], jobs[1], jobs[0], jobs[2]]
        await pilot.press("escape")
        await until_shown(pilot, "REASON")
        await pilot.press("enter")
        await until_shown(pilot, "order_id user", "9007199254740993 eve")
        await pilot.press("c")
        await until_shown(pilot, "id state order_id user")
        await pilot.press("ctrl+u", *"default")
        await pilot.press("enter")
        await until_shown(pilot, "WHAT")
        assert pilot.app.view.state.job_columns == {}

    with server.client(use=tube) as client:
        jobs = [client.put(body) for body in BODIES]
        on_server(server, story)


@pytest.mark.long
def test_the_list_is_not_called_sorted_before_all_bodies_were_read(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(jobs))
        own_server.send_signal(signal.SIGSTOP)
        await pilot.press("s", "z")
        text = await until_shown(pilot, "to sort by size: 0 of 90 bodies read")
        assert "SIZE▼" not in text
        assert ids(pilot) == jobs
        own_server.send_signal(signal.SIGCONT)
        text = await until_shown(pilot, "SIZE▼")
        assert "bodies read" not in text
        assert ids(pilot) == jobs[::-1]
        own_server.send_signal(signal.SIGSTOP)
        await pilot.press("s", "a", "s", "z", "escape")
        await settled(pilot)
        text = await until_shown(pilot, "AGE▼")
        assert "to sort by" not in text
        own_server.send_signal(signal.SIGCONT)

    with own_server.client(use=tube) as client:
        jobs = [client.put("x" * number) for number in range(90)]
        on_server(own_server, story)


@pytest.mark.long
def test_a_list_stays_sorted_by_one_column_while_another_is_read(
    own_server: Beanstalkd, tube: str
) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(jobs))
        await pilot.press("s", "z")
        await until_shown(pilot, "SIZE▼")
        own_server.send_signal(signal.SIGSTOP)
        await pilot.press("s", "1")
        text = await until_shown(pilot, "to sort by class: 0 of 9 bodies read")
        assert "SIZE▼" in text
        assert ids(pilot) == jobs[::-1]
        await pilot.press("greater_than_sign")  # on from the column that is being read
        await until_shown(pilot, "to sort by kind: 0 of 9 bodies read", "SIZE▼")
        await pilot.press("escape")
        await until_shown(pilot, "by size: 9 bodies not read yet", "SIZE▼")
        assert ids(pilot) == jobs[::-1]
        own_server.send_signal(signal.SIGCONT)
        await until(pilot, lambda: "not read yet" not in text_of(pilot.app.screen))
        assert ids(pilot) == jobs[::-1]

    settings = parse_settings('[job_columns]\n"*" = ["size", "class", "kind"]', "c.toml")
    with own_server.client(use=tube) as client:
        jobs = [client.put("x" * number) for number in range(9)]
        on_server(own_server, story, settings=settings)


@pytest.mark.long
def test_configured_columns_are_shown_from_the_start(server: Beanstalkd, tube: str) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await open_all_jobs(pilot, tube, len(BODIES))
        await until_shown(pilot, "SIZE", "order_id", "9007199254740993")
        await pilot.press("c", "ctrl+u", *"reservs")
        await pilot.press("enter")
        await until_shown(pilot, "There is no column reservs", "body.reservs")
        await pilot.press("escape", "c", "ctrl+u")
        await pilot.press(*"state left ttr reserves timeouts releases order_id user kicks body")
        await pilot.press("enter")
        await until_toasted(pilot, "The window is too narrow for")

    settings = parse_settings('[job_columns]\n"*" = ["size", "order_id"]', "c.toml")
    with server.client(use=tube) as client:
        for body in BODIES:
            client.put(body)
        on_server(server, story, settings=settings, size=(80, 24))
