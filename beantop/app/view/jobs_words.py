"""What a screen of jobs says around its list: the states, the filter, how far a scan and a search are."""

from beantop.app.view.job_filter import JobFilter
from beantop.app.view.lines import Line
from beantop.beanstalk import State
from beantop.formatting import grouped, printable
from beantop.jobs.scan import Scan
from beantop.jobs.search import BodySearch
from beantop.monitor.snapshot import Server, Tube

TABS: tuple[State | None, ...] = (None, "ready", "reserved", "delayed", "buried")
"""The states that can be looked at alone; None is all of them."""


def tab_words(counts: Tube | Server, chosen: State | None, *, scanned: bool) -> Line:
    """How many jobs there are in each state, and which of them are looked at."""
    parts: Line = [("Jobs" if scanned else "Next job of", "bold")]
    for tab in TABS:
        label = f"{tab} {grouped(getattr(counts, tab))}" if tab else "all"
        if not tab and not scanned:
            label = "each state"
        parts.append((f"[{label}]", "bold") if tab == chosen else (label, "dim"))
    return parts


def filter_words(only: JobFilter, search: BodySearch, of: int, problem: str) -> Line:
    """What is filtered by, and how far the search in bodies is."""
    said = f"filter: {printable(only.text)}"
    if only.problem:
        return [(said, "warn")]
    if not only.wants_bodies or search.read >= of:
        return [(said, "accent")]
    read = f"{said}: {grouped(search.read)} of {grouped(of)} bodies read"
    return [(f"{read}, then: {printable(problem)}", "warn")] if problem else [(read, "accent")]


def coverage_words(scan: Scan, problem: str) -> str:
    """How many jobs were found of how many, where it was looked, and what `n` does next."""
    seen = scan.coverage
    found = f"{grouped(seen.found)} of {grouped(seen.counted)} jobs found"
    where = "none walked"
    if seen.walked:
        where = f"ids {grouped(seen.low)}-{grouped(seen.high)} walked in {seen.seconds:.1f} s"
    if problem:
        return f"{found}, then: {printable(problem)}.  n goes on."
    if scan.running:
        return f"{found}, {where} …  n stops."
    if seen.complete:
        return f"{found}, {where}.  n looks anew."
    return f"{found}, {where}.  n goes on."
