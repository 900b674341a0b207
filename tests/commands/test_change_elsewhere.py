"""`beantop bury`, `move`, `copy` and `set`: what becomes of the jobs."""

from contextlib import ExitStack

import pytest

from beantop.beanstalk import format_address
from beantop.exit_codes import INCOMPLETE, NO_CONNECTION, OK, USAGE
from tests.beanstalkd import Beanstalkd
from tests.bench.relay import relayed
from tests.commands.changing import UNCHANGED, Shell, emails
from tests.jobs.acting import jobs_in, look


def test_ready_jobs_are_buried(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        ran = shell("bury", tube, "--state", "ready", "--yes")
        assert (ran.code, ran.said) == (OK, f"Buried 2 ready jobs of {tube}.")
        assert jobs.counts == {"reserved": 1, "delayed": 1, "buried": 5}
        ran = shell("bury", "--job", str(jobs.buried[0]))
        assert (ran.code, ran.said) == (INCOMPLETE, f"Job {jobs.buried[0]} is already buried.")


@pytest.mark.long
def test_a_move_keeps_the_state(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        to = f"{tube}-failed"
        ran = shell("move", tube, to, "--state", "buried", "--yes")
        assert ran.code == USAGE
        assert f"There is no tube {to}." in ran.said
        assert "Nothing was changed: add --create." in ran.said
        ran = shell("move", tube, to, "--state", "buried", "--dry-run")
        assert (ran.code, ran.out) == (USAGE, "")
        missing = f"There is no tube {to}. Nothing would be changed: add --create."
        assert ran.said == missing
        ran = shell("move", tube, to, "--state", "buried", "--create")
        assert (ran.code, ran.said.partition("?")[0]) == (USAGE, f"Move 3 buried jobs to {to}")
        dry = shell("move", tube, to, "--state", "buried", "--create", "--dry-run", "--json")
        assert (dry.code, dry.tally["ids"]) == (OK, jobs.buried)
        assert (jobs.counts, to in jobs.client.tubes()) == (UNCHANGED, False)
        ran = shell("move", tube, to, "--state", "buried", "--create", "--yes", "--json")
        assert (ran.code, ran.tally["done"]) == (OK, 3)
        assert jobs_in(jobs.client, to) == {"buried": 3}
        assert jobs.client.peek(ran.tally["new_ids"][0]).body.startswith("{")  # type: ignore[index]
        assert jobs.counts == {"ready": 2, "reserved": 1, "delayed": 1}


def test_a_job_is_moved_to_another_server(
    server: Beanstalkd, own_server: Beanstalkd, tube: str, shell: Shell
) -> None:
    there = format_address(own_server.address)
    with emails(server, tube) as jobs, own_server.client(use=tube) as other:
        assert shell("move", "--job", str(jobs.delayed), f"{there}:{tube}").code == OK
        assert jobs_in(other, tube) == {"delayed": 1}
        assert jobs.counts == {"ready": 2, "reserved": 1, "buried": 3}
        own_server.stop()
        ran = shell("move", "--job", str(jobs.ready[0]), f"{there}:{tube}")
        assert (ran.code, jobs.counts["ready"]) == (NO_CONNECTION, 2)
        assert ran.said == f"cannot move to {there}: connection refused"


def test_jobs_are_not_moved_to_where_they_are(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs, ExitStack() as stack:
        tunnel = format_address(relayed(server.address[1], stack))  # type: ignore[arg-type]  # TCP
        for options in (["--yes"], ["--dry-run"]):
            ran = shell("move", tube, tube, "--state", "buried", *options)
            assert (ran.code, ran.said) == (USAGE, f"the jobs of {tube} are already there")
        ran = shell("move", tube, f"{tunnel}:{tube}", "--state", "buried", "--yes")
        assert (ran.code, ran.said) == (USAGE, f"All 3 jobs are already in {tube}.")
        ran = shell("move", "--job", f"{jobs.ready[0]}", tube)
        assert (ran.code, ran.said) == (USAGE, f"Job {jobs.ready[0]} is already in {tube}.")
        for id in (*jobs.buried, *jobs.ready):
            assert look(server.address, id).stats["tube"] == tube
        assert jobs.counts == UNCHANGED
        copy = shell("copy", "--job", f"{jobs.ready[0]}", tube)
        assert (copy.code, jobs.counts["ready"]) == (OK, 3)


def test_a_copy_leaves_the_jobs_and_takes_reserved_ones(
    server: Beanstalkd, tube: str, shell: Shell
) -> None:
    to = f"{tube}-copy"
    with emails(server, tube) as jobs:
        ran = shell("copy", tube, to, "--filter", "age >= 0", "--yes", "--create")
        assert ran.code == OK, ran.said
        assert jobs_in(jobs.client, to) == {"ready": 3, "delayed": 1, "buried": 3}
        assert jobs.counts == UNCHANGED
        ran = shell("copy", "--job", str(jobs.ready[0]), "a b")
        assert (ran.code, jobs.counts) == (USAGE, UNCHANGED)


def test_priority_and_delay_are_set(server: Beanstalkd, tube: str, shell: Shell) -> None:
    with emails(server, tube) as jobs:
        id = jobs.ready[0]
        ran = shell("set", str(id), "--priority", "5", "--delay", "10m")
        assert (ran.code, ran.said) == (
            OK,
            f"Changed job {id} to priority 5, delay 10m0s.",
        )
        job = look(server.address, id)
        assert (job.stats["pri"], job.stats["delay"], job.state) == (5, 600, "delayed")
        assert shell("set", str(id), "--delay", "0").code == OK
        assert look(server.address, id).state == "ready"
        several = ",".join(map(str, jobs.ready[:2]))
        assert shell("set", several, "--priority", "3", "--yes-to", "2").code == OK
        assert [look(server.address, id).stats["pri"] for id in jobs.ready[:2]] == [3, 3]
        assert shell("set", str(jobs.reserved), "--priority", "1").code == INCOMPLETE
        assert shell("set", tube, "--state", "buried", "--priority", "7", "--yes").code == OK
        assert look(server.address, jobs.buried[2]).stats["pri"] == 7
        dry = shell("set", f"{jobs.buried[0]}", "--delay", "1m", "--dry-run")
        ran = shell("set", f"{jobs.buried[0]}", "--delay", "1m")
        assert (dry.code, ran.code) == (INCOMPLETE, INCOMPLETE)
        assert "buried: kick first, then delay" in dry.out
        assert "buried: kick first, then delay" in ran.said
        assert shell("set", str(id)).code == USAGE
        assert jobs.counts == UNCHANGED
