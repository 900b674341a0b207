"""What the screen shows while there is no data."""

import math

from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.formatting import duration, printable

FROZEN = "The screen is frozen.  f resumes."


def not_answering(view: ServerView) -> list[Line]:
    """Return what was tried, why it failed and what to try instead, before any server answered."""
    link = view.watched.link
    if link.state == "connecting":
        return [[], [("   Connecting to ", ""), (printable(view.known.title), "bold"), (" …", "")]]
    return [
        [],
        [
            ("   No beanstalkd answered at ", ""),
            (printable(view.known.title), "bold"),
            (f" ({printable(link.reason)}).", "bad"),
        ],
        [("   Retrying every few seconds; the tubes will appear here.", "")],
        [],
        _hint("Another server", "beantop HOST", "port 11300"),
        _hint("", "beantop HOST:PORT"),
        _hint("A Unix socket", "beantop unix:/run/beanstalkd.sock"),
        _hint("A demo", "beantop --demo", "simulated servers"),
        _hint("Read-only", "beantop --readonly HOST"),
        _hint("For scripts", "beantop tubes --json HOST"),
        [],
        [
            ("   r", "bold"),
            ("  retry now     ", ""),
            ("?", "bold"),
            ("  help     ", ""),
            ("q", "bold"),
            ("  quit", ""),
        ],
    ]


def restart_words(view: ServerView, since: float) -> str:
    """Return when the server was restarted, if that was seen after the monotonic time `since`, as a clause;
    else ""."""
    at = view.watched.history.restarted_at
    if at is None or at <= since:
        return ""
    return f"the server was restarted {duration(view.now - at)} ago"


def no_jobs(view: ServerView, never: bool) -> list[Line]:
    """Return the words for a server without jobs; how to put one, if there `never` was one."""
    if not never:
        return [[], [("   No jobs now.", "")]]
    if restarted := restart_words(view, -math.inf):
        return [[], [(f"   No jobs: {restarted}.", "warn")]]
    address = view.watched.address
    nc = f"nc -U {address}" if isinstance(address, str) else f"nc {address[0]} {address[1]}"
    return [
        [],
        [("   No jobs yet. This server has one empty tube.", "")],
        [],
        [
            ("   To put a job, run ", ""),
            (printable(nc), "bold"),
            (" and type these two lines:", ""),
        ],
        [("      put 0 0 60 5", "accent")],
        [("      hello", "accent")],
    ]


def _hint(purpose: str, command: str, remark: str = "") -> Line:
    return [(f"   {purpose:<21}", "dim"), (f"{command:<22}", "accent"), (remark, "dim")]
