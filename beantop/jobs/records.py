"""Jobs as lines of a file, for the trash, exports and imports: all that it takes to put them again.

A line is a JSON object. A body that is UTF-8 stands under `body` as text, any other under
`body_base64`.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast, get_args

from beantop.beanstalk import State
from beantop.beanstalk.commands import DEFAULT_PRIORITY, DEFAULT_TTR, MAX_ID, MAX_UINT32
from beantop.jobs.job_info import JobInfo

COUNTERS = ("age", "reserves", "timeouts", "releases", "buries", "kicks")
"""What else is noted of a job. It cannot be put back, but it is good to know."""


SETTINGS = ("tube", "body", "body_base64", "state", "priority", "pri", "delay", "ttr")
"""The keys of a line that a job is put by; a line has one of two that mean the same."""


class _Escapes(dict[int, str]):
    """What each character of a line turns into; filled as they come."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character.isprintable() else json.dumps(character)[1:-1]
        return self[code]


_escapes = _Escapes()


@dataclass(frozen=True, slots=True)
class SavedJob:
    """A job as it was when it was saved."""

    tube: str
    body: bytes
    id: int = 0
    """0: it never had one."""
    state: State = "ready"
    priority: int = DEFAULT_PRIORITY
    delay: int = 0
    """Seconds that a delayed job still had to wait; else 0."""
    ttr: int = DEFAULT_TTR
    """Seconds a worker has for it."""
    counters: Mapping[str, int] = field(default_factory=dict)


def saved(job: JobInfo, body: bytes) -> SavedJob:
    """The job with that body. What its server does not tell is taken to be what is usual; a number
    that no job can be put with, as other implementations may have, becomes the nearest that can be.
    """
    counters = {key: value for key in COUNTERS if (value := getattr(job, key)) is not None}
    return SavedJob(
        job.tube,
        body,
        job.id,
        job.state or "ready",
        job.known_priority,
        job.waits,
        job.known_ttr,
        counters,
    )


def line_of(job: SavedJob) -> str:
    r"""The job as a line, without its end. It can be looked at in a terminal: JSON's own escapes stand
    for what is not printable.

    >>> line_of(SavedJob("a", b"\xff", id=7, state="buried"))
    '{"id":7,"tube":"a","state":"buried","priority":65536,"delay":0,"ttr":60,"body_base64":"/w=="}'
    """
    members: dict[str, object] = {
        "id": job.id,
        "tube": job.tube,
        "state": job.state,
        "priority": job.priority,
        "delay": job.delay,
        "ttr": job.ttr,
        **job.counters,
    }
    try:
        members["body"] = job.body.decode("utf-8")
    except UnicodeDecodeError:
        members["body_base64"] = base64.b64encode(job.body).decode("ascii")
    line = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    return line if line.isprintable() else line.translate(_escapes)


def read_line(line: str | bytes) -> SavedJob:
    """The job of a line. Only `tube` and a body must be there. Raises ValueError with a sentence.

    >>> read_line('{"tube":"a","body":"hello"}')
    SavedJob(tube='a', body=b'hello', id=0, state='ready', priority=65536, delay=0, ttr=60, counters={})
    """
    return job_of(_members(line))


def read_import(line: str | bytes) -> SavedJob:
    """The job of a line that a person or another program wrote. `pri`, the protocol's own word, is
    the priority. A key that means nothing here is a ValueError: what it was to say would be lost.

    >>> read_import('{"tube":"a","body":"hello","pri":10}').priority
    10
    >>> read_import('{"tube":"a","body":"hello","prio":10}')
    Traceback (most recent call last):
    ValueError: 'prio' is not a key of a job: use tube, body, body_base64, state, priority, pri, delay, ttr
    """
    members = _members(line)
    for key in members:
        if key not in (*SETTINGS, "id", *COUNTERS):
            raise ValueError(f"{key[:50]!r} is not a key of a job: use {', '.join(SETTINGS)}")
    for one, other in (("priority", "pri"), ("body", "body_base64")):
        if one in members and other in members:
            raise ValueError(f"it has both {one} and {other}")
    if "pri" in members:
        members["priority"] = members.pop("pri")
    return job_of(members)


def _members(line: str | bytes) -> dict[str, object]:
    try:
        members = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(members, dict):
        raise ValueError("it is not a JSON object")
    return members


def job_of(members: Mapping[str, object]) -> SavedJob:
    """The job of a line that was read already. Raises ValueError with a sentence."""
    tube, state = members.get("tube"), members.get("state", "ready")
    if not isinstance(tube, str):
        raise ValueError("it has no tube")
    if state not in get_args(State):
        raise ValueError(f"there is no state {state!r}")
    return SavedJob(
        tube,
        _body(members),
        _number(members, "id", 0, MAX_ID),
        cast(State, state),
        _number(members, "priority", DEFAULT_PRIORITY),
        _number(members, "delay", 0),
        _number(members, "ttr", DEFAULT_TTR),
        {key: value for key in COUNTERS if isinstance(value := members.get(key), int)},
    )


def _body(members: Mapping[str, object]) -> bytes:
    text, encoded = members.get("body"), members.get("body_base64")
    if isinstance(text, str):
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("its body is no Unicode text") from None
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except ValueError:
            raise ValueError("its body_base64 is not base64") from None
    raise ValueError("it has no body")


def _number(members: Mapping[str, object], key: str, usual: int, most: int = MAX_UINT32) -> int:
    number = members.get(key, usual)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        raise ValueError(f"its {key} is not a whole number from 0 to {most}")
    return number
