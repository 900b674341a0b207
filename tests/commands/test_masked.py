"""Commands on tubes with masked fields, on a real server: no secret comes out."""

import json
from pathlib import Path

import pytest

from beantop.beanstalk import Client, format_address
from beantop.cli import main
from beantop.exit_codes import INCOMPLETE, OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.jobs.secrets import BODIES, SECRET, found_in

MASK = '[mask]\n"*" = ["password", "*token*", "customer.email", "/[0-9]{16}/"]\n'


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.toml"
    file.write_text(MASK)
    return str(file)


@pytest.mark.long
def test_an_export_is_masked_and_cannot_be_imported(
    server: Beanstalkd, tube: str, config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, address = tmp_path / "jobs.jsonl", format_address(server.address)
    with Client(server.address, use=tube, encoding=None) as client:
        for body in BODIES.values():
            if len(body) < 60_000:
                client.put(body)
        client.put(b"no secret")
    assert main(["export", tube, str(file), "--config", config, address]) == INCOMPLETE
    assert "bodies are masked, which no import takes: --unmask exports" in capsys.readouterr().err
    text = file.read_text()
    assert not any(found_in(text, body) for body in BODIES.values())
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["body"] for line in lines if "masked" not in line] == ["no secret"]
    assert main(["import", str(file), "--config", config, address]) == USAGE
    assert "line 1: its body is masked" in capsys.readouterr().err


@pytest.mark.long
def test_unmask_exports_what_is_there_unless_the_configuration_forbids_it(
    server: Beanstalkd, tube: str, config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = format_address(server.address)
    with Client(server.address, use=tube, encoding=None) as client:
        client.put(BODIES["JSON"])
    options = ["--unmask", "--config", config, address]
    assert main(["export", tube, str(tmp_path / "whole"), *options]) == OK
    assert SECRET in (tmp_path / "whole").read_text()
    Path(config).write_text(f"unmask = false\n{MASK}")
    assert main(["export", tube, str(tmp_path / "other"), *options]) == USAGE
    assert "unmask = false" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


@pytest.mark.long
def test_no_command_prints_what_is_masked(
    server: Beanstalkd, tube: str, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    address = format_address(server.address)
    options = ["--config", config, address]
    small = [body for body in BODIES.values() if len(body) < 60_000]
    with Client(server.address, use=tube, encoding=None) as client:
        ids = [str(client.put(body)) for body in small]
    for what in ([], ["--json", "--bodies"], ["--csv", "--bodies"], ["--group", "password"]):
        assert main(["jobs", tube, *what, *options]) == OK
    for id in ids:
        for form in ([], ["--json"], ["--decoded"]):
            assert main(["job", id, *form, *options]) == OK
    printed = capsys.readouterr()
    text = printed.out + printed.err
    assert text.count('"masked": true') >= len(small)
    assert not any(found_in(text, body) for body in small)


def test_the_exact_bytes_of_a_masked_job_are_printed_with_unmask_only(
    server: Beanstalkd, tube: str, config: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    options = ["--raw", "--config", config, format_address(server.address)]
    with Client(server.address, use=tube, encoding=None) as client:
        secret, plain = client.put(BODIES["JSON"]), client.put(b"plain")
    assert main(["job", str(secret), *options]) == USAGE
    assert b"has masked fields: --unmask prints it" in capsysbinary.readouterr().err
    assert main(["job", str(plain), *options]) == OK
    assert main(["job", str(secret), "--unmask", *options]) == OK
    assert capsysbinary.readouterr().out == b"plain" + BODIES["JSON"]
