"""`python -m tests.bench`: beantop beside what else there is, as ratios measured in one run.

It never fails for being slow: the last column says whether a goal was reached.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
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

GROUPS = {
    "start": startup_rows,
    "others": other_rows,
    "poll": poll_rows,
    "jobs": job_rows,
    "bodies": body_rows,
    "transfers": transfer_rows,
    "redraw": redraw_rows,
    "watching": watching_rows,
    "demo": demo_rows,
}
"""The rows, by the name of their group. Each group starts its own servers."""


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that all is undone
    sizes = TINY if options.tiny else QUICK if options.quick else FULL
    pairs = options.pairs or (3 if options.quick else 5)
    results = _measure(options.groups or GROUPS, sizes, pairs)
    if options.json:
        for row, measured in results:
            print(json.dumps(facts_of(row, measured)), flush=True)
        return
    print(f"{pairs} alternating pairs a row: medians, and (smallest to largest) ratio")
    print(f"{about_this_machine()}\n\n{HEADER}")
    began = time.monotonic()
    for row, measured in results:
        print(line_of(row, measured), flush=True)
    took = time.monotonic() - began
    print(f"\n{took:.0f} s; load at the end: {os.getloadavg()[0]:.1f}")


def _measure(names: Iterable[str], sizes: Sizes, pairs: int) -> Iterator[tuple[Row, Measured]]:
    for name in names:
        with ExitStack() as stack:
            for row in GROUPS[name](sizes, stack):
                yield row, row.measured(pairs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--pairs", type=int, metavar="N", help="pairs a row (5)")
    parser.add_argument(
        "groups",
        nargs="*",
        choices=[[], *GROUPS],  # []: Python 3.11 checks that, too, if no group is named
        metavar="GROUP",
        help=f"only these rows: {', '.join(GROUPS)}",
    )
    parser.add_argument("--quick", action="store_true", help="smaller sizes, 3 pairs")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes: only to see that it works")
    return parser


if __name__ == "__main__":
    main()
