"""The words around jobs that are followed: how many came, how fast, and how many were missed."""

from beantop.app.view.lines import Line
from beantop.formatting import duration, grouped, per_second, plural, printable
from beantop.jobs.follow import Follow

MISSED = "Missed jobs were gone before they could be read, or too many came at once."


def follow_words(follow: Follow, seconds: float) -> Line:
    """Return how many jobs came in that time, and how many of them could not be shown."""
    if seconds < 0:
        return []
    rate = per_second(follow.put / max(1.0, seconds))
    line: Line = [(f"{plural(follow.put, 'new job')} in {duration(seconds)}, {rate}/s", "")]
    if missed := missed_words(follow):
        line.append((f" · {missed}", "warn"))
    if behind := follow.pending:
        line.append((f" · {grouped(behind)} still to be read", "dim"))
    if follow.restarts:
        line.append((" · the server was restarted", "warn"))
    return line


def missed_words(follow: Follow) -> str:
    """Return how many jobs were missed; "" if certainly none was."""
    if follow.may_have_missed_more:
        return (
            f"at least {grouped(follow.missed)} missed" if follow.missed else "some may be missed"
        )
    return f"{grouped(follow.missed)} missed" if follow.missed else ""


def pause_words(new: int, *, following: bool) -> Line:
    """Return the words about a paused list, with the number of rows added since; empty while it
    follows."""
    if following:
        return []
    below = f"{grouped(new)} new below, G" if new else "G"
    return [(f"paused: {below} follows again", "accent"), (" · ", "dim")]


def listed_words(count: int) -> Line:
    """Return that only the last jobs are listed."""
    return [(f" · the last {grouped(count)} are listed", "dim")]


def list_sentence(follow: Follow, problem: str, *, found: bool) -> str:
    """Return the sentence below the jobs, or in place of them; "" if nothing is to be said."""
    if problem:
        return f"Could not look for new jobs: {printable(problem)}."
    if not found and follow.seen:
        return f"No such job among {plural(follow.seen, 'new job')} so far."
    if not found:
        others = f"  {plural(follow.others, 'job')} came in other tubes." if follow.others else ""
        return f"Waiting for new jobs.{others}"
    return MISSED if follow.missed else ""
