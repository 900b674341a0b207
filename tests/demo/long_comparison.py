"""Compare the demo's server with the original for as long as you like.

python -m tests.demo.long_comparison STEPS [SEED]
"""

import random
import sys
import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.demo.comparison import Comparison, steps

EXAMPLES, STEPS = 50, 120


def main(least: int, first: int) -> None:
    begin = time.monotonic()
    number = first
    while steps.total() < least:
        run_state_machine_as_test(
            seed(number)(Comparison),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                phases=[Phase.generate],  # the transcript says more than fewer steps
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        number += 1
    report = [f"{count:8} {what!r}" for what, count in steps.most_common()]
    report.append(f"{steps.total():8} steps in {time.monotonic() - begin:.0f} s, no difference")
    report.append(f"         seeds {first} to {number - 1}")
    print("\n".join(report))  # noqa: T201  # a command of its own


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else random.randrange(10**6))
