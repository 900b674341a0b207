"""What a scan has covered, as one sentence."""

from beantop.jobs.scan import Scan
from beantop.text import full, shown


def coverage_words(scan: Scan, problem: str) -> str:
    """How many jobs were found of how many, where it was looked, and what `n` does next."""
    seen = scan.coverage
    found = f"{full(seen.found)} of {full(seen.counted)} jobs found"
    where = "none walked"
    if seen.walked:
        where = f"ids {full(seen.low)}-{full(seen.high)} walked in {seen.seconds:.1f} s"
    if problem:
        return f"{found}, then: {shown(problem)}.  n goes on."
    if scan.running:
        return f"{found}, {where} …  n stops."
    if seen.complete:
        return f"{found}, {where}.  n looks anew."
    return f"{found}, {where}.  n goes on."
