"""Everything that is wrong now, on all servers: firing alerts, lost connections, conditions of tubes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

from beantop.app.session.alarms import Alarms, Fired
from beantop.app.session.server_view import ServerView
from beantop.formatting import per_second, printable
from beantop.monitor.conditions import Condition

ALERT = "A"
"""The sign of a firing alert in the list."""


@dataclass(frozen=True, slots=True)
class Present:
    """One thing that is wrong now."""

    number: int
    """Number of its server, from 1."""
    server: str
    """The user's name for the server. Safe to show."""
    tube: str
    """Its name as the server sent it; "" for the server as a whole."""
    code: str
    sentence: str
    short: str
    since: float | None = None
    """When it began, in seconds of the monotonic clock; None if unknown."""
    has_begun: bool = True
    """Whether that is its beginning; else it may be older."""

    @property
    def key(self) -> tuple[int, str, str, str]:
        """What stays the same while it lasts."""
        return self.number, self.tube, self.code, self.short if self.code == ALERT else ""


def present(views: Sequence[ServerView], alarms: Alarms, most: int) -> tuple[list[Present], int]:
    """Return up to `most` of what is wrong: alerts, then servers, then tubes, the worst first. The
    second value is the number of all."""
    numbers = {view.watched.address: view.number for view in views}
    alerts = [_alert(fired, numbers[fired.address]) for fired in alarms.newest(most)]
    servers = [found for view in views for found in _of_server(view)]
    conditions = [found for view in views if view.fresh for found in _of_tubes(view)]
    worst = nlargest(most, conditions, key=lambda found: found[0].severity)
    listed = [*alerts, *servers, *(_condition(*found) for found in worst)]
    return listed[:most], alarms.count + len(servers) + len(conditions)


def _alert(fired: Fired, number: int) -> Present:
    case = fired.case
    words = f"alert {fired.rule}"
    return Present(
        number,
        printable(fired.server),
        case.tube or "",
        ALERT,
        f"{words} ({fired.values})",
        words,
        case.since,
    )


def _of_server(view: ServerView) -> Iterator[Present]:
    """Yield what is wrong with a server as a whole."""
    title, link = printable(view.known.title), view.watched.link
    if link.state == "down":
        why = printable(link.reason)
        yield Present(view.number, title, "", "×", f"no connection: {why}", why, link.since)
    elif view.watched.seen and view.stale:
        since = view.watched.snapshot.taken_at
        yield Present(view.number, title, "", "×", "the server does not answer", "no answer", since)
    elif view.fresh and (rate := view.watched.history.server_rates().timeout):
        words = f"{per_second(rate)} jobs time out per second"
        yield Present(view.number, title, "", "T", f"{words} on this server", words)


def _of_tubes(view: ServerView) -> Iterator[tuple[Condition, ServerView, str]]:
    for name, found in view.watched.history.all_found():
        for condition in found:
            if not condition.is_news:
                yield condition, view, name


def _condition(condition: Condition, view: ServerView, tube: str) -> Present:
    return Present(
        view.number,
        printable(view.known.title),
        tube,
        condition.code,
        condition.sentence,
        condition.short,
        condition.since,
        condition.has_begun,
    )
