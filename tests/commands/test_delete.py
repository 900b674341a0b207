"""`beantop delete`: which jobs are chosen, and how much a command line must agree to."""

import pytest

from beantop.exit_codes import INCOMPLETE, OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import UNCHANGED, Shell, emails


def test_only_the_jobs_in_the_state_are_deleted(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs, emails(server, f"{tube}-other") as others:
        ran = shell("delete", tube, "--state", "buried", "--yes")
        assert (ran.code, ran.out) == (OK, "")
        assert ran.said == f"Deleted 3 buried jobs of {tube}. beantop undo puts them back."
        assert jobs.counts == {"ready": 2, "reserved": 1, "delayed": 1}
        assert others.counts == UNCHANGED


@pytest.mark.long
def test_the_filter_reads_numbers_and_bodies(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ran = shell("delete", tube, "--filter", "n >= 2 and state = buried", "--json")
        assert (ran.code, ran.tally["done"], ran.tally["tube"]) == (OK, 1, tube)
        assert shell("delete", tube, "--filter", "class = Send*", "--yes").code == OK
        assert jobs.counts == {"reserved": 1, "delayed": 1}


@pytest.mark.long
def test_more_than_one_job_takes_yes(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ran = shell("delete", tube, "--state", "buried")
        assert ran.code == USAGE
        assert ran.said.endswith("Nothing was changed: add --yes, or --yes-to 3.")
        assert shell("delete", tube, "--state", "buried", "--yes-to", "2").code == USAGE
        assert jobs.counts == UNCHANGED
        assert shell("delete", tube, "--state", "buried", "--yes-to", "3").code == OK
        assert jobs.counts == {"ready": 2, "reserved": 1, "delayed": 1}


def test_one_job_by_its_id_takes_no_yes(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ran = shell("delete", "--job", str(jobs.delayed))
        assert ran.code == OK
        assert ran.said == f"Deleted job {jobs.delayed}. beantop undo puts it back."
        assert jobs.counts == {"ready": 2, "reserved": 1, "buried": 3}


@pytest.mark.long
def test_the_first_jobs_are_those_with_the_lowest_ids(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs:
        ran = shell("delete", tube, "--state", "buried", "--count", "2", "--dry-run", "--json")
        assert ran.tally["ids"] == jobs.buried[:2]
        assert shell("delete", tube, "--state", "buried", "--count", "2", "--yes").code == OK
        assert jobs.client.peek_buried().id == jobs.buried[2]


def test_a_dry_run_prints_the_jobs_and_changes_nothing(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs:
        before = server.stats()
        ran = shell("delete", tube, "--filter", "age >= 0", "--dry-run")
        first, heading, *rows = ran.out.splitlines()
        assert first == f"Would delete 6 of 7 jobs of {tube}: 1 is reserved by a worker."
        assert heading.split() == ["ID", "TUBE", "STATE"]
        assert [row.split()[0] for row in rows] == [
            str(id) for id in sorted([*jobs.buried, *jobs.ready, jobs.delayed])
        ]
        assert ran.code == INCOMPLETE
        assert jobs.counts == UNCHANGED
        after = server.stats()
        for command in ("put", "delete", "bury", "release", "kick", "reserve"):
            assert after[f"cmd-{command}"] == before[f"cmd-{command}"]  # type: ignore[literal-required]


def test_a_job_that_a_worker_has_is_left_to_it(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ran = shell("delete", "--job", str(jobs.reserved), "--json")
        assert ran.code == INCOMPLETE
        assert (ran.tally["held"], ran.tally["done"], ran.tally["total"]) == (1, 0, 1)
        assert ran.said.startswith(f"Job {jobs.reserved} is reserved by a worker")
        jobs.client.delete(jobs.reserved)  # it is still the worker's


def test_jobs_that_are_gone_are_told(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ids = f"{jobs.buried[0]},999999999"
        ran = shell("delete", "--job", ids, "--job", str(jobs.reserved), "--yes", "--json")
        assert ran.code == INCOMPLETE
        assert [ran.tally[key] for key in ("total", "done", "gone", "held")] == [3, 1, 1, 1]
        ran = shell("delete", "--job", "999999999", "--yes")
        assert (ran.code, ran.said) == (USAGE, "There is no job 999999999.")


def test_a_tube_without_such_jobs_is_no_failure(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with server.client(use=tube):
        ran = shell("delete", tube, "--state", "buried", "--yes", "--json")
        assert (ran.code, ran.tally["total"]) == (OK, 0)
        assert ran.said == "No job matches: nothing was changed."


def test_a_misspelled_tube_is_not_created(server: Beanstalkd, shell: Shell) -> None:
    assert shell("delete", "emials", "--state", "buried", "--yes").code == USAGE
    assert "emials" not in server.tubes()


@pytest.mark.parametrize(
    "arguments",
    [
        ["emails"],
        ["emails", "--state", "lost"],
        ["emails", "--filter", ""],
        ["emails", "--filter", "age >"],
        ["emails", "--state", "buried", "--yes", "--yes-to", "3"],
        ["emails", "--state", "buried", "--count", "0"],
        ["emails", "--job", "seven"],
        ["--job", "7", "--state", "buried"],
        [],
    ],
)
def test_what_is_not_clear_is_not_done(
    arguments: list[str], shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = shell("delete", *arguments).code
    except SystemExit as end:  # as argparse has it
        code = int(str(end.code))
    assert code == USAGE
