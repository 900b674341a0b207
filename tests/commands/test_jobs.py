"""`beantop jobs`: what is printed of the jobs of a tube."""

import base64
import csv
import gzip
import io
import json
import math
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from beantop.app.view.job_filter import JobFilter
from beantop.beanstalk import Client, Job, format_address
from beantop.cli import main
from beantop.commands import followed
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from beantop.jobs.bodies.reading import AS_RECOGNIZED
from beantop.jobs.job_info import listed as job_info
from tests.beanstalkd import PATIENCE, Beanstalkd
from tests.monitor.peer import HANG_UP, peer, server_of

NOBODY = "127.0.0.1:1"

Run = Callable[..., list[dict[str, object]]]


@pytest.fixture
def address(server: Beanstalkd) -> str:
    return format_address(server.address)


@pytest.fixture
def emails(server: Beanstalkd, tube: str) -> Iterator[Client[str]]:
    """Six jobs: two are buried, two ready, one reserved and one delayed."""
    with server.client(use=tube, watch=tube) as client:
        client.ignore("default")
        for number in range(5):
            client.put(json.dumps({"class": "SendMail", "args": [{"to": number}]}), ttr=300)
        for _ in range(2):
            client.bury(client.reserve())
        client.reserve()
        client.put("hello", delay=500)
        yield client


