"""Messages about a server whose connection was lost or restored, that was restarted, or is slow."""

from typing import Literal, NamedTuple

from beantop.beanstalk.stats import LONGEST_TEXT
from beantop.formatting import duration, grouped, plural, printable
from beantop.monitor.poller import ServerStatus
from beantop.monitor.snapshot import jobs_in


class News(NamedTuple):
    """One sentence, safe to show."""

    sentence: str
    severity: Literal["information", "warning"] = "information"
    is_alarm: bool = False
    """Whether to ring the bell or notify the desktop as well, if the user enabled that."""
    on_screen: bool = False
    """Whether the screen shows it already, so that it only goes to the log."""


def is_lost(before: ServerStatus, now: ServerStatus) -> bool:
    """Return whether the connection was lost between two polls."""
    return before.link.state == "up" and now.link.state == "down"


def lost(name: str, now: ServerStatus, *, on_screen: bool) -> News:
    """Return the news that the connection was lost; `on_screen` if the server is on the screen."""
    return News(
        f"{name}: connection lost: {printable(now.link.reason)}.", "warning", on_screen=on_screen
    )


SLOW = 1.5
"""Ratio of the time between polls to the interval from which slow polling is news."""


def slowed(name: str, before: ServerStatus, now: ServerStatus, interval: float) -> list[News]:
    """Return the news that the server is polled much less often than the user wants, if that is new."""
    was_slow, is_slow = (
        status.stretched and status.pace >= SLOW * interval for status in (before, now)
    )
    if was_slow or not is_slow or not now.seen:
        return []
    took = f"{now.snapshot.took:.1f} s" if now.snapshot.took >= 0.1 else "too long"
    return [News(f"{name}: polls take {took}; now polled every {now.pace:.1f} s.", "warning")]


def too_much(name: str, before: ServerStatus, now: ServerStatus) -> list[News]:
    """Return the news that there are too many tubes to poll, or too long names, if that is new."""
    news, old, new = [], before.snapshot, now.snapshot
    if new.left_out and not old.left_out:
        news.append(News(f"{name}: only {new.listed} are polled.", "warning"))
    if new.shortened and not old.shortened:
        names = plural(new.shortened, "tube")
        sentence = f"{name} has {names} with a name of over {LONGEST_TEXT} bytes"
        news.append(News(f"{sentence}: longer names are cut.", "warning"))
    return news


def returned(name: str, before: ServerStatus, now: ServerStatus) -> list[News]:
    """Return the news that a server is back, and that it was restarted: its jobs may be gone."""
    if not before.seen or now.link.state != "up":
        return []
    news = []
    if before.link.state == "down":
        away = duration(now.snapshot.taken_at - before.snapshot.taken_at)
        news.append(News(f"{name} is back after {away}."))
    old, new = before.snapshot.server, now.snapshot.server
    if not old.is_same_process(new):
        jobs = f"{plural(jobs_in(old), 'job')} before, {grouped(jobs_in(new))} now"
        news.append(News(f"{name} was restarted: {jobs}.", "warning"))
    return news
