"""How bad the trouble of a tube is, as one number: tubes are sorted by it, the worst first.

The unit is jobs: how many are held up ten minutes from now, if it goes on as in the last minute. What
has lasted for an hour counts twice. So any amount of a trouble is worse than none, more is worse than
less, and no kind of trouble outranks another by its kind alone.
"""

AHEAD_MINUTES = 10.0
"""How far ahead the trend of the last minute is followed."""

LASTING_SECONDS = 3600.0
"""Time after which a trouble counts twice; before, it counts in proportion."""


def severity(jobs: float, per_minute: float = 0.0, seconds: float = 0.0) -> float:
    """Return how bad one trouble is: at least 1, at most 2 × (1 + jobs + 10 × jobs per minute).

    `jobs` are held up now, `per_minute` join them each minute, and it has lasted for `seconds`. A
    trouble that shrinks is as bad as one that stays.

    >>> severity(1), severity(30_000), severity(17, per_minute=3), severity(1800, seconds=1800)
    (2.0, 30001.0, 48.0, 2701.5)
    >>> severity(100, per_minute=-50) == severity(100)
    True
    """
    expected = 1.0 + jobs + AHEAD_MINUTES * max(0.0, per_minute)
    return expected * (1.0 + min(1.0, max(0.0, seconds) / LASTING_SECONDS))


def calm(ready: int | None) -> float:
    """Return the number of a tube without trouble: less than 1, and more with more ready jobs.

    >>> calm(0), calm(3), calm(None), calm(-1)
    (0.0, 0.75, -1.0, 0.0)
    """
    if ready is None:
        return -1.0
    return ready / (ready + 1) if ready > 0 else 0.0  # a server may lie