@pytest.fixture
def listed(address: str, tube: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command, and return the objects that it prints."""

    def run(*options: str) -> list[dict[str, object]]:
        assert main(["jobs", tube, "--json", *options, address]) == OK
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_each_number_stands_under_its_own_name(
    emails: Client[str], listed: Run, tube: str, address: str
) -> None:
    rows = listed()
    assert [row["state"] for row in rows] == [
        "buried", "buried", "reserved", "ready", "ready", "delayed",
    ]  # fmt: skip
    for row in rows:
        stats = emails.stats_job(int(str(row["id"])))
        for key in ("tube", "delay", "ttr", "reserves", "timeouts", "releases", "buries", "kicks"):
            assert row[key] == stats[key]
        assert (row["server"], row["priority"]) == (address, stats["pri"])
    assert [row["class"] for row in rows] == 5 * ["SendMail"] + [None]
    assert [row["size"] for row in rows] == [42] * 5 + [5]
    left = [row["time_left"] for row in rows]
    assert left[:2] == left[3:5] == [None, None]
    assert 0 < int(str(left[2])) <= 300 < int(str(left[5])) <= 500


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        "class = Send*",
        "args.0.to > 2",
        "size < 10 or state = buried",
        "hello",
        "!hello",
        "buries > 0",
    ],
)
def test_the_filter_is_the_one_of_the_screen(emails: Client[str], listed: Run, text: str) -> None:
    chosen, kept = JobFilter(text), []
    match = chosen.matcher(lambda id: AS_RECOGNIZED)
    for row in listed():
        job = emails.peek(int(str(row["id"])))
        info = job_info(job.id, emails.stats_job(job.id), 0.0)
        passes = match(Job(job.id, job.body.encode()))
        if chosen.keeps(info, {job.id: passes} if passes else {}):
            kept.append(row["id"])
    assert 0 < len(kept) < 6
    assert [row["id"] for row in listed("--filter", text)] == kept


@pytest.mark.long
def test_a_state_and_a_limit_narrow_the_list(emails: Client[str], listed: Run) -> None:
    assert [row["state"] for row in listed("--state", "buried")] == ["buried", "buried"]
    assert [row["id"] for row in listed("--limit", "3")] == [row["id"] for row in listed()][:3]


@pytest.mark.long
def test_bodies_are_printed_as_an_export_has_them(
    server: Beanstalkd, tube: str, listed: Run
) -> None:
    with server.client(use=tube) as client:
        client.put("schön")
    with server.raw() as connection:
        connection.sendall(b"use %b\r\nput 0 0 60 2\r\n\xff\x00\r\n" % tube.encode())
        connection.recv(100)
        text, binary = listed("--bodies")
    assert text["body"] == "schön"
    assert "body_base64" not in text
    assert binary["body_base64"] == "/wA="
    assert "body" not in binary
    assert not {"body", "body_base64"} & set(listed()[0])


@pytest.mark.long
def test_groups_have_their_numbers_and_the_largest_comes_first(
    emails: Client[str], listed: Run, tube: str
) -> None:
    mails, others = listed("--group", "class")
    assert (mails["by"], mails["group"], mails["count"]) == ("class", "SendMail", 5)
    assert (mails["ready"], mails["buried"], mails["reserved"], mails["reserves"]) == (2, 2, 1, 3)
    assert (others["group"], others["count"], others["delayed"]) == (None, 1, 1)
    assert mails["share"] == pytest.approx(5 / 6, abs=1e-5)
    recipients = [row["group"] for row in listed("--group", "args.0.to", "--state", "buried")]
    assert recipients == ["0", "1"]


@pytest.mark.long
def test_the_table_is_aligned_and_says_when_there_are_none(
    emails: Client[str], address: str, tube: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", tube, address]) == OK
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split()[:4] == ["ID", "STATE", "PRI", "AGE"]
    assert {row.index("SendMail") for row in rows[:5]} == {heading.index("CLASS")}
    assert main(["jobs", tube, "--filter", "id = 0", address]) == OK
    assert capsys.readouterr() == ("", f"beantop: {tube} has no such jobs\n")
    assert main(["jobs", tube, "--limit", "2", address]) == OK
    assert capsys.readouterr().err == "beantop: 6 jobs were found; --limit left out 4\n"
    assert main(["jobs", tube, "--limit", "6", address]) == OK
    assert capsys.readouterr().err == ""
    assert main(["jobs", tube, "--group", "state", "--limit", "3", address]) == OK
    assert capsys.readouterr().err == "beantop: --limit left out 1 group\n"


@pytest.mark.long
def test_csv_has_headings_even_without_jobs(
    emails: Client[str], address: str, tube: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["jobs", tube, "--csv", "--state", "delayed", "--bodies", address])
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["state"], row["body"], row["body_base64"], row["class"]) == (
        "delayed", "hello", "", "",
    )  # fmt: skip
    main(["jobs", tube, "--csv", "--filter", "id = 0", address])
    assert capsys.readouterr().out.startswith("server,id,tube,state,")


def test_a_field_that_no_body_has_is_named(
    emails: Client[str], address: str, tube: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", tube, "--filter", "prioritty > 5", address]) == USAGE
    said = capsys.readouterr().err.splitlines()[0]
    assert said.endswith("has a field prioritty, did you mean priority?")


def test_bodies_that_do_not_decide_are_counted(
    server: Beanstalkd, tube: str, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    large = gzip.compress(b'{"to": "%b"}' % (b"a" * 300_000))
    with server.client(use=tube) as client:
        client.put(base64.b64encode(large).decode())
        client.put('{"to": "ada"}')
    assert main(["jobs", tube, "--filter", "to = a*", "--json", address]) == INCOMPLETE
    out, err = capsys.readouterr()
    assert [json.loads(line)["size"] for line in out.splitlines()] == [13]
    assert err == (
        f"beantop: {address}: 1 job of {tube} left out, whose bodies could be searched only in part\n"
    )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--filter", "age >"], "argument --filter: "),
        (["--filter", "/[a-/"], "argument --filter: "),
        (["--filter", " "], "argument --filter: it must not be empty"),
        (["--bodies"], "--bodies needs --json or --csv"),
        (["--group", "class", "--follow"], "--group cannot be used with"),
        (["--limit", "0"], "'0' is not a number of jobs such as 10"),
        (["--state", "dead"], "invalid choice: 'dead'"),
        (["--json", "--csv"], "not allowed with"),
    ],
)
def test_wrong_usage_is_one_sentence(
    options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["jobs", "emails", *options, NOBODY])
    except SystemExit as end:
        code = int(str(end.code))
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (USAGE, "", 1)
    assert why in err


def test_a_tube_that_does_not_exist_is_not_made(
    server: Beanstalkd, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", "no-such-tube", address]) == USAGE
    assert f"{address} has no tube no-such-tube (" in capsys.readouterr().err
    with server.client(use="bills-of-may"):
        assert main(["jobs", "bills-of-mai", address]) == USAGE
    assert capsys.readouterr().err.endswith(" (did you mean bills-of-may?)\n")
    with server.client() as client:
        assert "no-such-tube" not in client.tubes()


@pytest.mark.long
def test_of_two_servers_one_may_be_dead_or_without_the_tube(
    emails: Client[str], tube: str, address: str, own_server: Beanstalkd
) -> None:
    other = format_address(own_server.address)
    assert main(["jobs", tube, address, NOBODY]) == INCOMPLETE
    assert main(["jobs", tube, NOBODY]) == NO_CONNECTION
    assert main(["jobs", tube, address, other]) == OK
    assert main(["jobs", tube, other, NOBODY]) == NO_CONNECTION


def test_a_server_that_hangs_up_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    answers = server_of({"emails": "name: emails\ncurrent-jobs-ready: 1\n"})
    with peer(lambda line: HANG_UP if "stats-job" in line else answers(line)) as other:
        where = format_address(other.address)
        assert main(["jobs", "emails", where]) == NO_CONNECTION
    assert capsys.readouterr().err.startswith(f"beantop: cannot list emails of {where}: ")


@pytest.mark.parametrize("arguments", [["jobs", "emails"], ["export", "emails", "{}/jobs"]])
def test_a_server_that_does_not_count_its_jobs_is_not_taken_for_an_empty_one(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [argument.format(tmp_path) for argument in arguments]
    with peer(server_of({"emails": "name: emails\ncurrent-jobs-ready: -4\n"})) as other:
        assert main([*arguments, format_address(other.address)]) == NO_CONNECTION
    assert "the server did not report how many jobs it has" in capsys.readouterr().err


# New jobs as they come:


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-m", "beantop", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
    )


@contextmanager
def again_and_again(put: Callable[[], object]) -> Iterator[None]:
    """Put jobs during the block: nobody knows when a command begins to look."""
    stop = threading.Event()

    def keep_putting() -> None:
        while not stop.wait(0.01):
            put()

    thread = threading.Thread(target=keep_putting)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_new_jobs_are_printed_as_they_come_until_a_signal(
    number: signal.Signals, server: Beanstalkd, tube: str, address: str
) -> None:
    options = ["--follow", "--json", "--bodies", "--filter", "n > 0"]
    with server.client(use=tube) as client, start("jobs", tube, *options, address) as process:
        assert process.stdout
        assert process.stderr
        with again_and_again(lambda: (client.put('{"n": 1}'), client.put('{"n": 0}'))):
            lines = [process.stdout.readline()]
        process.send_signal(number)
        lines += process.stdout.readlines()
        said = process.stderr.read()
        assert process.wait(PATIENCE) == 128 + number
    printed = [json.loads(line) for line in lines]
    assert {(job["tube"], job["body"], job["state"]) for job in printed} == {
        (tube, '{"n": 1}', "ready")
    }
    assert said.startswith(f"beantop: {tube} of {address}: ")
    assert " new jobs in " in said


@pytest.mark.long
def test_following_goes_on_after_a_restart(own_server: Beanstalkd, tube: str) -> None:
    address = format_address(own_server.address)
    with start("jobs", tube, "--follow", "--json", address) as process:
        assert process.stdout
        assert process.stderr
        for _ in range(2):
            with own_server.client(use=tube) as client, again_and_again(partial(client.put, "")):
                assert json.loads(process.stdout.readline())["tube"] == tube
            own_server.stop()
            assert process.stderr.readline().startswith(f"beantop: {tube} of {address}: lost, ")
            own_server.start()
            assert process.stderr.readline().endswith(": connected again\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 128 + signal.SIGINT


@pytest.mark.long
def test_following_ends_when_nobody_reads(server: Beanstalkd, tube: str, address: str) -> None:
    with server.client(use=tube) as client, start("jobs", tube, "--follow", address) as process:
        assert process.stdout
        assert process.stderr
        with again_and_again(lambda: client.put("")):
            process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read()
        assert process.wait(PATIENCE) == OK
    assert " new jobs in " in said
    assert "Traceback" not in said


@pytest.mark.long
def test_it_says_how_many_were_missed(
    server: Beanstalkd,
    tube: str,
    address: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(followed, "MISSED_SECONDS", math.inf)
    with server.client(use=tube) as client:

        def put() -> None:
            client.delete(client.put("gone at once"))
            client.put("stays")

        with again_and_again(put):
            assert main(["jobs", tube, "--follow", "--limit", "20", address]) == OK
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1 + 20
    assert err.count(" missed so far\n") == 1  # it is not said at each poll
    assert " missed: gone before they were read, or too many\n" in err


def test_a_server_that_cannot_be_followed_from_the_start_ends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["jobs", "emails", "--follow", NOBODY]) == NO_CONNECTION
    assert capsys.readouterr().err == (
        f"beantop: cannot follow emails of {NOBODY}: connection refused\n"
    )


@pytest.mark.parametrize("arguments", [["jobs", "a"], ["job", "2"], ["export", "a", "{}/jobs"]])
def test_a_reply_about_another_job_ends_the_command(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tubes = server_of({"a": "name: a\ncurrent-jobs-ready: 1\n"})

    def answer(line: str) -> bytes | None:
        verb, _, id = line.partition(" ")
        if verb == "stats-job":
            stats = f"id: {int(id) + 1}\ntube: a\nstate: ready\n"
            return b"OK %d\r\n%b\r\n" % (len(stats), stats.encode())
        if verb in ("peek", "peek-ready"):
            return b"FOUND 2 1\r\nx\r\n" if verb == "peek-ready" else b"FOUND 3 1\r\nx\r\n"
        if verb == "use":
            return b"USING %b\r\n" % id.encode()
        return tubes(line) or b"NOT_FOUND\r\n"

    with peer(answer) as liar:
        given = [argument.format(tmp_path) for argument in arguments]
        assert main([*given, format_address(liar.address)]) == NO_CONNECTION
    assert "when asked for job" in capsys.readouterr().err


def test_a_field_to_group_by_that_no_body_has_is_named(
    server: Beanstalkd, address: str, tube: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with server.client(use=tube) as client:
        client.put('{"data": {"user_id": 7}}')
    assert main(["jobs", tube, "--group", "user_id", address]) == OK
    said = capsys.readouterr().err
    assert said == "beantop: none of the bodies has a field user_id, did you mean data.user_id?\n"
    assert main(["jobs", tube, "--group", "data.user_id", address]) == OK
    assert capsys.readouterr().err == ""
    assert main(["jobs", tube, "--group", "none", "--state", "buried", address]) == OK
    assert "has no such jobs" in capsys.readouterr().err
