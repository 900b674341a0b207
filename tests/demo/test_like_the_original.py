"""The demo's server says what beanstalkd says, to the byte, whatever is said to it and when."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.demo.comparison import Comparison, steps

EXAMPLES, STEPS = 50, 120


@pytest.mark.timeout(240)  # 10 s, but all of it is talk between processes: a busy machine is slow
def test_random_conversations_are_answered_as_by_the_original() -> None:
    steps.clear()
    run_state_machine_as_test(
        Comparison,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            phases=[Phase.generate],  # the transcript says more than fewer steps
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert steps.total() >= 6_000  # so that it cannot silently do less
