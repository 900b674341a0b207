"""The words around a table of groups: the ways to group, and how many jobs were read."""

from beantop.app.view.column import Order
from beantop.app.view.jobs_words import jobs_in
from beantop.app.view.lines import Line, Piece, rule, rule_width
from beantop.formatting import grouped, plural, printable
from beantop.jobs.groups import GROUPINGS, Grouping
from beantop.jobs.inventory import Inventory
from beantop.jobs.listing import JobList
from beantop.monitor.snapshot import Server, Tube


def groups_rule(chosen: Grouping, groups: int, order: Piece, filter: Line, width: int) -> Line:
    """Return the rule above the table: the ways to group, with the chosen one in brackets, as many as
    there is room for."""
    first: Line = [("Groups", "bold")]
    last: Line = [*filter, (plural(groups, "group"), "dim"), order]
    every = [*first, *(_way(name, by, chosen) for name, by in GROUPINGS.items()), *last]
    if chosen in GROUPINGS.values() and rule_width(every) <= width:
        return rule(every, width)
    return rule([*first, _chosen(chosen), ("h/l: other groupings", "dim"), *last], width)


def _chosen(by: Grouping) -> Piece:
    return f"[{printable(by.label)}]", "bold"


def _way(name: str, by: Grouping, chosen: Grouping) -> Piece:
    return _chosen(by) if by == chosen else (by.label, f"dim @group_by({name!r})")


def inventory_words(
    jobs: JobList, stock: Inventory, counts: Tube | Server | None, problem: str
) -> str:
    """Return how many jobs were found and read, and what a key does next, as a sentence. `counts` is the
    tube or the server as of the last poll."""
    coverage, found = jobs.scan.coverage, len(jobs.scan.found)
    unread = stock.unread
    counted = jobs_in(counts) if counts else 0
    words = f"{grouped(found)} of {plural(max(found, counted), 'job')} found"
    if unread:
        words += f", the {grouped(found - unread)} newest read" if found > unread else ", none read"
    if problem:
        return f"{words}, stopped: {printable(problem)}.  n goes on."
    if stock.running:
        return (
            f"{words} …  n reads the rest at once." if stock.is_gentle else f"{words} …  esc stops."
        )
    if unread or not coverage.complete:
        return f"{words}.  n reads the rest."
    return f"{words}."


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
