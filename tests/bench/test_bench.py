import subprocess
import sys

import pytest

from tests.bench.table import WIDTHS


@pytest.mark.slow
def test_the_bench_prints_every_row() -> None:
    command = [sys.executable, "-m", "tests.bench", "--tiny", "--pairs", "1"]
    bench = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    rows = [line for line in bench.stdout.splitlines() if line.endswith("reached")]
    assert [row[: WIDTHS[0]].strip() for row in rows[1:]] == [
        "start to first frame",
        "start to first table",
        "start to first table (CPU)",
        "beantop --version (CPU)",
        "beantop tubes (CPU)",
        "poll 5 tubes",
        "poll 5 tubes, 1 ms round trip",
        "poll 5 tubes",
        "poll 5 tubes, 1 ms round trip",
        "walk 2,000 ids",
        "p99 of others during a scan",
        "delete 600 saved jobs, 1 ms RTT",
        "filter 70 read bodies (CPU)",
        "a key of a filter, 100 jobs (CPU)",
        "a key of a filter, 100 jobs (CPU)",
        "a key in a list of 1,000 jobs (CPU)",
        "K on 1,000 marked jobs (CPU)",
        "redraw, 50 tubes changed (CPU)",
        "cursor down in 50 tubes (CPU)",
        "watch a quiet server (CPU)",
        "demo server, 500 stats-job",
    ]
