"""Two minutes of bad days; half an hour by hand: `python -m tests.soak 30`."""

import os

import pytest

from tests.soak import BACK_WITHIN, soak

SECONDS = 60 * float(os.environ.get("BEANTOP_SOAK_MINUTES", "2"))


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 120)
def test_it_outlives_bad_days() -> None:
    seen = soak(SECONDS)
    assert not seen.problem
    assert seen.exit_code == 0, seen
    assert seen.kills
    assert seen.freezes
    assert max(seen.back_after) < BACK_WITHIN, seen
    early, late = seen.memory_early_and_late
    assert late < early + 20 * 1024, seen  # what is kept of the past fills up at first
    early, late = seen.descriptors_early_and_late  # a poll and an action a server come and go
    assert late < early + 3, seen
