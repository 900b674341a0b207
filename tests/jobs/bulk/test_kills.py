"""The program is killed in the middle of an action."""

import subprocess
import sys


def test_no_job_is_lost_when_the_program_is_killed() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.jobs.bulk.kills", "6"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.count("0 jobs lost") == 2
