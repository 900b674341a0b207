"""Compare the demo's server with the original for as long as you like.

python -m tests.demo.long_comparison STEPS [SEED]
"""

import random
import sys
import time

from tests.demo.comparison import compare, steps


def main(least: int, first: int) -> None:
    begin = time.monotonic()
    number = first
    while steps.total() < least:
        compare(number)
        number += 1
    report = [f"{count:8} {what!r}" for what, count in steps.most_common()]
    report.append(f"{steps.total():8} steps in {time.monotonic() - begin:.0f} s, no difference")
    report.append(f"         seeds {first} to {number - 1}")
    print("\n".join(report))  # noqa: T201  # a command of its own


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else random.randrange(10**6))
