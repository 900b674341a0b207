"""`beantop put`: bodies from standard input."""

import io
import sys

import pytest

from beantop.exit_codes import OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import Shell
from tests.jobs.acting import jobs_in, look


def typed(monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_standard_input_is_one_body(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.client(use=tube):
        typed(monkeypatch, b"\xff\r\nb\n")
        ran = shell("put", tube, "--priority", "5", "--delay", "10m", "--ttr", "7", "--json")
        assert ran.code == OK
        ids: list[int] = ran.tally["new_ids"]  # type: ignore[assignment]
        [job] = [look(server.address, id) for id in ids]
        assert (job.body, job.state) == (b"\xff\r\nb\n", "delayed")
        assert [job.stats[key] for key in ("pri", "delay", "ttr")] == [5, 600, 7]


def test_each_line_is_a_body(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.client(use=tube) as client:
        typed(monkeypatch, b"a\r\n\nc")
        assert shell("put", tube, "--lines").code == USAGE
        typed(monkeypatch, b"a\r\n\nc")
        dry = shell("put", tube, "--lines", "--dry-run", "--json")
        assert (dry.tally["total"], dry.tally["dry_run"], jobs_in(client, tube)) == (3, True, {})
        typed(monkeypatch, b"a\r\n\nc")
        ran = shell("put", tube, "--lines", "--yes", "--json")
        ids: list[int] = ran.tally["new_ids"]  # type: ignore[assignment]
        assert [look(server.address, id).body for id in ids] == [b"a", b"", b"c"]


def test_a_tube_is_created_only_if_that_is_wanted(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, b"a")
    assert shell("put", tube).code == USAGE
    assert tube not in server.tubes()
    typed(monkeypatch, b"a")
    assert shell("put", tube, "--create").code == OK
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": 1}


def test_nothing_to_put_is_no_failure(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.client(use=tube) as client:
        typed(monkeypatch, b"")
        assert shell("put", tube, "--lines").code == OK
        typed(monkeypatch, b"")
        assert shell("put", tube, "--ttr", "0").code == USAGE
        assert jobs_in(client, tube) == {}
