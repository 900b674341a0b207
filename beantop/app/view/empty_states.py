"""What stands on the screen as long as there is nothing to show."""

from beantop.app.session.server_view import ServerView
from beantop.app.view.lines import Line
from beantop.formatting import printable


def not_answering(view: ServerView) -> list[Line]:
    """Nobody answered yet: what was tried, why it failed, what to try instead."""
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
        [("   Trying again every few seconds: this screen fills in by itself.", "")],
        [],
        _hint("Somewhere else?", "beantop HOST", "port 11300"),
        _hint("", "beantop HOST:PORT"),
        _hint("A Unix socket?", "beantop unix:/run/beanstalkd.sock"),
        _hint("Just looking?", "beantop --demo", "made-up servers, live"),
        _hint("Look, never touch?", "beantop --readonly HOST"),
        _hint("For scripts", "beantop --once --json HOST"),
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


def no_jobs(view: ServerView, never: bool) -> list[Line]:
    """A server with one empty tube: how to put a job, if there never was one."""
    if not never:
        return [[], [("   No jobs now.", "")]]
    address = view.watched.address
    nc = f"nc -U {address}" if isinstance(address, str) else f"nc {address[0]} {address[1]}"
    return [
        [],
        [("   No jobs yet. This server has one empty tube.", "")],
        [],
        [
            ("   A job is two lines, typed into ", ""),
            (printable(nc), "bold"),
            (" for example:", ""),
        ],
        [("      put 0 0 60 5", "accent")],
        [("      hello", "accent")],
    ]


def _hint(when: str, command: str, remark: str = "") -> Line:
    return [(f"   {when:<21}", "dim"), (f"{command:<22}", "accent"), (remark, "dim")]
