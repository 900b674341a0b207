"""The command as a user runs it: a process with arguments, two streams and an exit code."""

import json
import os
import pty
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from beantop import __version__
from beantop.arguments import parse
from beantop.beanstalk import format_address
from beantop.dashboard_options import DashboardOptions
from beantop.exit_codes import MEANINGS
from tests.beanstalkd import PATIENCE, Beanstalkd, free_port, wait_until
from tests.monitor.peer import HANG_UP, SILENCE, peer, server_of

COMMAND = [sys.executable, "-W", "error", "-m", "beantop"]

OK, USAGE, NO_CONNECTION = 0, 2, 3


class Run(NamedTuple):
    """The result of a command."""

    code: int
    out: str
    err: str


def beantop(*arguments: str, **environment: str) -> Run:
    """Run the command without a terminal."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | environment,
        timeout=PATIENCE,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def test_the_version_is_printed() -> None:
    assert beantop("--version") == beantop("-V") == Run(OK, f"beantop {__version__}\n", "")


def test_the_help_names_every_exit_code() -> None:
    run = beantop("--help")
    assert (run.code, run.err) == (OK, "")
    for code, meaning in MEANINGS.items():
        assert f"  {code}        {meaning}\n" in run.out


def test_one_table_is_printed(own_server: Beanstalkd, tube: str) -> None:
    with own_server.client(use=tube) as client:
        client.put("")
        run = beantop("tubes", format_address(own_server.address))
    heading, *rows = run.out.splitlines()
    assert (run.code, run.err) == (OK, "")
    assert heading.split()[:2] == ["TUBE", "READY"]
    assert [row.split()[:2] for row in rows] == [["default", "0"], [tube, "1"]]


@pytest.mark.long
def test_json_is_one_object_a_line(own_server: Beanstalkd, tube: str) -> None:
    address = format_address(own_server.address)
    with own_server.client(use=tube):
        run = beantop("tubes", "--json", address)
    assert (run.code, run.err) == (OK, "")
    printed = [json.loads(line) for line in run.out.splitlines()]
    assert [(row["server"], row["tube"]) for row in printed] == [
        (address, "default"),
        (address, tube),
    ]


@pytest.mark.long
def test_a_unix_socket_is_an_address(tmp_path: Path) -> None:
    server = Beanstalkd(socket_path=tmp_path / "beanstalkd.sock")
    try:
        run = beantop("tubes", f"unix:{server.address}")
    finally:
        server.stop()
    assert (run.code, run.err) == (OK, "")
    assert run.out.startswith("TUBE ")


@pytest.mark.long
def test_hostile_names_are_printed_as_what_they_are() -> None:
    tubes = {"\x1b[2J": "", "a\tb": "", "\x9b31m": ""}
    with peer(server_of(tubes, 'version: "1.13\x1b]0;x\x07"\n')) as hostile:
        run = beantop("tubes", format_address(hostile.address))
        server = beantop("server", format_address(hostile.address))
    assert (run.code, run.err) == (OK, "")
    assert (run.out + server.out).replace("\n", "").isprintable()
    assert "1.13␛]0;x␇\n" in server.out
    assert {row.split()[0] for row in run.out.splitlines()[1:]} == {"␛[2J", "a␉b", r"\x9b31m"}


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_in_another_encoding_names_take_no_more_cells_than_columns_have(encoding: str) -> None:
    with peer(server_of({"\x1b[2J": "", "plain": "name: plain\n"})) as hostile:
        run = beantop("tubes", format_address(hostile.address), PYTHONIOENCODING=encoding)
    rows = run.out.splitlines()
    assert rows[1].split()[0] == "?[2J"
    assert len(set(map(len, rows))) == 1


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_the_table_is_printed_in_whatever_encoding_stdout_has(encoding: str) -> None:
    with peer(server_of({"a": "name: a\n"})) as old:
        run = beantop("tubes", format_address(old.address), PYTHONIOENCODING=encoding)
    unknown = "–" if encoding == "utf-8" else "-"
    assert (run.code, run.err) == (OK, "")
    heading, row = run.out.splitlines()
    assert row.split() == ["a", *[unknown] * 9]
    assert len(row) == len(heading)


@pytest.mark.long
def test_where_nothing_listens_there_is_a_reason_and_an_exit_code() -> None:
    address = f"127.0.0.1:{free_port()}"
    reason = f"beantop: cannot poll {address}: connection refused\n"
    assert beantop("tubes", address) == Run(NO_CONNECTION, "", reason)
    assert beantop("server", "--json", address) == Run(NO_CONNECTION, "", reason)


def test_a_socket_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    address = f"unix:{tmp_path}/none.sock"
    reason = f"beantop: cannot poll {address}: there is no such socket\n"
    assert beantop("tubes", address) == Run(NO_CONNECTION, "", reason)


def test_a_path_too_long_for_a_socket_is_a_reason() -> None:
    run = beantop("tubes", f"unix:/{'a' * 300}")
    assert (run.code, run.out) == (NO_CONNECTION, "")
    assert run.err.endswith("path too long\n")
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "'HTTP/1.1 400 Bad Request'"),
        (b"\x1b[2J\r\n", r"'\x1b[2J'"),
        (b"OK \x1b[2J\r\n", "the server announced a body of ␛[2J bytes"),
    ],
)
def test_another_kind_of_server_is_a_reason(said: bytes, reason: str) -> None:
    with peer(lambda _: said) as other:
        run = beantop("tubes", format_address(other.address))
    why = f"it answers, but not like beanstalkd: {reason}"
    sentence = f"beantop: cannot poll {format_address(other.address)}: {why}\n"
    assert run == Run(NO_CONNECTION, "", sentence)


def test_a_connection_that_is_lost_halfway_is_a_reason() -> None:
    known = server_of({"a": "name: a\n"})
    with peer(lambda line: HANG_UP if line == "stats-tube a" else known(line)) as other:
        run = beantop("tubes", "--json", format_address(other.address))
    assert (run.code, run.out) == (NO_CONNECTION, "")
    assert run.err.endswith(": the server closed the connection\n")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("queue-1:http", "the port must be a number from 1 to 65535, not 'http'"),
        ("queue-1:0", "the port must be a number from 1 to 65535, not '0'"),
        ("unix:", "add the path of the socket"),
        ("/run/beanstalkd.sock", "write a Unix socket as unix:/path"),
        ("a b", "an address cannot have spaces or control characters"),
        ("a\x1b[2J", "an address cannot have spaces or control characters"),
    ],
)
def test_what_is_no_address_is_wrong_usage(address: str, why: str) -> None:
    run = beantop("tubes", address)
    assert (run.code, run.out) == (USAGE, "")
    assert run.err.startswith(f"beantop: {address!r}: ")
    assert why in run.err
    assert run.err.count("\n") == 1


@pytest.mark.parametrize("interval", ["0.4", "3601", "nan", "-1", "soon", ""])
def test_what_is_no_interval_is_wrong_usage(interval: str) -> None:
    run = beantop(f"--interval={interval}")
    assert (run.code, run.out) == (USAGE, "")
    assert (
        f"{interval!r} is not a number of seconds from 0.5 to 3600 (see beantop --help" in run.err
    )
    assert run.err.count("\n") == 1


def test_an_option_that_does_not_exist_is_wrong_usage() -> None:
    run = beantop("--delete-everything")
    assert (run.code, run.out) == (USAGE, "")
    assert "--delete-everything" in run.err


@pytest.mark.long
def test_without_a_terminal_there_is_no_screen() -> None:
    sentence = "beantop: this is not a terminal; beantop tubes prints one table\n"
    assert beantop("127.0.0.1:1") == Run(USAGE, "", sentence)


def on_a_terminal(*arguments: str, term: str = "xterm") -> Run:
    """The output of a command that ends at once. Its errors come out of a terminal of their own."""
    ends = screen, errors = pty.openpty(), pty.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdin=screen[1],
            stdout=screen[1],
            stderr=errors[1],
            env=os.environ | {"TERM": term},
            timeout=PATIENCE,
            check=False,
        )
        shown = []
        for ours, theirs in ends:
            os.write(theirs, b"end")
            shown.append(os.read(ours, 1000).decode().removesuffix("end").replace("\r", ""))
    finally:
        for end in chain(*ends):
            os.close(end)
    return Run(done.returncode, *shown)


@pytest.mark.long
@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_on_a_terminal_that_cannot_there_is_no_screen(term: str) -> None:
    run = on_a_terminal(term=term)
    sentence = f"beantop: this terminal (TERM={term}) cannot show a screen; beantop tubes"
    assert (run.code, run.out) == (USAGE, "")
    assert run.err.startswith(sentence)


@pytest.mark.long
def test_a_reader_that_has_seen_enough_ends_it_quietly(server: Beanstalkd) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [*COMMAND, "tubes", "--json", format_address(server.address)],
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (OK, b"")


def test_the_first_line_can_be_taken_with_head(server: Beanstalkd) -> None:
    line = f"'{sys.executable}' -m beantop tubes {format_address(server.address)} | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=PATIENCE, check=False)
    assert done.stdout.startswith(b"TUBE ")
    assert (done.stdout.count(b"\n"), done.stderr) == (1, b"")


ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.long
@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_it_quietly(number: signal.Signals) -> None:
    with peer(lambda _: SILENCE) as silent:
        command = [*COMMAND, "tubes", format_address(silent.address)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            wait_until(lambda: silent.received, "it asks the server")
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (128 + number, b"", b"")


@pytest.mark.long
def test_a_signal_ends_it_though_nobody_reads_what_it_prints() -> None:
    names = [f"tube-{number}" for number in range(2_000)]  # more than a pipe takes
    tubes = {name: f"name: {name}\n" for name in names}
    with peer(server_of(tubes)) as large:
        command = [*COMMAND, "tubes", "--json", format_address(large.address)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.read(1) == b"{"  # and no more
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM
            assert process.stderr
            assert process.stderr.read() == b""


@pytest.mark.long
def test_a_place_that_cannot_be_written_to_is_a_sentence(server: Beanstalkd) -> None:
    address = format_address(server.address)
    with open(os.devnull) as unwritable:
        done = subprocess.run(
            [sys.executable, "-m", "beantop", "tubes", address],
            stdout=unwritable,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        2,
        "beantop: cannot print: bad file descriptor\n",
    )


def test_the_demo_has_servers_of_its_own() -> None:
    run = beantop("--demo", "queue-1")
    assert (run.code, run.out) == (USAGE, "")
    assert "--demo shows made-up servers" in run.err


@pytest.mark.long
def test_the_demo_without_a_terminal_is_a_sentence() -> None:
    assert "not a terminal" in beantop("--demo").err


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--readonly", "--write"], "--readonly and --write cannot be used together"),
        (["tubes", "--json", "--csv"], "argument --csv: not allowed with argument --json"),
        (["export", "emails"], "the following arguments are required: FILE"),
        (["jobs"], "the following arguments are required: TUBE (see"),
        (["export"], "the following arguments are required: TUBE, FILE (see"),
        (
            ["import", "-", "127.0.0.1:1", "127.0.0.1:2"],
            "this command takes one server, not 2: name one",
        ),
    ],
)
def test_what_excludes_each_other_is_wrong_usage(arguments: list[str], sentence: str) -> None:
    run = beantop(*arguments)
    assert (run.code, run.out) == (USAGE, "")
    assert sentence in run.err


@pytest.mark.parametrize(("word", "verb"), [("tube", "tubes"), ("servers", "server")])
def test_a_command_with_a_typo_is_no_server(word: str, verb: str) -> None:
    hint = f"{word} is not a command: did you mean beantop {verb}?"
    place = f"For a server of that name, add its port: beantop {word}:11300."
    for options in ([], ["queue-1"], ["--csv", "--watch", "5"]):
        assert beantop(word, *options) == Run(USAGE, "", f"beantop: {hint} {place}\n")


def test_a_configured_server_may_be_called_as_a_command_is_almost(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[server]]\nname = "tube"\naddress = "127.0.0.1:1"\n')
    run = beantop("tube", "--config", str(config))
    assert (run.code, "not a command" in run.err) == (USAGE, False)


@pytest.mark.parametrize("option", ["--log", "--tube", "--config"])
def test_what_a_script_left_empty_is_wrong_usage(option: str) -> None:
    sentence = f"beantop: argument {option}: it must not be empty (see beantop import --help)\n"
    assert beantop("import", "-", option, "", "127.0.0.1:1") == Run(USAGE, "", sentence)


def test_no_server_is_meant_by_an_empty_name() -> None:
    sentence = "beantop: argument HOST: it must not be empty (see beantop tubes --help)\n"
    assert beantop("tubes", "") == Run(USAGE, "", sentence)


@pytest.mark.long
def test_blanks_name_no_server() -> None:
    run = beantop("tubes", " ")
    assert (run.code, run.out) == (USAGE, "")
    assert "argument HOST: it must not be empty" in run.err


def test_the_code_tells_though_no_sentence_can_be_printed() -> None:
    command = [*COMMAND, "tubes", "127.0.0.1:1"]
    with open("/dev/full", "w") as full:
        assert subprocess.run(command, stderr=full, check=False).returncode == NO_CONNECTION


@pytest.mark.long
def test_a_server_that_the_configuration_protects_takes_no_import(
    server: Beanstalkd, tmp_path: Path
) -> None:
    address, config = format_address(server.address), tmp_path / "config.toml"
    config.write_text(f'[[server]]\naddress = "{address}"\nreadonly = true\n')
    run = beantop("import", "-", "--config", str(config))
    sentence = "This server is read-only by configuration; --write allows changes."
    assert run == Run(USAGE, "", f"beantop: {sentence}\n")
    allowed = beantop("import", "-", "--config", str(config), "--write")
    assert allowed == Run(OK, "", "beantop: standard input holds no jobs: nothing was put\n")


@pytest.mark.long
@pytest.mark.parametrize("named", ["localhost", "127.1", "tcp://[::ffff:127.0.0.1]"])
def test_a_protected_server_takes_no_import_by_another_name(
    server: Beanstalkd, tmp_path: Path, named: str
) -> None:
    port, config = server.address[1], tmp_path / "config.toml"
    config.write_text(f'[[server]]\naddress = "127.0.0.1:{port}"\nreadonly = true\n')
    run = beantop("import", "-", "--config", str(config), f"{named}:{port}")
    assert run.code == USAGE
    assert "ead-only" in run.err
    allowed = beantop("import", "-", "--config", str(config), "--write", f"{named}:{port}")
    assert allowed == Run(OK, "", "beantop: standard input holds no jobs: nothing was put\n")


def test_a_password_in_an_address_is_not_shown() -> None:
    run = beantop("tubes", "me:s3cret@127.0.0.1:1")
    assert run.code == USAGE
    assert "no users or passwords" in run.err
    assert "s3cret" not in run.err


@pytest.mark.long
def test_a_script_logs_what_it_says(server: Beanstalkd, tmp_path: Path) -> None:
    log, file = tmp_path / "log", tmp_path / "jobs.jsonl"
    options = ["--log", str(log), format_address(server.address)]
    file.write_text('{"tube":"logged","body":"x"}')
    assert beantop("import", str(file), *options).code == OK
    assert beantop("export", "logged", str(file), *options).code == USAGE
    assert beantop("export", "logged", "-", "--log", str(log), "127.0.0.1:1").code == NO_CONNECTION
    first, *said = [line.partition(" ")[2] for line in log.read_text().splitlines()]
    assert first.startswith(f"information Put 1 job from {file}. New id: ")
    assert said == [
        f"error cannot export logged: the file {file} exists already",
        "error cannot export logged from 127.0.0.1:1: connection refused; the output is incomplete",
    ]


@pytest.mark.long
@pytest.mark.parametrize("what", [["import", "-"], ["export", "a", "-"]])
def test_a_script_does_nothing_if_its_log_cannot_be_written(what: list[str]) -> None:
    sentence = "beantop: --log /nowhere/x: no such file or directory\n"
    assert beantop(*what, "--log", "/nowhere/x", "127.0.0.1:1") == Run(USAGE, "", sentence)


@pytest.mark.long
def test_a_log_that_cannot_be_written_is_told_in_the_words_of_files() -> None:
    run = on_a_terminal("--log", "/nowhere/x", "127.0.0.1:1")
    assert run == Run(USAGE, "", "beantop: --log /nowhere/x: no such file or directory\n")


def test_a_screen_that_nobody_would_see_is_not_drawn() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*COMMAND, "--demo"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=os.environ | {"TERM": "xterm"},
        timeout=PATIENCE,
        check=False,
    )
    sentence = b"beantop: standard error is not a terminal, and the screen is drawn there"
    assert done.returncode == USAGE
    assert done.stderr.startswith(sentence)
    assert os.read(ours, 1000).startswith(sentence)  # who waits for a screen reads it, too
    os.close(ours)
    os.close(theirs)


@pytest.mark.long
def test_a_closed_standard_input_is_no_terminal() -> None:
    line = f"'{sys.executable}' -m beantop <&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == USAGE
    assert done.stderr.startswith(b"beantop: this is not a terminal")


def test_options_have_the_names_and_the_values_of_the_parser() -> None:
    assert parse([]) == DashboardOptions([])
    assert parse(["a", "b"]) == DashboardOptions(["a", "b"])
