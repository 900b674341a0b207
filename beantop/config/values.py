"""Read single values of the configuration.

Each function raises `ValueError` with the end of a sentence that begins with the setting's name.
"""

import json
from collections.abc import Sequence

from beantop.beanstalk import Address, parse_address
from beantop.config.tube_pattern import apart, why_unmatched
from beantop.did_you_mean import nearest
from beantop.formatting import parse_duration
from beantop.interval import LONGEST, SHORTEST
from beantop.jobs.bodies.mask import Mask, read_mask

SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT = 1.0, 7 * 86_400.0
"""Seconds between heartbeats."""


def interval(value: object) -> float:
    """Read the seconds between polls."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number of seconds, not {_quoted(value)}")
    if not SHORTEST <= value <= LONGEST:
        raise ValueError(f"must be from {SHORTEST:g} to {LONGEST:g} seconds, not {_quoted(value)}")
    return float(value)


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {_quoted(value)}")
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be text in quotes, not {_quoted(value)}")
    return value


def on_or_off(value: object) -> bool:
    if value not in ("on", "off"):
        raise ValueError(f'must be "on" or "off", not {_quoted(value)}')
    return value == "on"


def tubes(value: object) -> str | tuple[str, ...]:
    """Read a pattern for tube names, or a list of them."""
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise ValueError(
            f'must be a pattern or a list such as ["emails", "sms-*"], not {_quoted(value)}'
        )
    if not patterns:
        raise ValueError("is an empty list; without tubes an alert is about the server")
    for pattern in patterns:
        if why := why_unmatched(pattern):
            parts = apart(pattern)
            hint = f"; a list is written tubes = {json.dumps(parts)}" if len(parts) > 1 else ""
            raise ValueError(f"has {_quoted(pattern)}, which no tube matches: {why}{hint}")
    return value if isinstance(value, str) else tuple(patterns)


def decoder(pattern: str, value: object) -> str:
    """Read the format of the bodies in the tubes that match a pattern."""
    _check(pattern)
    if not isinstance(value, str):
        raise ValueError(f'must name layers such as "base64+json", not {_quoted(value)}')
    from beantop.jobs.bodies.views import NAMES  # a large import, rarely needed

    for name in value.lower().split("+"):
        if name not in NAMES:
            raise ValueError(f"has no layer {_quoted(name)}{nearest(name, NAMES)}")
    return value


def member_path(pattern: str, value: object) -> str:
    """Read the path of the field that holds the class of jobs in the tubes that match a pattern."""
    _check(pattern)
    if not isinstance(value, str) or not all(value.split(".")):
        raise ValueError(
            f'must be the path of a field such as "payload.kind", not {_quoted(value)}'
        )
    return value


def mask(pattern: str, value: object) -> Mask:
    """Read what is masked in the bodies of the tubes that match a pattern."""
    _check(pattern)
    if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
        raise ValueError(
            f'must be a list such as ["password", "/[0-9]{{16}}/"], not {_quoted(value)}'
        )
    try:
        return read_mask(value)
    except ValueError as error:
        raise ValueError(f"is wrong: {error}") from None


def _check(pattern: str) -> None:
    """Raise `ValueError` if no tube can match the pattern."""
    if why := why_unmatched(pattern):
        hint = "; write one line for each pattern" if len(apart(pattern)) > 1 else ""
        raise ValueError(f"matches no tube: {why}{hint}")


def job_columns(pattern: str, value: object) -> tuple[str, ...]:
    """Read the columns for the jobs of the tubes that match a pattern: any name may be a field of their
    bodies."""
    _check(pattern)
    if not isinstance(value, list) or not all(
        isinstance(name, str) and name.split() == [name] for name in value
    ):
        raise ValueError(f'must be a list such as ["id", "age", "order_id"], not {_quoted(value)}')
    return tuple(value)


def one_of(known: Sequence[str], value: object) -> str:
    if value not in known:
        quoted = [f'"{word}"' for word in known]
        words = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
        raise ValueError(f"must be {words}, not {_quoted(value)}")
    return str(value)


def name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"must be a name in quotes, not {_quoted(value)}")
    return value


def names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f'must be a list such as ["ready", "buried"], not {_quoted(value)}')
    return tuple(value)


def address(value: object) -> Address:
    if not isinstance(value, str):
        raise ValueError(f'must be text such as "queue-1:11300", not {_quoted(value)}')
    try:
        return parse_address(value)
    except ValueError as error:
        raise ValueError(f"is wrong: {error}") from None


def keys(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'must be keys separated by commas, such as "K,f9", not {_quoted(value)}')
    return value


def duration(value: object) -> float:
    """Read a duration in seconds: a number, or a text such as "5m"."""
    seconds = parse_duration(value) if isinstance(value, str) else value
    if isinstance(value, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
        raise ValueError(f'must be a duration such as 30 or "5m", not {_quoted(value)}')
    return float(seconds)


def heartbeat(value: object) -> float:
    """Read the seconds between heartbeats."""
    seconds = duration(value)
    if not SHORTEST_HEARTBEAT <= seconds <= LONGEST_HEARTBEAT:
        raise ValueError(f"must be from 1 second to 7 days, not {_quoted(value)}")
    return seconds


def url(value: object) -> str:
    """Read the address of a webhook."""
    from urllib.parse import urlsplit  # rarely needed

    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.scheme not in ("http", "https") or not str(value).isprintable():
        raise ValueError(f'must be an address such as "https://host/path", not {_quoted(value)}')
    return str(value)


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
