"""Everything that is wrong now, on all servers: firing alerts, lost connections, conditions of tubes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from beantop.app.session.alarms import Alarms, Fired
from beantop.app.session.server_view import ServerView
from beantop.formatting import per_second, printable
from beantop.monitor.conditions import Condition
from beantop.monitor.poller import LINK_SIGNS

ALERT, DOWN = "A", LINK_SIGNS["down"]
"""The signs of a firing alert, and of a server that does not answer."""


@dataclass(frozen=True, slots=True)
class Problem:
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


class Problems(NamedTuple):
    """What is wrong, and what nothing is known of."""

    listed: list[Problem]
    total: int
    """Number of all problems, also of those that are not listed."""
    unknown_servers: int = 0
    """Number of servers that were not reached yet."""
    unknown_tubes: int = 0
    """Number of tubes that were not polled yet."""


def current_problems(views: Sequence[ServerView], alarms: Alarms, most: int) -> Problems:
    """Return up to `most` of what is wrong: alerts, then servers, lost ones first, then tubes, the
    worst first."""
    numbers = {view.watched.address: view.number for view in views}
    alerts = [_alert(fired, numbers[fired.address]) for fired in alarms.newest(most)]
    servers = [found for view in views for found in _of_server(view)]
    servers.sort(key=lambda problem: problem.code != DOWN)
    conditions = [found for view in views if view.fresh for found in _of_tubes(view)]
    worst = nlargest(most, conditions, key=lambda found: found[0].severity)
    listed = [*alerts, *servers, *(_condition(*found) for found in worst)]
    total = alarms.count + len(servers) + len(conditions)
    return Problems(listed[:most], total, *_unknown(views))


def _unknown(views: Sequence[ServerView]) -> tuple[int, int]:
    """Return the number of servers, and of tubes of the others, without any data."""
    servers = sum(not (view.watched.seen or view.watched.link.state == "down") for view in views)
    tubes = (tube for view in views if view.fresh for tube in view.watched.snapshot.tubes.values())
    return servers, sum(tube.ready is None for tube in tubes)


def _alert(fired: Fired, number: int) -> Problem:
    alert = fired.alert
    words = f"alert {fired.rule}"
    return Problem(
        number,
        printable(fired.server),
        alert.tube or "",
        ALERT,
        f"{words} ({fired.values})",
        words,
        alert.since,
    )


def _of_server(view: ServerView) -> Iterator[Problem]:
    """Yield what is wrong with a server as a whole."""
    title, link = printable(view.known.title), view.watched.link
    if link.state == "down":
        why = printable(link.reason)
        yield Problem(view.number, title, "", DOWN, f"no connection: {why}", why, link.since)
    elif view.watched.seen and view.stale:
        since = view.watched.snapshot.taken_at
        yield Problem(
            view.number, title, "", DOWN, "the server does not answer", "no answer", since
        )
    elif view.fresh and (rate := view.watched.history.server_rates().timeout):
        words = f"{per_second(rate)} jobs time out per second"
        yield Problem(view.number, title, "", "T", f"{words} on this server", words)


def _of_tubes(view: ServerView) -> Iterator[tuple[Condition, ServerView, str]]:
    for name, found in view.watched.history.all_found():
        for condition in found:
            if not condition.is_news:
                yield condition, view, name


def _condition(condition: Condition, view: ServerView, tube: str) -> Problem:
    return Problem(
        view.number,
        printable(view.known.title),
        tube,
        condition.code,
        condition.sentence,
        condition.short,
        condition.since,
        condition.has_begun,
    )
