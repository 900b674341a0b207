"""`python -m tests.bench`: beantop beside what else there is, as ratios measured in one run.

It tells and never fails for being slow: what is not reached stands there as such.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from tests.bench.demo import demo_rows
from tests.bench.jobs import job_rows
from tests.bench.machine import about_this_machine
from tests.bench.poll import poll_rows
from tests.bench.redraw import redraw_rows
from tests.bench.row import FULL, TINY, Sizes
from tests.bench.startup import startup_rows
from tests.bench.table import HEADER, line_of
from tests.bench.watching import watching_rows

GROUPS = (poll_rows, job_rows, redraw_rows, watching_rows, startup_rows, demo_rows)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that all is undone
    sizes = TINY if options.tiny else FULL
    print(f"{options.pairs} alternating pairs a row: medians, and (smallest to largest) ratio\n")
    print(HEADER)
    for_only = options.only.lower()
    _measure(sizes, options.pairs, for_only)
    print(f"\n{about_this_machine()}")


def _measure(sizes: Sizes, pairs: int, only: str) -> None:
    for group in GROUPS:
        with ExitStack() as stack:
            for row in group(sizes, stack):
                if only in row.name.lower():
                    print(line_of(row, row.measured(pairs)), flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--pairs", type=int, default=9, metavar="N", help="pairs a row (9)")
    parser.add_argument("--only", default="", metavar="WORD", help="only rows with this word")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes: only to see that it works")
    return parser


if __name__ == "__main__":
    main()
