"""What stands on the screen as long as there is nothing to show."""

from beantop.app.header import HeaderFacts
from beantop.app.lines import Line
from beantop.text import shown


def nothing_there(facts: HeaderFacts) -> list[Line]:
    """Nobody answered yet: what was tried, why it failed, what to try instead."""
    link = facts.watched.link
    if link.state == "connecting":
        return [[], [("   Connecting to ", ""), (shown(facts.server_name), "bold"), (" …", "")]]
    return [
        [],
        [
            ("   No beanstalkd answered at ", ""),
            (shown(facts.server_name), "bold"),
            (f" ({shown(link.reason)}).", "bad"),
        ],
        [("   Trying again every few seconds: this screen fills in by itself.", "")],
        [],
        _hint("Somewhere else?", "beantop HOST", "port 11300"),
        _hint("", "beantop HOST:PORT"),
        _hint("A Unix socket?", "beantop unix:/run/beanstalkd.sock"),
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


def only_default() -> list[Line]:
    """A server that has just been started: how to put a first job."""
    return [
        [],
        [("   No jobs yet. This server has one empty tube.", "")],
        [],
        [
            ("   A job is two lines, typed into ", ""),
            ("nc HOST 11300", "bold"),
            (" for example:", ""),
        ],
        [("      put 0 0 60 5", "accent")],
        [("      hello", "accent")],
    ]


def _hint(when: str, command: str, remark: str = "") -> Line:
    return [(f"   {when:<21}", "dim"), (f"{command:<22}", "accent"), (remark, "dim")]
