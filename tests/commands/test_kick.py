"""`beantop kick`: of a tube, of chosen jobs, with care."""

import threading

import pytest

from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.commands.changing import UNCHANGED, Shell, emails, job_of
from tests.jobs.acting import put_buried


def test_the_server_kicks_the_first_buried_jobs(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with emails(server, tube) as jobs:
        assert shell("kick", tube, "--count", "2").code == USAGE
        dry = shell("kick", tube, "--count", "2", "--dry-run", "--json")
        assert (dry.tally["jobs"], dry.tally["dry_run"], jobs.counts) == (2, True, UNCHANGED)
        ran = shell("kick", tube, "--count", "2", "--yes", "--json")
        assert (ran.code, ran.tally["jobs"]) == (OK, 2)
        assert {key: dry.tally[key] for key in ran.tally} == ran.tally
        assert jobs.counts == {"ready": 4, "reserved": 1, "delayed": 1, "buried": 1}
        assert shell("kick", tube).code == OK  # the only one that is left
        assert shell("kick", tube, "--yes").said == f"Kicked 1 delayed job in tube {tube}."
        assert jobs.counts == {"ready": 6, "reserved": 1}
        ran = shell("kick", tube, "--yes")
        nothing = f"Nothing to kick in {tube}: no job is buried or delayed."
        assert (ran.code, ran.said) == (OK, nothing)


def test_chosen_jobs_are_kicked_by_their_ids(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ran = shell("kick", tube, "--state", "buried", "--filter", "n = 1")
        assert (ran.code, ran.said) == (OK, f"Kicked job {jobs.buried[1]} to ready.")
        ran = shell("kick", "--job", str(jobs.ready[0]), "--json")
        assert (ran.code, ran.tally["failed"]) == (INCOMPLETE, {"already": 1})
        assert shell("kick", "--job", f"{jobs.delayed}").code == OK
        assert shell("kick", "--job", f"{jobs.reserved}").code == INCOMPLETE
        assert jobs.counts == {"ready": 4, "reserved": 1, "buried": 2}


@pytest.mark.long
def test_a_careful_kick_goes_on_once_workers_finish_the_first(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    with server.client(use=tube, watch=tube) as client, server.client(watch=tube) as worker:
        client.ignore("default")
        for number in range(14):
            put_buried(client, job_of(number))
        ended = threading.Event()

        def work() -> None:
            for _ in range(14):
                worker.delete(worker.reserve())
            ended.set()

        threading.Thread(target=work, daemon=True).start()
        assert shell("kick", tube, "--careful").code == USAGE
        ran = shell("kick", tube, "--careful", "--rate", "1000/s", "--yes")
        assert ran.code == OK, ran.said
        assert ran.said.startswith(f"Kicked 14 buried jobs of {tube} to ready, carefully.")
        assert "U" not in ran.said
        assert ended.wait(10)


def test_a_server_that_is_not_there_is_told(server: Beanstalkd, tube: str, shell: Shell) -> None:
    for arguments in (["kick", tube, "--yes"], ["kick", "--job", "1"]):
        shell.address = "127.0.0.1:1"
        ran = shell(*arguments)
        assert ran.code == NO_CONNECTION
        assert ran.said.startswith("cannot kick on 127.0.0.1:1: ")
