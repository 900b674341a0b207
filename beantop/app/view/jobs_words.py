"""The words around a list of jobs: the states, the filter, and the progress of scan and search."""

from beantop.app.view.header import WIDE
from beantop.app.view.job_filter import JobFilter
from beantop.app.view.lines import Line, cut, rule, rule_width, spread, width_of
from beantop.beanstalk import State
from beantop.formatting import grouped, printable, short_duration
from beantop.jobs.listing import JobList
from beantop.jobs.scan import Scan
from beantop.monitor.snapshot import Server, Tube, jobs_in

TABS: tuple[State | None, ...] = (None, "ready", "reserved", "delayed", "buried")
"""The states that can be shown alone; None is all of them."""


def tab_words(counts: Tube | Server, chosen: State | None, *, scanned: bool) -> Line:
    """Return the number of jobs in each state, with the chosen state in brackets. What is chosen, and
    the first word, are bold."""
    parts: Line = [("Jobs" if scanned else "Next job of", "bold")]
    for tab in TABS:
        label = f"{tab} {grouped(getattr(counts, tab))}" if tab else "all"
        if not tab and not scanned:
            label = "each state"
        show = f"@show_state({tab!r})"
        parts.append((f"[{label}]", f"bold {show}") if tab == chosen else (label, f"dim {show}"))
    return parts


def jobs_rule(tabs: Line, only: Line, width: int) -> Line:
    """Return the rule above a list: the states, and the words of a filter, which matter more."""
    if only and rule_width([*tabs, *only]) > width:
        tabs = [part for part in tabs if part[1].startswith("bold")]
    hint: Line = [("h/l shows one state", "dim")] if not only and width >= WIDE else []
    return rule([*tabs, *only, *hint], width)


def jobs_status(
    place: str, marked: int, words: Line, right: Line, width: int, lines: int = 1
) -> Line:
    """Return the status below a list: the number of marked jobs, the `place` of the cursor, `words`, and
    at the right the progress of a scan. If both do not fit, the progress comes on a second line, or in place
    of the words if there is only one.

    >>> from beantop.app.view.lines import in_lines, plain
    >>> status = jobs_status("1/9", 0, [("W no worker", "warn")], [("9 of 9 jobs found", "dim")], 24, 2)
    >>> [plain(line) for line in in_lines(status, 24, 2)]
    [' 1/9 W no worker', '    9 of 9 jobs found']
    """
    left: Line = [(f" {place}", "dim")] if place else []
    left.append((" ", ""))
    if marked:
        left.insert(0, (f" {grouped(marked)} marked  ", "bold"))
    if not right:
        return [*left, *words]
    if width_of([*left, *words, *right]) < width:
        return spread([*left, *words], right, width)
    if lines > 1 and words:
        return [*cut([*left, *words], width), (" " * width, ""), *right]
    return spread(left, cut(right, width - width_of(left) - 1), width)


def filter_words(
    job_filter: JobFilter, unread: int, total: int, problem: str, undecided: int
) -> Line:
    """Return the filter and the progress of the search in bodies."""
    words = f"filter: {printable(job_filter.text)}"
    if job_filter.problem:
        return [(words, "warn")]
    if not unread and undecided:
        return [(f"{words}: {body_count(undecided)} searched in part", "warn")]
    if not unread and total and (unknown := job_filter.unknown_field):
        return [(f"{words}: no body has {printable(unknown.words)}", "warn")]
    if not unread:
        return [(words, "accent")]
    words += f": {read_words(unread, total)}"
    if problem:
        return [(f"{words}, stopped: {printable(problem)}", "warn")]
    return [(words, "accent")]


def none_matches(
    job_filter: JobFilter, counts: Tube | Server, unread: int, jobs: JobList, state: State | None
) -> str:
    """Return why the list is empty although there is a filter. It claims nothing about bodies that
    were not read or jobs that were not found."""
    words, found = f"“{printable(job_filter.text)}”", len(jobs.scan.found)
    if unread:
        rest = " …" if jobs.search.running else "; enter reads the rest."
        return f"No match so far for {words}: {read_words(unread, found)}{rest}"
    if undecided := undecided_in(jobs, state):
        were = "was" if undecided == 1 else "were"
        words += f"; {body_count(undecided)} {were} searched only in part"
    end = "esc clears the filter."
    if found and not undecided and (unknown := job_filter.unknown_field):
        sentence = f"No body among the {grouped(found)} read has {printable(unknown.words)}"
        is_all = jobs.is_part or (jobs.scanned and jobs.scan.coverage.complete)
        more = "" if is_all else "n finds more jobs, "
        return f"{sentence}{'' if unknown.is_mistyped else '.'}  {more}{end}"
    if jobs.is_part:
        return f"None of the {grouped(found)} jobs listed here matches {words}.  {end}"
    if not jobs.scanned:
        return f"None of the next jobs matches {words}.  n finds all jobs, {end}"
    kind = f"{state} job" if state else "job"
    coverage, none_found = jobs.scan.coverage, f"No {kind} among the {grouped(found)} found"
    if not coverage.complete:
        more = " …" if jobs.scan.running else ".  n finds the rest,"
        return f"{none_found} so far matches {words}{more} {end}"
    if coverage.puts is not None and coverage.puts == counts.total_jobs:
        return f"No {kind} matches {words}.  {end}"
    return f"{none_found} matches {words}; others may be new.  n scans again, {end}"


def undecided_in(jobs: JobList, state: State | None) -> int:
    """Return the number of jobs, in this state if given, whose bodies were searched only in part."""
    found = (jobs.scan.found.get(id) for id in jobs.search.undecided)
    return sum(1 for job in found if job and state in (None, job.state))


def body_count(count: int) -> str:
    """Return a number of bodies in words."""
    return "1 body" if count == 1 else f"{grouped(count)} bodies"


def read_words(unread: int, total: int) -> str:
    """Return how many bodies were read, in words."""
    return f"{grouped(total - unread)} of {grouped(total)} bodies read"


def coverage_words(
    scan: Scan, later: Tube | Server | None, problem: str, skipped: int, *, by_key: bool
) -> str:
    """Return how many jobs were found, which ids were scanned, and what a key does next. `later` is
    the tube or the server in a poll after the scan, if there was one; `skipped`, the ids that were too
    many to be asked for since; `by_key`, whether the user started the scan."""
    coverage = scan.coverage
    now = coverage.counted if later is None else jobs_in(later)
    found = f"{grouped(coverage.found)} of {grouped(now)} jobs found"
    if coverage.found > now:
        gone = grouped(coverage.found - now)
        are_gone = "" if later is None else f", {gone} of them gone"  # they are counted later
        found = f"{grouped(coverage.found)} jobs found{are_gone}"
    ids = "no ids scanned"
    if coverage.walked:
        seconds = short_duration(coverage.seconds)
        ids = f"scanned ids {grouped(coverage.low)} to {grouped(coverage.high)} in {seconds}"
    if problem:
        return f"{found}, stopped: {printable(problem)}.  n finds the rest."
    if not by_key:
        return f"{found}{_what_n_does(scan, skipped)}"
    if scan.running:
        return f"{found}; {ids} …  esc stops."
    if skipped:
        return f"{found}; {grouped(skipped)} new ids not scanned.  n scans again."
    if coverage.complete:
        return f"{found}; {ids}.  n scans again."
    return f"{found}; {ids}.  n finds the rest."


def _what_n_does(scan: Scan, skipped: int) -> str:
    """Return the end of the sentence on jobs that were found without a key."""
    if scan.running:
        return " …  n finds the rest at once."
    return "." if scan.coverage.complete and not skipped else ".  n finds the rest."
