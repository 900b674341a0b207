"""Rates of a server's counters: commands, binlog records, processor time."""

from beantop.monitor.rates import rate
from beantop.monitor.snapshot import Server


def counter_rate(before: Server, after: Server, key: str) -> float | None:
    """Return how much a counter of `stats` grows per second; None if unknown.

    >>> before, after = Server(0.0, {"id": "a", "cmd-put": 10}), Server(5.0, {"id": "a", "cmd-put": 20})
    >>> counter_rate(before, after, "cmd-put"), counter_rate(before, after, "cmd-kick") is None
    (2.0, True)
    """
    if not before.is_same_process(after):
        return None
    return rate(_count(before, key), _count(after, key), after.taken_at - before.taken_at)


def processor_share(before: Server, after: Server) -> float | None:
    """Return the share of one processor that the server used between two polls, by its rusage.

    >>> before = Server(0.0, {"id": "a", "rusage-utime": "1.5", "rusage-stime": "0.5"})
    >>> after = Server(10.0, {"id": "a", "rusage-utime": "2.0", "rusage-stime": "1.0"})
    >>> processor_share(before, after)
    0.1
    """
    if not before.is_same_process(after):
        return None
    seconds = after.taken_at - before.taken_at
    return rate(before.processor_seconds, after.processor_seconds, seconds)


def _count(server: Server, key: str) -> int | None:
    value = server.stats.get(key)
    return value if isinstance(value, int) else None
