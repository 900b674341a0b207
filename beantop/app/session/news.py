"""What is said when a server goes away, comes back, or is another process than before."""

from dataclasses import dataclass
from typing import Literal

from beantop.formatting import duration, grouped, printable
from beantop.monitor.poller import ServerStatus


@dataclass(frozen=True, slots=True)
class News:
    """One sentence, safe to show."""

    sentence: str
    severity: Literal["information", "warning"] = "information"
    is_alarm: bool = False
    """Whether it is to be told outside the screen, too, if the user wants that."""
    on_screen: bool = False
    """Whether the screen tells it already, so that only the log is to."""


def is_lost(before: ServerStatus, now: ServerStatus) -> bool:
    """Whether the connection was lost between these two."""
    return before.link.state == "up" and now.link.state == "down"


def lost(name: str, now: ServerStatus, *, on_screen: bool) -> News:
    """Why a server is lost; `on_screen` if it is the one that is looked at."""
    return News(f"{name} is lost: {printable(now.link.reason)}.", "warning", on_screen=on_screen)


def slowed(name: str, before: ServerStatus, now: ServerStatus) -> list[News]:
    """That the server is polled less often than the user wants."""
    if before.stretched or not now.stretched or not now.seen:
        return []
    took = f"{now.snapshot.took:.1f} s" if now.snapshot.took >= 0.1 else "too long"
    return [News(f"{name}: polls take {took}. They come every {now.pace:.1f} s now.", "warning")]


def returned(name: str, before: ServerStatus, now: ServerStatus) -> list[News]:
    """That a server is back, and that it is a new process: its jobs may be gone."""
    if not before.seen or now.link.state != "up":
        return []
    news = []
    if before.link.state == "down":
        away = duration(now.snapshot.taken_at - before.snapshot.taken_at)
        news.append(News(f"{name} is back after {away}."))
    old, new = before.snapshot.server, now.snapshot.server
    if not old.is_same_process(new):
        jobs = f"{grouped(old.ready)} ready jobs before, {grouped(new.ready)} now"
        news.append(News(f"{name} was restarted: {jobs}.", "warning"))
    return news
