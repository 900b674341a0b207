"""How often a server is polled: seconds from one poll to the next."""

import re

INTERVAL = 1.0
SHORTEST, LONGEST = 0.5, 3600.0


def read_interval(text: str) -> float:
    """Return the seconds between polls that an argument or a variable gives. Raises ValueError with the
    end of a sentence that begins with the name of the setting.

    >>> read_interval("soon")
    Traceback (most recent call last):
    ValueError: 'soon' is not a number of seconds from 0.5 to 3600
    """
    is_number = re.fullmatch(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+", text.strip())
    seconds = float(text) if is_number else 0.0
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"{text!r} is not a number of seconds from {SHORTEST:g} to {LONGEST:g}")
    return seconds
