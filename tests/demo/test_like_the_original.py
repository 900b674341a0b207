"""The demo's server says what beanstalkd says, to the byte, whatever is said to it and when."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.demo.comparison import Comparison, steps

EXAMPLES, STEPS = 80, 120


def test_random_conversations_are_answered_as_by_the_original() -> None:
    steps.clear()
    run_state_machine_as_test(
        Comparison,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert steps.total() >= 10_000  # so that it cannot silently do less
