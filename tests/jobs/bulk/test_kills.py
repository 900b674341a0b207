"""The program is killed in the middle of an action."""

import subprocess
import sys

import pytest

from tests.jobs.bulk.kills import ACTIONS


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
def test_no_job_is_lost_or_doubled_or_left_parked_when_the_program_is_killed(action: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.jobs.bulk.kills", "3", "-", action],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert told.returncode == 0, told.stderr[-2000:]
    assert "0 jobs lost, 0 twice, 0 parked in the end" in told.stdout
