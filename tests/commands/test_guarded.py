"""The rules of the configuration hold for commands as they do for keys."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.exit_codes import OK, USAGE
from tests.beanstalkd import Beanstalkd, free_port
from tests.bench.relay import relayed
from tests.commands.changing import UNCHANGED, Shell, emails
from tests.jobs.acting import jobs_in
from tests.monitor.peer import SILENCE, peer

CHANGES = (
    ["kick", "TUBE", "--count", "1"],
    ["kick", "TUBE", "--state", "buried", "--count", "1"],
    ["bury", "TUBE", "--state", "ready", "--count", "1"],
    ["delete", "TUBE", "--state", "buried", "--count", "1"],
    ["move", "TUBE", "TUBE-b", "--state", "buried", "--count", "1", "--create"],
    ["copy", "TUBE", "TUBE-b", "--state", "buried", "--count", "1", "--create"],
    ["set", "TUBE", "--state", "ready", "--priority", "1", "--count", "1"],
    ["pause", "TUBE", "60"],
)


@pytest.fixture
def config(tmp_path: Path, server: Beanstalkd) -> Path:
    """The path of a configuration that the tests write rules for this server into."""
    return tmp_path / "config.toml"


def guarded(config: Path, server: Beanstalkd, rule: str) -> list[str]:
    """Return the arguments that read a configuration with this rule for the server."""
    address = format_address(server.address)
    config.write_text(f'[[server]]\nname = "prod-1"\naddress = "{address}"\n{rule}\n')
    return ["--config", str(config)]


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: command[0])
def test_a_read_only_server_is_not_changed(
    command: list[str], server: Beanstalkd, tube: str, shell: Shell, config: Path
) -> None:
    rule = guarded(config, server, "readonly = true")
    command = [part.replace("TUBE", tube) for part in command]
    with emails(server, tube) as jobs:
        ran = shell(*command, "--yes", *rule)
        assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)
        assert ran.said.startswith("This server is read-only by configuration")
        assert shell(*command, "--yes", "--write", *rule).code == OK


@pytest.mark.long
@pytest.mark.parametrize("command", CHANGES, ids=lambda command: command[0])
def test_production_takes_the_number(
    command: list[str], server: Beanstalkd, tube: str, shell: Shell, config: Path
) -> None:
    rule = guarded(config, server, "production = true")
    command = [part.replace("TUBE", tube) for part in command]
    with emails(server, tube) as jobs:
        missing, wrong = "in production, add --yes-to 1", "--yes-to says 2, but it would be 1"
        for yes, why in (([], missing), (["--yes"], missing), (["--yes-to", "2"], wrong)):
            ran = shell(*command, *yes, *rule)
            assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)
            assert ran.said.endswith(f"Nothing was changed: {why}.")
        assert jobs.client.stats_tube(tube)["pause"] == 0
        assert shell(*command, "--yes-to", "1", *rule).code == OK


def test_a_server_is_guarded_by_another_name(
    server: Beanstalkd, tube: str, shell: Shell, config: Path
) -> None:
    rule = guarded(config, server, "readonly = true")
    with emails(server, tube) as jobs:
        shell.address = shell.address.replace("127.0.0.1", "localhost")
        ran = shell("delete", tube, "--state", "buried", "--yes", *rule)
        assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)
        assert ran.said.startswith("Read-only: this server is prod-1 in the configuration")


@pytest.fixture
def tunnel(server: Beanstalkd) -> Iterator[str]:
    """The address of a tunnel to the server."""
    with ExitStack() as stack:
        yield format_address(relayed(server.address[1], stack))  # type: ignore[arg-type]  # TCP


def test_a_tunnel_to_a_read_only_server_changes_nothing(
    server: Beanstalkd, tube: str, shell: Shell, config: Path, tunnel: str
) -> None:
    rule = guarded(config, server, "readonly = true")
    shell.address = tunnel
    file = config.with_name("jobs.jsonl")
    file.write_text(f'{{"tube": "{tube}", "body": ""}}\n')
    with emails(server, tube) as jobs:
        for command in (["delete", tube, "--state", "buried"], ["import", str(file)]):
            ran = shell(*command, "--yes", *rule)
            assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)
            assert "Read-only: this server is prod-1 in the configuration" in ran.said


def test_a_tunnel_to_a_server_in_production_takes_the_number(
    server: Beanstalkd, tube: str, shell: Shell, config: Path, tunnel: str
) -> None:
    rule = guarded(config, server, "production = true")
    shell.address = tunnel
    with emails(server, tube) as jobs:
        ran = shell("delete", tube, "--state", "buried", "--yes", *rule)
        assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)
        assert ran.said.endswith("Nothing was changed: in production, add --yes-to 3.")


@pytest.mark.parametrize("rule", ["readonly = true", "production = true"])
def test_a_destination_behind_a_tunnel_is_guarded(
    rule: str,
    server: Beanstalkd,
    own_server: Beanstalkd,
    tube: str,
    shell: Shell,
    config: Path,
    tunnel: str,
) -> None:
    options = guarded(config, server, rule)
    shell.address = format_address(own_server.address)
    with emails(own_server, tube) as jobs, server.client(use=tube) as there:
        for verb in ("move", "copy"):
            ran = shell(verb, tube, f"{tunnel}:{tube}", "--state", "buried", "--yes", *options)
            assert (ran.code, jobs.counts, jobs_in(there, tube)) == (USAGE, UNCHANGED, {})


def test_a_guarded_server_that_does_not_answer_stops_no_change(
    server: Beanstalkd, tube: str, shell: Shell, config: Path
) -> None:
    with emails(server, tube), peer(lambda _: SILENCE) as silent, peer(lambda _: b"?\r\n") as other:
        addresses = [silent.address, other.address, ("127.0.0.1", free_port())]
        texts = map(format_address, addresses)
        config.write_text(
            "".join(f'[[server]]\naddress = "{text}"\nreadonly = true\n' for text in texts)
        )
        assert shell("pause", tube, "60", "--config", str(config)).code == OK


def test_the_configuration_does_not_switch_questions_off(
    server: Beanstalkd, tube: str, shell: Shell, config: Path
) -> None:
    config.write_text('confirm = "none"\n')
    with emails(server, tube) as jobs:
        ran = shell("delete", tube, "--state", "buried", "--config", str(config))
        assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)


def test_several_servers_are_not_guessed_from_the_configuration(
    server: Beanstalkd, tube: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from beantop.cli import main

    address = format_address(server.address)
    config.write_text(f'[[server]]\naddress = "{address}"\n[[server]]\naddress = "127.0.0.1:1"\n')
    with emails(server, tube) as jobs:
        command = ["delete", tube, "--state", "buried", "--yes", "--config", str(config)]
        assert (main(command), jobs.counts) == (USAGE, UNCHANGED)
        assert (
            capsys.readouterr().err == "beantop: this command takes one server, not 2: name one\n"
        )


@pytest.mark.long
def test_many_jobs_take_their_number_if_that_cannot_be_undone(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with server.client(use=tube, watch=tube) as client:
        client.ignore("default")
        for _ in range(101):
            client.put("a")
        move = ["move", tube, f"{tube}-b", "--state", "ready", "--create"]
        ran = shell(*move, "--yes")
        assert (ran.code, jobs_in(client, tube)) == (USAGE, {"ready": 101})
        asked = f"Move 101 ready jobs to {tube}-b?"
        assert ran.said.startswith(asked)
        assert ran.said.endswith("add --yes-to 101.")
        assert shell(*move, "--yes-to", "101").code == OK
        bury = ["bury", f"{tube}-b", "--state", "ready"]
        assert (
            shell(*bury, "--yes").code == USAGE
        )  # the screen could undo it: only there y is enough
        assert shell(*bury, "--yes-to", "101").code == OK
        kick = ["kick", f"{tube}-b", "--state", "buried"]
        assert shell(*kick, "--yes").code == OK  # on the screen, "all" does
        assert jobs_in(client, f"{tube}-b") == {"ready": 101}


@pytest.mark.long
def test_the_trash_can_be_off(server: Beanstalkd, tube: str, shell: Shell, config: Path) -> None:
    config.write_text('trash = "off"\n')
    with emails(server, tube) as jobs:
        delete = ["delete", tube, "--state", "buried", "--config", str(config)]
        assert "This cannot be undone: the trash is off." in shell(*delete).said
        ran = shell(*delete, "--yes")
        said = (
            f"This cannot be undone: the trash is off.\nbeantop: Deleted 3 buried jobs of {tube}."
        )
        assert (ran.code, ran.said) == (OK, said)
        assert jobs.counts == {"ready": 2, "reserved": 1, "delayed": 1}
