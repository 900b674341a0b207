"""`beantop export` and `beantop import`: the jobs of a tube as a file, on a real server."""

import base64
import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from beantop.beanstalk import format_address
from beantop.cli import main
from beantop.exit_codes import INCOMPLETE, INTERRUPTED, NO_CONNECTION, OK, USAGE
from beantop.jobs.bodies.mask import read_mask
from beantop.jobs.bodies.reading import Reading
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash
from beantop.preferences import parking_path
from beantop.report.export import export_to
from beantop.report.export_file import continued
from tests.beanstalkd import PATIENCE, Beanstalkd, free_port, wait_until
from tests.commands.changing import imported
from tests.jobs.acting import jobs_in
from tests.jobs.bulk.running import delete_saved, jobs_of, one_of_each
from tests.jobs.full_disk import little_room
from tests.monitor.peer import HANG_UP, SILENCE, body, peer, server_of


def beantop(server: Beanstalkd, *arguments: str) -> subprocess.Popen[bytes]:
    """The command, with pipes on all sides."""
    return subprocess.Popen(
        [sys.executable, "-m", "beantop", *arguments, format_address(server.address)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def jobs_file(directory: Path, *jobs: dict[str, object]) -> str:
    file = directory / "jobs.jsonl"
    file.write_text("".join(f"{json.dumps(job)}\n" for job in jobs))
    return str(file)


def test_what_was_exported_is_imported_as_it_was(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = str(tmp_path / "jobs.jsonl")
    with server.client(use=tube, watch=tube) as client, own_server.client() as other:
        one_of_each(client)
        assert export_to(server.address, tube, file) == (OK, f"exported 4 jobs of {tube}")
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
        assert jobs_in(client, tube) == {"ready": 1, "reserved": 1, "delayed": 1, "buried": 1}
        code, said = imported(own_server.address, file)
        assert (code, said) == (OK, f"Put 4 jobs from {file}. New ids: 1 to 4.")
        assert jobs_in(other, tube) == {"ready": 2, "delayed": 1, "buried": 1}


@pytest.mark.long
def test_a_body_that_is_no_text_goes_through_base64(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    body = b"\xff\x00\r\n"
    with server.raw() as raw:
        raw.sendall(b"use %b\r\nput 0 0 60 4\r\n%b\r\n" % (tube.encode(), body))
        assert export_to(server.address, tube, str(file))[0] == OK
    assert json.loads(file.read_bytes())["body_base64"] == base64.b64encode(body).decode()
    assert imported(server.address, str(file), "--tube", f"{tube}-again", "--create")[0] == OK
    assert export_to(server.address, f"{tube}-again", f"{file}-again")[0] == OK
    again = json.loads(Path(f"{file}-again").read_bytes())
    assert base64.b64decode(again["body_base64"]) == body


def test_an_existing_file_is_not_written_over(server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("mine")
    code, said = export_to(server.address, "default", str(file))
    assert (code, said) == (USAGE, f"cannot export default: the file {file} exists already")
    assert file.read_text() == "mine"


def test_a_tube_that_does_not_exist_is_not_exported(server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    for _ in range(2):  # looking for its jobs did not create it
        code, said = export_to(server.address, "mistyped", str(file))
        assert code == USAGE
        assert said.startswith(f"{format_address(server.address)} has no tube mistyped (")
        assert said.endswith("); nothing was exported")
        assert not file.exists()
    with server.client() as client:
        assert "mistyped" not in client.tubes()


def test_a_tube_that_is_only_watched_is_exported_without_jobs(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with server.client(watch=tube):
        assert export_to(server.address, tube, str(file)) == (OK, f"exported 0 jobs of {tube}")
    assert file.read_bytes() == b""


def test_where_no_server_answers_no_file_is_left(tmp_path: Path) -> None:
    address, file = ("127.0.0.1", free_port()), tmp_path / "jobs.jsonl"
    code, said = export_to(address, "a", str(file))
    why = f"cannot export a from {format_address(address)}: connection refused"
    assert (code, said) == (NO_CONNECTION, why)
    assert not file.exists()


def test_a_connection_that_is_lost_leaves_no_file(tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    with peer(lambda _: HANG_UP) as other:
        code, said = export_to(other.address, "a", str(file))
    assert code == NO_CONNECTION
    assert said.endswith("the server closed the connection")
    assert not file.exists()


def test_where_there_is_no_room_no_half_of_a_file_is_left(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with server.client(use=tube) as client, little_room(1000):
        client.put("x" * 2000)
        code, said = export_to(server.address, tube, str(file))
    assert (code, said) == (USAGE, f"cannot export {tube} to {file}: file too large")
    assert not file.exists()


ENDING = [
    (signal.SIGINT, INTERRUPTED),
    (signal.SIGTERM, 128 + signal.SIGTERM),
    (signal.SIGHUP, 128 + signal.SIGHUP),
]


@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), ENDING)
def test_an_export_that_is_stopped_leaves_no_file(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with peer(lambda _: SILENCE) as silent:
        address = format_address(silent.address)
        command = [sys.executable, "-m", "beantop", "export", "a", str(file), address]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            wait_until(lambda: silent.received, "it asks the server")
            assert len(list(tmp_path.iterdir())) == 1
            process.send_signal(number)
            _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert b"Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_an_export_that_is_killed_leaves_no_file_of_that_name(tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    with peer(lambda _: SILENCE) as silent:
        address = format_address(silent.address)
        command = [sys.executable, "-m", "beantop", "export", "a", str(file), address]
        with subprocess.Popen(command) as process:
            wait_until(lambda: silent.received, "it asks the server")
            process.kill()
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]


def test_a_file_that_came_while_jobs_were_exported_is_not_written_over(
    server: Beanstalkd, tube: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "jobs.jsonl"
    monkeypatch.setattr(os, "fsync", lambda _: file.write_text("mine"))
    with server.client(watch=tube):
        code, said = export_to(server.address, tube, str(file))
    assert (code, said) == (USAGE, f"cannot export {tube}: the file {file} exists already")
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]


def test_where_a_file_has_only_one_name_an_export_gets_its_own_all_the_same(
    server: Beanstalkd, tube: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    file = tmp_path / "jobs.jsonl"
    with server.client(watch=tube):
        assert export_to(server.address, tube, str(file))[0] == OK
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_where_no_file_can_be_is_told_in_the_words_of_files(server: Beanstalkd) -> None:
    code, said = export_to(server.address, "default", "/nowhere/jobs")
    why = "cannot export default to /nowhere/jobs: no such file or directory"
    assert (code, said) == (USAGE, why)


@pytest.mark.long
def test_a_reader_that_has_seen_enough_ends_an_export_quietly(
    server: Beanstalkd, tube: str
) -> None:
    with server.client(use=tube) as client:
        client.put("x")
    with beantop(server, "export", tube, "-") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.wait(PATIENCE), process.stderr.read()) == (OK, b"")


def test_the_protocols_own_word_for_the_priority_is_imported(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = jobs_file(tmp_path, {"tube": tube, "body": "a", "pri": 10, "ttr": 5})
    assert imported(server.address, file)[0] == OK
    with server.client(use=tube) as client:
        assert client.stats_job(client.peek_ready())["pri"] == 10


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "line 2: it is not JSON. Nothing was put."),
        ('{"tube":"no such name","body":""}', "is not a tube name"),
        (b"\xff", "line 2: it is not JSON. Nothing was put."),
        ('{"tube":"a","body":"","prio":5}', "line 2: 'prio' is not a key of a job: use tube, "),
        ('{"tube":"a","body":"","pri":5,"priority":6}', "line 2: it has both priority and pri."),
        ('{"tube":"a","body":"","pri":-5}', "line 2: its priority is not a whole number from 0"),
        ('{"tube":"a","body":"x","body":"y"}', "line 2: it has the key 'body' twice."),
        ('{"tube":"a","tube":"b","body":""}', "line 2: it has the key 'tube' twice."),
        ('{"tube":"a","body":"","state":"ready","delay":5}', "line 2: its state is ready, but it "),
        ('{"tube":"a","body":"","state":"buried","delay":5}', "line 2: its state is buried, but "),
        (
            '{"tube":"a","body":"","state":"delayed"}',
            "line 2: its state is delayed, but it has no ",
        ),
        ('{"tube":"a","body":"","delay":4294967295}', "line 2: its delay of 4294967295 seconds"),
        ('{"tube":"a","body":"","ttr":0}', "line 2: its ttr is 0, which beanstalkd makes 1: use "),
    ],
)
def test_one_bad_line_and_nothing_is_put(
    server: Beanstalkd, tube: str, line: str | bytes, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    bad = line if isinstance(line, bytes) else line.encode()
    file.write_bytes(json.dumps({"tube": tube, "body": "x"}).encode() + b"\n" + bad + b"\n")
    code, said = imported(server.address, str(file))
    assert code == USAGE
    assert sentence in said
    with server.client() as client:
        assert tube not in client.tubes()


def test_a_job_with_a_delay_and_no_state_is_delayed(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = jobs_file(tmp_path, {"tube": tube, "body": "a", "delay": 1000})
    assert imported(server.address, file)[0] == OK
    with server.client() as client:
        assert jobs_in(client, tube) == {"delayed": 1}


def test_a_job_that_was_exported_in_the_last_second_of_its_delay_is_imported(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = jobs_file(tmp_path, {"tube": tube, "body": "a", "state": "delayed", "delay": 0})
    assert imported(server.address, file)[0] == OK
    with server.client() as client:
        assert jobs_in(client, tube) == {"ready": 1}


@pytest.mark.parametrize("lines", ["", "\n\n"])
def test_a_file_without_jobs_says_so_and_is_fine(
    server: Beanstalkd, lines: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_text(lines)
    said = f"{file} holds no jobs: nothing was put"
    assert imported(server.address, str(file)) == (OK, said)


def test_a_file_of_the_trash_is_left_to_the_trash(
    server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    with server.client(use=tube) as client:
        client.put("x")
        delete_saved(server, Trash(tmp_path), list(jobs_of(server, tube).values()))
        (file,) = tmp_path.iterdir()
        code, said = imported(server.address, str(file), "--tube", tube)
        assert jobs_in(client, tube) == {}
    assert code == USAGE
    assert "line 1: this is a file of the trash; U in beantop puts it back" in said


def test_a_server_that_takes_no_jobs_was_reached_all_the_same(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    own_server.drain()
    file = jobs_file(tmp_path, {"tube": "a", "body": "x"})
    code, said = imported(own_server.address, file)
    assert code == INCOMPLETE
    assert "drain" in said


def test_an_import_of_unknown_outcome_is_no_lost_connection(tmp_path: Path) -> None:
    file = jobs_file(tmp_path, {"tube": "a", "body": "x"})
    polled = server_of({"default": "name: default\n"})

    def answer(line: str) -> bytes | None:
        if line.startswith("use"):
            return b"USING a\r\n"
        return HANG_UP if line.startswith("put") else polled(line)

    with peer(answer) as other:
        code, said = imported(other.address, file)
    assert code == INCOMPLETE
    assert "1 is of unknown outcome" in said


def test_an_import_that_never_reached_a_server_can_be_tried_again(tmp_path: Path) -> None:
    address = ("127.0.0.1", free_port())
    code, said = imported(address, jobs_file(tmp_path, {"tube": "a", "body": "x"}))
    why = f"cannot import on {format_address(address)}: connection refused"
    assert (code, said) == (NO_CONNECTION, why)


def test_a_file_that_is_not_there_is_told(server: Beanstalkd) -> None:
    code, said = imported(server.address, "/nowhere/jobs")
    assert (code, said) == (USAGE, "cannot read /nowhere/jobs: no such file or directory")


def test_a_pipe_in_place_of_a_file_is_not_waited_for(server: Beanstalkd, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code, said = imported(server.address, str(pipe))
    why = "it is not a regular file; import - reads a pipe"
    assert (code, said) == (USAGE, f"cannot read {pipe}: {why}")


@pytest.mark.long
def test_standard_input_is_utf_8_in_any_locale(
    server: Beanstalkd, tube: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    line = json.dumps({"tube": tube, "body": "café"}, ensure_ascii=False)
    with beantop(server, "import", "-") as process:
        process.communicate(line.encode(), timeout=PATIENCE)
    with server.client() as client:
        client.use(tube)
        assert client.peek_ready().body == "café"


@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), ENDING)
def test_a_signal_while_it_reads_standard_input_puts_nothing(
    server: Beanstalkd, tube: str, number: signal.Signals, code: int
) -> None:
    with beantop(server, "import", "-") as process:
        assert process.stdin
        process.stdin.write(json.dumps({"tube": tube, "body": "x" * 2**18}).encode())
        process.stdin.flush()  # more than a pipe holds: it has begun to read
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (code, b"beantop: stopped: nothing was changed\n")


@pytest.mark.long
@pytest.mark.parametrize(("number", "code"), ENDING)
def test_an_import_that_is_stopped_tells_what_was_put(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    job: dict[str, object] = {"tube": "a", "body": "x"}
    file = jobs_file(tmp_path, *[job] * 2_000)
    puts: list[str] = []
    polled = server_of({"default": "name: default\n"})

    def answer(line: str) -> bytes | None:
        if line.startswith("use"):
            return b"USING a\r\n"
        if line == "x":  # the body of a put
            return SILENCE
        if not line.startswith("put"):
            return polled(line)
        puts.append(line)
        if len(puts) == 1:
            process.send_signal(number)
        return b"INSERTED %d\r\n" % len(puts)

    with peer(answer) as slow:
        command = [sys.executable, "-m", "beantop", "import", file, "--yes"]
        command.append(format_address(slow.address))
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert f"Put {len(puts)} of 2,000 jobs" in said.decode()
    assert len(puts) < 2_000


@pytest.mark.long
def test_closed_standard_input_is_a_sentence(server: Beanstalkd) -> None:
    address = format_address(server.address)
    line = f"'{sys.executable}' -m beantop import - {address} <&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == USAGE
    assert done.stderr == b"beantop: cannot read standard input: it is closed\n"


@pytest.mark.long
@pytest.mark.parametrize("arguments", [["export", "a", "-"], ["import", "-"]])
def test_nothing_that_a_server_says_reaches_the_terminal_raw(arguments: list[str]) -> None:
    with peer(lambda _: b"OK \x1b[2J\r\n") as hostile:
        command = [sys.executable, "-m", "beantop", *arguments, format_address(hostile.address)]
        line = b'{"tube":"a","body":"x"}'
        done = subprocess.run(
            command, input=line, capture_output=True, timeout=PATIENCE, check=False
        )
    assert "␛[2J" in done.stderr.decode()
    assert b"\x1b" not in done.stderr


def test_an_import_that_is_lost_while_it_buries_tells_of_parked_jobs(tmp_path: Path) -> None:
    file = jobs_file(tmp_path, {"tube": "a", "body": "x", "state": "buried"})
    parked = "id: 7\ntube: a\nstate: delayed\npri: 65536\nage: 0\ndelay: 4294967295\nttr: 60\ntime-left: 4294967290\n"
    replies: dict[str, bytes | None] = {
        "use a": b"USING a\r\n",
        "put 65536 4294967295 60 1": b"INSERTED 7\r\n",
        "use default": b"USING default\r\n",
        "reserve-job 7": HANG_UP,
        "stats-job 7": body(parked),
        "peek 7": b"FOUND 7 1\r\nx\r\n",
        "x": SILENCE,
    }
    polled = server_of({"default": "name: default\n"})
    with peer(lambda line: replies[line] if line in replies else polled(line)) as other:
        code, said = imported(other.address, file)
        (action,) = Parking(parking_path(os.environ)).cut_off(format_address(other.address))
    assert code == INCOMPLETE
    assert "beantop undo finishes" in said
    assert [entry.id for entry in action.entries] == [7]


@pytest.mark.long
def test_all_tubes_that_match_a_pattern_are_exported(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client() as client:
        for name in ("mail-a", "mail-b", "other"):
            client.use(name)
            client.put(name)
    assert export_to(own_server.address, "mail-*", str(file)) == (OK, "exported 2 jobs of mail-*")
    assert [json.loads(line)["body"] for line in file.read_text().splitlines()] == [
        "mail-a",
        "mail-b",
    ]
    assert export_to(own_server.address, "*", f"{file}.all") == (OK, "exported 3 jobs of *")
    code, said = export_to(own_server.address, "sms-*", f"{file}.none")
    assert (code, Path(f"{file}.none").exists()) == (USAGE, False)
    assert "has no tube like sms-*" in said


@pytest.mark.long
def test_an_export_goes_on_where_it_was_cut_off(
    own_server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use=tube) as client:
        ids = [client.put(f"{number}") for number in range(3)]
        first = export_to(own_server.address, tube, str(file), resume=True)
        assert first == (OK, f"exported 3 jobs of {tube}")
        whole = file.read_bytes()
        line = whole.index(b"\n") + 1
        for end in (0, 1, line - 1, line, line + 1, 2 * line + 5, len(whole)):
            file.write_bytes(whole[:end])
            assert export_to(own_server.address, tube, str(file), resume=True)[0] == OK
            assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ids
        client.delete(ids[0])
        ids.append(client.put("new"))
        said = f"exported 1 more job of {tube}; the file has 4"
        assert export_to(own_server.address, tube, str(file), resume=True) == (OK, said)
        assert [json.loads(line)["id"] for line in file.read_text().splitlines()] == ids


def test_an_export_of_another_server_is_not_continued(
    server: Beanstalkd, own_server: Beanstalkd, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use="other") as other:
        id = other.put("a")
    file.write_text(f'{{"id": {id}, "tube": "emails", "body": "b", "age": 5}}\n')
    before = file.read_bytes()
    code, said = export_to(own_server.address, "other", str(file), resume=True)
    assert (code, file.read_bytes()) == (USAGE, before)
    assert f"the file has another job {id}" in said
    for text in ("a,b\n", "a,b", '{"a": 1}'):
        file.write_text(text)
        code, said = export_to(own_server.address, "other", str(file), resume=True)
        assert (code, file.read_text()) == (USAGE, text)
        assert "line 1 of the file is not of an export" in said


def test_a_job_that_was_put_after_the_export_is_another_one(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use="emails") as client:
        id = client.put("a")
    members = f'"tube": "emails", "body": "b", "age": 0, "put_at": {time.time() - 60:.0f}'
    file.write_text(f'{{"id": {id}, {members}}}\n')
    code, said = export_to(own_server.address, "emails", str(file), resume=True)
    assert (code, f"the file has another job {id}" in said) == (USAGE, True)


def test_the_time_of_a_file_does_not_matter(own_server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use="emails") as client:
        client.put("a")
        for at in (time.time(), 0.0, time.time() + 3600):
            said = export_to(own_server.address, "emails", str(file), resume=True)[1]
            os.utime(file, (at, at))
    assert said == "exported 0 more jobs of emails; the file has 1"
    assert abs(json.loads(file.read_text())["put_at"] - time.time()) < 60


def test_only_a_file_that_the_export_made_is_removed(server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.touch()
    link = tmp_path / "link"
    link.symlink_to(file)
    for name in (file, link):
        assert export_to(server.address, "no-such-tube", str(name), resume=True)[0] == USAGE
    assert (file.exists(), link.is_symlink()) == (True, True)


def test_a_file_that_was_removed_meanwhile_is_told(tmp_path: Path) -> None:
    for replacement in ("", "another one"):
        file = tmp_path / "jobs.jsonl"
        going_on = continued(str(file))
        going_on.__enter__().file.write(b"line\n")
        file.unlink()
        if replacement:
            file.write_text(replacement)
        with pytest.raises(OSError, match="removed or replaced"):
            going_on.__exit__(None, None, None)
        assert file.exists() == bool(replacement)


def test_a_file_that_is_refused_keeps_its_last_line(own_server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use="other") as client:
        id = client.put("a")
    text = f'{{"id": {id}, "tube": "emails", "body": "b"}}\n{{"id": 7, "tu'
    file.write_text(text)
    assert export_to(own_server.address, "other", str(file), resume=True)[0] == USAGE
    assert file.read_text() == text


def test_two_exports_do_not_write_to_one_file(server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    with continued(str(file)):
        code, said = export_to(server.address, "default", str(file), resume=True)
    assert (code, said) == (USAGE, "cannot export: another export is writing to the file")


def test_a_masked_job_is_not_unmasked_by_going_on(own_server: Beanstalkd, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use="emails") as client:
        id = client.put('{"password": "hunter2"}')
    masked = Reading(mask=read_mask(["password"]))
    for expected in (INCOMPLETE, OK):
        code, _ = export_to(own_server.address, "emails", str(file), lambda _: masked, resume=True)
        assert code == expected
    code, said = export_to(own_server.address, "emails", str(file), resume=True)
    assert code == USAGE
    assert f"job {id} is masked in the file: export to another file to unmask it" in said


def test_what_was_written_stays_if_an_export_is_to_be_resumed(
    own_server: Beanstalkd, tube: str, tmp_path: Path
) -> None:
    file = tmp_path / "jobs.jsonl"
    with own_server.client(use=tube) as client:
        client.put("a")
        assert export_to(own_server.address, tube, str(file), resume=True)[0] == OK
    before = file.read_bytes()
    code, _ = export_to(own_server.address, "nobody", f"{file}.new", resume=True)
    assert (code, os.path.exists(f"{file}.new")) == (USAGE, False)
    own_server.stop()
    code, said = export_to(own_server.address, tube, str(file), resume=True)
    assert (code, file.read_bytes()) == (NO_CONNECTION, before)
    assert said.endswith("; what was written stays, and --resume goes on")
    code, said = export_to(own_server.address, tube, f"{file}.new", resume=True)
    assert (code, said.endswith("; nothing was written yet")) == (NO_CONNECTION, True)


@pytest.mark.long
def test_a_pattern_masks_each_tube_as_configured(own_server: Beanstalkd, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[mask]\n"mail-a" = ["secret"]\n')
    file = tmp_path / "jobs.jsonl"
    with own_server.client() as client:
        for name in ("mail-a", "mail-b"):
            client.use(name)
            client.put('{"secret": "hush"}')
    address = format_address(own_server.address)
    assert main(["export", "mail-*", str(file), "--config", str(config), address]) == INCOMPLETE
    masked, shown = file.read_text().splitlines()
    assert ("hush" in masked, "hush" in shown) == (False, True)
    before = file.read_text()
    again = ["export", "mail-*", str(file), "--resume", "--config", str(config), address]
    assert (main(again), file.read_text()) == (OK, before)


UNKNOWN = [
    ("state: odd\npri: 5\nttr: 60\ntime-left: 0\n", "state"),
    ("pri: 5\nttr: 60\ntime-left: 0\n", "state"),
    ("state: ready\npri: -5\nttr: 60\ntime-left: 0\n", "priority"),
    (f"state: ready\npri: 5\nttr: {10**30}\ntime-left: 0\n", "ttr"),
    ("state: delayed\npri: 5\nttr: 60\ntime-left: x\n", "delay"),
]


@pytest.mark.parametrize(("stats", "key"), UNKNOWN)
def test_a_job_that_could_not_be_put_as_it_is_is_left_out_and_that_is_said(
    stats: str, key: str, tmp_path: Path
) -> None:
    replies = {
        "stats": body("---\nuptime: 9\n"),
        "list-tubes": body("---\n- a\n"),
        "stats-tube a": body("---\ncurrent-jobs-ready: 2\n"),
        "peek-ready": b"FOUND 2 1\r\ny\r\n",
        "stats-job 1": body(f"---\nid: 1\ntube: a\n{stats}"),
        "stats-job 2": body("---\nid: 2\ntube: a\nstate: ready\npri: 7\nttr: 9\nage: 3\n"),
        "peek 2": b"FOUND 2 1\r\ny\r\n",
    }

    def answer(line: str) -> bytes:
        if line.startswith("use "):
            return line.replace("use", "USING").encode() + b"\r\n"
        return replies.get(line, b"NOT_FOUND\r\n")

    file = tmp_path / "jobs"
    with peer(answer) as other:
        code, said = export_to(other.address, "a", str(file))
    assert (code, said) == (
        INCOMPLETE,
        f"exported only 1 job of a, and left out 1 job with an unknown {key}",
    )
    (line,) = file.read_text().splitlines()
    members = json.loads(line)
    assert abs(members.pop("put_at") + 3 - time.time()) < 60
    assert members == {
        "id": 2, "tube": "a", "state": "ready", "priority": 7, "delay": 0, "ttr": 9, "age": 3,
        "body": "y",
    }  # fmt: skip
