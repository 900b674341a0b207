"""`E` and `N`: a job is changed, or made, in the user's editor, in a real terminal."""

from pathlib import Path

from beantop.beanstalk import format_address
from tests.beanstalkd import Beanstalkd
from tests.jobs.acting import jobs_in
from tests.terminal import Terminal


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
    terminal.until("› emails")
    return terminal


def at_the_tube(server: Beanstalkd, editor: str) -> Terminal:
    terminal = at_the_tubes(server, editor)
    terminal.press("\r")
    terminal.until("› emails", "hello")
    return terminal


def test_a_job_is_edited_and_keeps_its_place(own_server: Beanstalkd, tmp_path: Path) -> None:
    script = 'sed -i "s/hello/good bye/; s/^priority: .*/priority: 3/" "$1"'
    with own_server.client(use="emails") as client:
        old = client.put("hello", delay=1000, ttr=77)
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("E")
            terminal.answer(f"Replace job {old}?", "y")
            terminal.until(f"Replaced job {old}.", "good bye")
        assert jobs_in(client, "emails") == {"delayed": 1}
        job = client.peek_delayed()
        stats = client.stats_job(job)
    assert job.body == "good bye"
    assert (stats["pri"], stats["ttr"]) == (3, 77)
    assert 900 < stats["time-left"] <= 1000


def test_a_new_job_is_written(own_server: Beanstalkd, tmp_path: Path) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, editor(tmp_path, 'echo "a new one" >> "$1"')) as terminal:
            terminal.press("N")
            terminal.answer("Put this job?", "y")
            terminal.until("Put a job into emails.")
        assert client.peek(2).body == "a new one"


def test_a_new_job_is_written_into_the_tube_under_the_cursor(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tubes(own_server, editor(tmp_path, 'echo "a new one" >> "$1"')) as terminal:
            terminal.press("N")
            terminal.answer("Put this job?", "y")
            terminal.until("Put a job into emails.")
        assert client.peek(2).body == "a new one"


def test_what_the_editor_breaks_changes_nothing(own_server: Beanstalkd, tmp_path: Path) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        script = editor(tmp_path, 'sed -i "s/^ttr: .*/ttr: soon/" "$1"')
        with at_the_tube(own_server, script) as terminal:
            terminal.press("E")
            terminal.until("Nothing was changed:", "soon")
        assert client.peek_ready().body == "hello"


def test_an_editor_that_is_not_there_is_told(own_server: Beanstalkd) -> None:
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, "/no/such") as terminal:
            terminal.press("E")
            terminal.until("/no/such could not be run")


def test_a_mistake_is_told_in_the_editor_and_the_text_stays(
    own_server: Beanstalkd, tmp_path: Path
) -> None:
    script = """
if grep -q "mend it" "$1"; then sed -i "s/^ttr: .*/ttr: 99/" "$1"
else sed -i "s/^ttr: .*/ttr: soon/; s/hello/much work/" "$1"; fi"""
    with own_server.client(use="emails") as client:
        old = client.put("hello")
        with at_the_tube(own_server, editor(tmp_path, script)) as terminal:
            terminal.press("E")
            terminal.answer(f"Replace job {old}?", "y")
            terminal.until("much work")
        job = client.peek_ready()
        assert (job.body, client.stats_job(job)["ttr"]) == ("much work", 99)


def test_an_editor_that_fails_changes_nothing(own_server: Beanstalkd, tmp_path: Path) -> None:
    script = editor(tmp_path, 'sed -i "s/hello/broken/" "$1"; exit 3')
    with own_server.client(use="emails") as client:
        client.put("hello")
        with at_the_tube(own_server, script) as terminal:
            terminal.press("E")
            terminal.until("Nothing was changed:", "code", "3.")  # the toast may break the line
        assert client.peek_ready().body == "hello"
