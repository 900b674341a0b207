"""What a screen of jobs says around its list: the states, the filter, how far a scan and a search are."""

from typing import get_args

from beantop.app.view.job_filter import JobFilter
from beantop.app.view.lines import Line
from beantop.beanstalk import State
from beantop.formatting import grouped, printable
from beantop.jobs.listing import JobList
from beantop.jobs.scan import Scan
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


def filter_words(only: JobFilter, unread: int, of: int, problem: str) -> Line:
    """What is filtered by, and how far the search in bodies is."""
    said = f"filter: {printable(only.text)}"
    if only.problem:
        return [(said, "warn")]
    if not unread:
        return [(said, "accent")]
    read = f"{said}: {_read(unread, of)}"
    return [(f"{read}, then: {printable(problem)}", "warn")] if problem else [(read, "accent")]


def none_matches(
    only: JobFilter, counts: Tube | Server, unread: int, jobs: JobList, state: State | None
) -> str:
    """What is known where no job is shown that the filter lets through: of the bodies that were not
    read, and of the jobs that were not found, nothing."""
    words, of = f"“{printable(only.text)}”", len(jobs.scan.found)
    if unread:
        goes_on = " …" if jobs.search.running else "; enter reads the rest."
        return f"No match so far for {words}: {_read(unread, of)}{goes_on}"
    if not jobs.scanned:
        return f"None of the next jobs matches {words}.  n finds all jobs, esc clears the filter."
    kind = f"{state} job" if state else "job"
    if jobs.scan.coverage.complete and of >= _jobs_in(counts):
        return f"No {kind} matches {words}.  esc clears the filter."
    return (
        f"No {kind} among the {grouped(of)} found so far matches {words}.  esc clears the filter."
    )


def _jobs_in(counts: Tube | Server) -> int:
    """All jobs, as far as they are counted."""
    return sum(getattr(counts, state) or 0 for state in get_args(State))


def _read(unread: int, of: int) -> str:
    return f"{grouped(of - unread)} of {grouped(of)} bodies read"


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
