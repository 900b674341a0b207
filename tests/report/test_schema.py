"""The JSON schema that ships: real output of each command is as it says."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.commands.schema import FILE
from beantop.config import ServerConfig
from beantop.exit_codes import OK
from beantop.monitor.snapshot import Server, Snapshot, Tube
from beantop.report import job, jobs, rows, server, tubes
from tests.beanstalkd import Beanstalkd

SCHEMA = json.loads(FILE.read_text("utf-8"))

FIELDS: dict[str, rows.Fields[Any]] = {
    "tube": tubes.FIELDS,
    "server": server.FIELDS,
    "job": [*jobs.FIELDS, *jobs.BODY_FIELDS],
    "job_with_body": job.FIELDS,
    "group": jobs.GROUP_FIELDS,
}


def check(kind: str, line: str) -> None:
    """Raise `ValidationError` unless a line is as the schema says of its kind."""
    Draft202012Validator({**SCHEMA["$defs"][kind]}).validate(json.loads(line))


def test_it_is_a_schema_and_lists_each_kind() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [each["$ref"] for each in SCHEMA["anyOf"]] == [
        f"#/$defs/{kind}" for kind in SCHEMA["$defs"]
    ]


@pytest.mark.parametrize("kind", FIELDS)
def test_each_key_is_described_and_none_is_missing(kind: str) -> None:
    definition = SCHEMA["$defs"][kind]
    described = list(definition["properties"])
    assert described == list(dict.fromkeys([*(field.key for field in FIELDS[kind]), "taken_at"]))
    assert definition["required"] == [field.key for field in FIELDS[kind] if not field.is_optional]
    assert not definition["additionalProperties"]
    for member in definition["properties"].values():
        assert member["description"].endswith(".")


def test_what_is_unknown_is_valid() -> None:
    config = ServerConfig(("queue-1", 11300))
    nothing = Snapshot(1.0, 1.5e9, Server(), {"emails": Tube("emails", 1.0)})
    [tube] = rows.as_json_lines(tubes.FIELDS, tubes.tube_rows(config, nothing))
    [row] = rows.as_json_lines(server.FIELDS, server.server_rows(config, nothing))
    check("tube", tube)
    check("server", row)


@pytest.mark.parametrize(
    "wrong", ['{"server": "a"}', '{"by": "class"}', "[]", '{"server": "a", "tube": 1}']
)
@pytest.mark.parametrize("kind", FIELDS)
def test_anything_else_is_not_valid(kind: str, wrong: str) -> None:
    with pytest.raises(ValidationError):
        check(kind, wrong)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("tube", ["tubes"]),
        ("server", ["server"]),
        ("job", ["jobs", "emails"]),
        ("job", ["jobs", "emails", "--bodies"]),
        ("group", ["jobs", "emails", "--group", "error"]),
        ("group", ["jobs", "emails", "--group", "state"]),
        ("group", ["jobs", "emails", "--group", "to"]),
        ("job_with_body", ["job", "1"]),
        ("job_with_body", ["job", "2"]),
    ],
)
def test_what_commands_print_is_valid(
    kind: str, arguments: Sequence[str], full: Beanstalkd, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json", format_address(full.address)]) == OK
    lines = capsys.readouterr().out.splitlines()
    assert lines
    for line in lines:
        check(kind, line)


@pytest.mark.parametrize(
    "arguments",
    [
        ["kick", "emails", "--dry-run"],
        ["delete", "emails", "--filter", "age >= 0", "--dry-run"],
        ["copy", "--job", "2,3", "copies", "--create", "--yes"],
        ["set", "--job", "2,999", "--priority", "1", "--yes"],
        ["pause", "emails", "60"],
        ["delete", "--job", "3"],
        ["undo", "--yes"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_outcome_of_a_change_is_valid(
    arguments: Sequence[str], full: Beanstalkd, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*arguments, "--json", format_address(full.address)])
    [line] = capsys.readouterr().out.splitlines()
    check("change", line)


@pytest.fixture(scope="module")
def full(server: Beanstalkd) -> Beanstalkd:
    """A server with jobs in all states, and with all kinds of bodies."""
    with server.client(use="emails", watch="emails") as client:
        for _ in range(4):
            client.put('{"class": "SendMail", "args": [], "error": "Timeout", "to": "ada"}')
        client.bury(client.reserve())
        client.reserve()
        client.put("", delay=100)
    with server.raw() as connection:
        connection.sendall(b"use emails\r\nput 0 0 60 2\r\n\xff\x00\r\n")
        connection.recv(100)
    return server
