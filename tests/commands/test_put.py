"""`beantop put`: bodies from standard input."""

import errno
import io
import os
import sys

import pytest

from beantop.cli import main
from beantop.exit_codes import OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import Shell
from tests.jobs.acting import jobs_in, look
from tests.monitor.peer import peer, server_of


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


MOST = 65_535
"""The max-job-size of beanstalkd without `-z`."""


@pytest.mark.parametrize("options", [[], ["--lines"]])
def test_no_more_is_read_than_a_body_may_have(
    options: list[str],
    server: Beanstalkd,
    tube: str,
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server.client(use=tube) as client:
        typed(monkeypatch, b"a\n" * bool(options) + b"\0" * 2**20)
        ran = shell("put", tube, "--yes", *options)
        place = "line 2" if options else "the body"
        said = f"standard input: {place} is longer than 65,535 bytes, the server's max-job-size."
        assert (ran.code, ran.said) == (USAGE, f"{said} Nothing was put.")
        assert sys.stdin.buffer.tell() < 2**17
        assert jobs_in(client, tube) == {}


@pytest.mark.parametrize("options", [[], ["--lines"]])
def test_a_limit_beyond_all_memory_is_no_reason_to_fail(
    options: list[str],
    tube: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stats = f"id: a\nuptime: 1\nmax-job-size: {2**64 - 1}\n"
    typed(monkeypatch, b"a")
    with peer(server_of({tube: f"name: {tube}\n"}, stats)) as server:
        code = main(
            ["put", tube, *options, "--dry-run", "--create", f"127.0.0.1:{server.address[1]}"]
        )
    assert (code, " body     1 B  a" in "".join(capsys.readouterr())) == (OK, True)


def test_the_largest_bodies_are_put(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.client(use=tube) as client:
        for options in ([], ["--lines"]):
            typed(monkeypatch, b"a" * MOST + b"\r\n" * bool(options))
            assert shell("put", tube, *options).code == OK
        assert jobs_in(client, tube) == {"ready": 2}


def test_a_directory_as_standard_input_is_a_sentence(
    shell: Shell, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Directory(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Directory()))
    ran = shell("put", tube, "--create")
    assert (ran.code, ran.said) == (USAGE, "cannot read standard input: is a directory")


def test_lines_that_do_not_fit_into_memory_are_a_sentence(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            raise MemoryError

    with server.client(use=tube):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Endless()))
        ran = shell("put", tube, "--lines", "--yes")
        said = "there is not enough memory for all jobs: nothing was changed"
        assert (ran.code, ran.said) == (USAGE, said)


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


def test_an_empty_body_is_not_put_by_accident(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.client(use=tube) as client:
        typed(monkeypatch, b"")
        ran = shell("put", tube, "--yes")
        assert (ran.code, ran.said) == (USAGE, "standard input is empty: nothing was put")
        assert jobs_in(client, tube) == {}
        typed(monkeypatch, b"\n")
        assert shell("put", tube, "--lines").code == OK
        assert jobs_in(client, tube) == {"ready": 1}


def test_no_lines_to_put_are_no_failure(
    server: Beanstalkd, tube: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.client(use=tube) as client:
        typed(monkeypatch, b"")
        assert shell("put", tube, "--lines").code == OK
        assert jobs_in(client, tube) == {}
