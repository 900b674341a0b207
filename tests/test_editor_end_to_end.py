"""`E` and `N`: a job is changed, or made, in the user's editor, in a real terminal."""

import re
import signal
import stat
from pathlib import Path

import pytest

from beantop.app.dialogs.dialog import INPUT_GUARD_SECONDS
from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in
from tests.terminal import Terminal, configure
from tests.variants import rest_is_slow


@pytest.fixture(autouse=True)
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the drafts."""
    directory = tmp_path / "drafts"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    return directory


def texts_in(drafts: Path) -> list[Path]:
    return sorted(drafts.glob("beantop-*/job.txt"))


def editor(directory: Path, script: str) -> str:
    """The path of a program that does this to the file `$1`."""
    path = directory / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def at_the_tubes(server: Beanstalkd, editor: str) -> Terminal:
    terminal = Terminal(
        format_address(server.address), "-i", "0.5", VISUAL=editor, EDITOR="/no/such"
    )
    terminal.until("emails")
    terminal.press("/", "emails", "\r")
    terminal.until("filter: emails", "enter Open")  # the line is left: the next key is not for it
    return terminal


def at_the_tube(server: Beanstalkd, editor: str) -> Terminal:
    terminal = at_the_tubes(server, editor)
    terminal.press("\r")
    terminal.until("› emails", "hello")
    return terminal


@pytest.mark.long
def test_a_job_is_edited_and_keeps_its_place(
    own_server: Beanstalkd, tmp_path: Path, drafts: Path
) -> None:
    script = 'sed -i "s/hello/good bye/; s/^priority: .*/priority: 3/" "$1"'
    with own_server.client(use="emails") as client:
        old = client.put("hello", delay=1000, ttr=77)
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("E")
            # The question comes in pieces, and says what the new job is and what the old one was.
            question = terminal.until("Replace job", "good bye", "was 5 B", "- hello", "ttr")
            terminal.answer(f"Replace job {old}?", "y")
            terminal.until(f"Replaced job {old}: now job ", "good bye")
        lines = re.sub(" +", " ", question)
        for line in ("priority 3 was 65536", "body 8 B was 5 B", "- hello", "+ good bye"):
            assert f"│ {line} │" in lines
        assert "│ ttr 1m17s │" in lines
        assert texts_in(drafts) == []
        assert jobs_in(client, "emails") == {"delayed": 1}
        job = client.peek_delayed()
        stats = client.stats_job(job)
    assert job.body == "good bye"
    assert (stats["pri"], stats["ttr"]) == (3, 77)
    assert 900 < stats["time-left"] <= 1000


@pytest.mark.long
def test_a_job_whose_body_was_not_fetched_is_fetched_to_be_edited(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    script = 'sed -i "s/hello 98/good bye/" "$1"'
    with own_server.client(use="emails") as client:
        jobs = [client.put(f"hello {number}") for number in range(99)]
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("n")
            terminal.until("99 of 99 jobs found")
            terminal.press("f", "G")  # nothing more is looked at
            terminal.until("FROZEN", f"{jobs[-1]} ready")
            terminal.press("E")
            terminal.answer(f"Replace job {jobs[-1]}?", "y")
            terminal.until(f"Replaced job {jobs[-1]}: now job ")
        assert client.peek(jobs[-1] + 1).body == "good bye"


@pytest.mark.long
def test_what_was_edited_is_in_the_trash_as_it_was(own_server: Beanstalkd, tmp_path: Path) -> None:
    script = 'sed -i "s/hello/good bye/" "$1"'
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("E")
            terminal.answer("Replace job 1?", "y")
            terminal.until("Replaced job 1: now job ", "U puts")
            terminal.press("U")
            terminal.until("The replacement, job 2, stays: delete it, or both run.")
            terminal.answer("Put back 1 job?", "y")
            terminal.until("Put back 1 job")
        bodies = {client.peek(id).body for id in (2, 3)}
    assert bodies == {"good bye", "hello"}


@pytest.mark.long
def test_after_an_edit_the_new_job_is_on_the_screen(own_server: Beanstalkd, tmp_path: Path) -> None:
    script = 'sed -i "s/hello/good bye/" "$1"'
    with own_server.client(use="emails") as client:
        client.put("hello")
    with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
        terminal.press("\r")
        terminal.until("› job 1", "hello")
        terminal.press("E")
        terminal.answer("Replace job 1?", "y")
        terminal.until("› job 2", "good bye", "job 2 is ready")


@pytest.mark.long
def test_a_job_that_got_its_number_meanwhile_is_not_replaced(
    own_server: Beanstalkd, tmp_path: Path, drafts: Path
) -> None:
    script = f'sed -i "s/hello/good bye/" "$1"; echo it waits; until [ -e {tmp_path}/go ]; do sleep 0.1; done'
    with own_server.client(use="emails") as client:
        client.put("hello")
    with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
        terminal.press("E")
        terminal.until("it waits")
        own_server.stop()
        own_server.start()
        with own_server.client(use="emails") as client:
            assert client.put("another one") == 1
            (tmp_path / "go").touch()
            terminal.answer("Replace job 1?", "y")
            terminal.until(
                "Job 1 was"
            )  # left unchanged or replaced: it has another age, or another body
            assert client.peek(1).body == "another one"
    assert "good bye" in texts_in(drafts)[0].read_text()


@pytest.mark.long
@pytest.mark.parametrize(
    "script",
    rest_is_slow(
        'echo "a new one" >> "$1"',
        'sed -i "$ s/$/a new one/" "$1"',
        'sed -i "$ s/$/\\na new one/" "$1"',
    ),
    ids=["at the end", "G i", "G o"],
)
def test_a_new_job_is_written(own_server: Beanstalkd, tmp_path: Path, script: str) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("N")
            terminal.answer("Put this job?", "y")
            terminal.until("Put a job into emails: it is job ")
            terminal.press("U")
            terminal.until("Putting job 2 into emails cannot be undone: delete the")
        assert client.peek(2).body == "a new one"


@pytest.mark.long
def test_a_new_job_is_written_into_the_tube_under_the_cursor(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tubes(own_server, editor(tmp_path, 'echo "a new one" >> "$1"')) as terminal:
            terminal.press("N")
            terminal.answer("Put this job?", "y")
            terminal.until("Put a job into emails: it is job ")
        assert client.peek(2).body == "a new one"


@pytest.mark.long
def test_a_text_with_a_mistake_is_opened_again_only_on_request_and_kept(
    own_server: Beanstalkd, tmp_path: Path, drafts: Path
) -> None:
    script = 'echo >> "$0.runs"; sed -i "s/a/b/; s/hello/much work/" "$1"'
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("E")
            terminal.answer("The text cannot be read", "n")
            terminal.until("Nothing was changed.", "Your text is in")
        assert client.peek_ready().body == "hello"
    assert (tmp_path / "editor.runs").read_text() == "\n"
    (kept,) = texts_in(drafts)
    assert "much work" in kept.read_text()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (kept, kept.parent)]
    assert modes == [0o600, 0o700]


@pytest.mark.long
@pytest.mark.parametrize(
    ("script", "number"),
    rest_is_slow(
        ("exec sleep 99", signal.SIGHUP),
        ('trap "" TERM; while :; do sleep 1; done', signal.SIGTERM),
    ),
)
def test_whoever_ends_the_program_ends_the_editor_too(
    own_server: Beanstalkd, tmp_path: Path, drafts: Path, script: str, number: signal.Signals
) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
    raw = f"stty raw; {script}" if "exec" not in script else script
    with at_the_tube(own_server, editor(tmp_path, f"echo it sleeps; {raw}")) as terminal:
        terminal.press("E")
        terminal.until("it sleeps")
        terminal.send_signal(number)
        assert terminal.wait() == 128 + number
        assert terminal.modes == terminal.modes_before
    assert texts_in(drafts) == []


@pytest.mark.long
def test_a_signal_ends_the_program_though_the_text_has_a_mistake(
    own_server: Beanstalkd, tmp_path: Path, drafts: Path
) -> None:
    script = 'sed -i "s/^ttr: .*/ttr: soon/" "$1"; trap "" TERM; kill -TERM $PPID'
    with own_server.client(use="emails") as client:
        client.put("hello")
    with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
        terminal.press("E")
        assert terminal.wait() == 128 + signal.SIGTERM
    assert "ttr: soon" in texts_in(drafts)[0].read_text()


@pytest.mark.long
def test_an_editor_that_is_not_there_is_told(own_server: Beanstalkd) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, "/no/such") as terminal:
            terminal.press("E")
            terminal.until("/no/such failed")


@pytest.mark.long
def test_a_mistake_is_told_in_the_editor_and_the_text_stays(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    script = """
if grep -q "Please correct" "$1"; then sed -i "s/^ttr: .*/ttr: 99/" "$1"
else sed -i "s/^ttr: .*/ttr: soon/; s/hello/much work/" "$1"; fi"""
    with own_server.client(use="emails") as client:
        old = client.put("hello")
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("E")
            terminal.answer("The text cannot be read", "y")
            terminal.answer(f"Replace job {old}?", "y")
            terminal.until(f"Replaced job {old}: now job ")
        job = client.peek_ready()
        assert (job.body, client.stats_job(job)["ttr"]) == ("much work", 99)


@pytest.mark.long
def test_an_editor_that_fails_changes_nothing(own_server: Beanstalkd, tmp_path: Path) -> None:
    script = editor(tmp_path, 'sed -i "s/hello/broken/" "$1"; exit 3')
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, script) as terminal:
            terminal.press("E")
            terminal.until("Nothing was changed:", "code", "3.")  # the toast may break the line
        assert client.peek_ready().body == "hello"


@pytest.mark.long
def test_a_wrong_answer_stays_in_the_question_of_a_production_server(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    port = own_server.address[1]
    configure(
        tmp_path, f'[[server]]\nname = "prod"\naddress = "127.0.0.1:{port}"\nproduction = true\n'
    )
    program = editor(tmp_path, 'sed -i "s/hello/good bye/" "$1"')
    with own_server.client(use="emails") as client:
        client.put("hello")
        with Terminal("prod", home=tmp_path, VISUAL=program) as terminal:
            terminal.until("emails")
            terminal.press("/", "emails", "\r")
            terminal.until("filter: emails", "enter Open")
            terminal.press("\r")
            terminal.until("› emails", "hello")
            terminal.press("E")
            for wrong in ("y", "2"):
                terminal.until("Replace job", "type 1 to confirm")
                terminal.press(wrong)
                terminal.until("Replace job", without="type 1 to confirm")
                terminal.read(INPUT_GUARD_SECONDS)
                terminal.press("\r")
                terminal.until("Type 1 to confirm.")
                terminal.press("\x7f")
            terminal.until("Replace job", "type 1 to confirm")
            terminal.press("1", "\r")
            terminal.until("Replaced job")
        assert client.peek_ready().body == "good bye"
