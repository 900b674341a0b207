"""The words around a table of groups: the ways to group, and how many jobs were read."""

from collections.abc import Mapping
from typing import NamedTuple

from beantop.app.view.column import Order
from beantop.app.view.lines import Line, Piece, rule, rule_width
from beantop.formatting import grouped, plural, printable
from beantop.jobs.groups import Grouping
from beantop.jobs.inventory import Inventory
from beantop.jobs.listing import JobList
from beantop.monitor.snapshot import Server, Tube, jobs_in


def groups_rule(
    ways: Mapping[str, Grouping],
    chosen: Grouping,
    groups: int,
    order: Piece,
    filter: Line,
    width: int,
) -> Line:
    """Return the rule above the table: the ways to group, with the chosen one in brackets, as many as
    there is room for."""
    first: Line = [("Groups", "bold")]
    last: Line = [*filter, (plural(groups, "group"), "dim"), order]
    every = [*first, *(_way(name, by, chosen) for name, by in ways.items()), *last]
    if chosen in ways.values() and rule_width(every) <= width:
        return rule(every, width)
    return rule([*first, _chosen(chosen), ("h/l: other groupings", "dim"), *last], width)


def shares_rule(name: str, servers: int, order: Piece, filter: Line, width: int) -> Line:
    """Return the rule above the servers that the jobs of the group `name` are on."""
    return rule([(name, "bold"), *filter, (f"on {plural(servers, 'server')}", "dim"), order], width)


def _chosen(by: Grouping) -> Piece:
    return f"[{printable(by.label)}]", "bold"


def _way(name: str, by: Grouping, chosen: Grouping) -> Piece:
    return _chosen(by) if by == chosen else (by.label, f"dim @group_by({name!r})")


class Progress(NamedTuple):
    """How many jobs were found and read."""

    found: int = 0
    all: int = 0
    """Jobs that exist, by the counters of the server."""
    unread: int = 0
    is_complete: bool = True
    """Whether as many jobs were found as the server counts."""
    is_running: bool = False
    is_fast: bool = False
    """Whether it goes on at full speed."""

    def plus(self, other: "Progress") -> "Progress":
        """Return the progress on this server and on another one together."""
        return Progress(
            self.found + other.found,
            self.all + other.all,
            self.unread + other.unread,
            self.is_complete and other.is_complete,
            self.is_running or other.is_running,
            self.is_fast or other.is_fast,
        )


def progress_of(jobs: JobList, stock: Inventory, counts: Tube | Server | None) -> Progress:
    """Return how many jobs were found and read; `counts` is the tube or the server as of the last poll."""
    found, is_fast = len(jobs.scan.found), stock.running and not stock.is_gentle
    counted = max(found, jobs_in(counts) if counts else 0)
    is_complete = jobs.scan.coverage.complete
    return Progress(found, counted, stock.unread, is_complete, stock.running, is_fast)


def inventory_words(progress: Progress, problem: str = "") -> str:
    """Return how many jobs were found and read, and what a key does next, as a sentence."""
    found, unread = progress.found, progress.unread
    words = f"{grouped(found)} of {plural(progress.all, 'job')} found"
    if unread:
        words += f", the {grouped(found - unread)} newest read" if found > unread else ", none read"
    if problem:
        return f"{words}, stopped: {printable(problem)}.  n goes on."
    if progress.is_running:
        return f"{words} …  {'esc stops' if progress.is_fast else 'n reads the rest at once'}."
    if unread or not progress.is_complete:
        return f"{words}.  n reads the rest."
    return f"{words}."


def without_words(troubles: Mapping[str, str]) -> str:
    """Return which servers are left out, and why, as a sentence; "" if none is.

    >>> without_words({}), without_words({"queue-3": "connection refused", "queue-4": ""})
    ('', 'Without queue-3 (connection refused), queue-4 (no current data).')
    """
    servers = (
        f"{printable(title)} ({printable(why) or 'no current data'})"
        for title, why in troubles.items()
    )
    return f"Without {', '.join(servers)}." if troubles else ""


def left_out_words(jobs: JobList, stock: Inventory) -> str:
    """Return that the groups have only the jobs that were read so far, as a sentence; "" if all were."""
    found, unread = len(jobs.scan.found), stock.unread
    if not unread and jobs.scan.coverage.complete:
        return ""
    return f"Only the {grouped(found - unread)} jobs read so far: others are left alone."


def no_groups(jobs: JobList, stock: Inventory, by: Grouping) -> str:
    """Return why there are no groups, as a sentence."""
    if stock.running or not jobs.scanned:
        return "Reading …"
    if not jobs.scan.found:
        return "No jobs."
    if stock.unread:
        return "No body was read yet.  n reads them."
    if by.smallest > 1:
        return "No two jobs have the same body."
    return "No groups."


BY_COUNT = Order("jobs", descending=True)
"""The order of groups at first: the largest first."""
