"""What a process uses, by `/proc`. Linux only. Raises `FileNotFoundError` for a process that is gone."""

import os
from pathlib import Path


def memory_of(process: int | str = "self") -> int:
    """Return the resident memory in KiB; 0 if the process has ended, but its parent has not waited for it."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def descriptors_of(process: int | str = "self") -> int:
    """Return the number of open file descriptors."""
    return len(os.listdir(f"/proc/{process}/fd"))
