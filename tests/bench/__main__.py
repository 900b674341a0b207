"""`python -m tests.bench`: beantop beside what else there is, as ratios measured in one run.

It tells and never fails for being slow: what is not reached stands there as such.
"""

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from tests.bench.bodies import body_rows
from tests.bench.demo import demo_rows
from tests.bench.jobs import job_rows
from tests.bench.machine import about_this_machine
from tests.bench.others import other_rows
from tests.bench.poll import poll_rows
from tests.bench.redraw import redraw_rows
from tests.bench.row import FULL, QUICK, TINY, Measured, Row, Sizes
from tests.bench.startup import startup_rows
from tests.bench.table import HEADER, facts_of, line_of
from tests.bench.transfers import transfer_rows
from tests.bench.watching import watching_rows

GROUPS = (
    startup_rows,
    other_rows,
    poll_rows,
    job_rows,
    body_rows,
    transfer_rows,
    redraw_rows,
    watching_rows,
    demo_rows,
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that all is undone
    sizes = TINY if options.tiny else QUICK if options.quick else FULL
    pairs = options.pairs or (3 if options.quick else 5)
    if options.json:
        for row, measured in _measure(sizes, pairs, options.only.lower()):
            print(json.dumps(facts_of(row, measured)), flush=True)
        return
    print(f"{pairs} alternating pairs a row: medians, and (smallest to largest) ratio")
    print(f"{about_this_machine()}\n\n{HEADER}")
    for row, measured in _measure(sizes, pairs, options.only.lower()):
        print(line_of(row, measured), flush=True)
    print(f"\nload at the end: {os.getloadavg()[0]:.1f}")


def _measure(sizes: Sizes, pairs: int, only: str) -> Iterator[tuple[Row, Measured]]:
    for group in GROUPS:
        with ExitStack() as stack:
            for row in group(sizes, stack):
                if only in row.name.lower():
                    yield row, row.measured(pairs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--pairs", type=int, metavar="N", help="pairs a row (5)")
    parser.add_argument("--only", default="", metavar="WORD", help="only rows with this word")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, 3 pairs")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes: only to see that it works")
    return parser


if __name__ == "__main__":
    main()
