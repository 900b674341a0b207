"""Jobs as lines of a file, for the trash, exports and imports, with all that is needed to put them.

Each line is a JSON object. A UTF-8 body is text under `body`; any other is under `body_base64`.
"""

import base64
import json
from collections.abc import Mapping
from typing import NamedTuple, cast, get_args

from beantop.beanstalk import State
from beantop.beanstalk.commands import DEFAULT_PRIORITY, DEFAULT_TTR, MAX_ID, MAX_UINT32
from beantop.jobs.job_info import MIN_PARKED, JobInfo

COUNTERS = ("age", "reserves", "timeouts", "releases", "buries", "kicks")
"""Further keys that are saved for information. They cannot be restored."""

PUT_AT = "put_at"
"""The key of an export with the Unix time at which a job was put: it tells the job from a later one with the
same id."""


SETTINGS = ("tube", "body", "body_base64", "state", "priority", "pri", "delay", "ttr")
"""The keys of a line that a job is put with. `body` and `body_base64` exclude each other, and so do
`priority` and `pri`."""


MASKED_KEY = "masked"
"""The key that marks a line whose body is not the real one."""


class _Escapes(dict[int, str]):
    """A translation table of characters to JSON escapes, filled on demand."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character.isprintable() else json.dumps(character)[1:-1]
        return self[code]


_escapes = _Escapes()


class SavedJob(NamedTuple):
    """A job at the time it was saved."""

    tube: str
    body: bytes
    id: int = 0
    """0 if it never had one."""
    state: State = "ready"
    priority: int = DEFAULT_PRIORITY
    delay: int = 0
    """Seconds until a delayed job becomes ready; else 0."""
    ttr: int = DEFAULT_TTR
    """Seconds for which a worker may hold it."""
    counters: Mapping[str, int] = {}


def saved(job: JobInfo, body: bytes) -> SavedJob:
    """Return the job with its body, ready to be saved. Values that the server left out get their
    defaults; numbers that cannot be put, as other implementations may report, are clamped."""
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


def line_of(job: SavedJob, *, masked: bool = False) -> str:
    r"""Return the job as a line, without the newline. Characters that are not printable are written
    as JSON escapes, so the line is safe to show in a terminal. `masked` marks a body that is not the real
    one, so that `read_import` refuses it.

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
    if masked:
        members[MASKED_KEY] = True
    line = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    return line if line.isprintable() else line.translate(_escapes)


def read_line(line: str | bytes) -> SavedJob:
    """Read the job of a line; only `tube` and a body are required. Raises ValueError with a
    sentence.

    >>> read_line('{"tube":"a","body":"hello"}')
    SavedJob(tube='a', body=b'hello', id=0, state='ready', priority=65536, delay=0, ttr=60, counters={})
    """
    return job_of(_members(line))


def read_import(line: str | bytes) -> SavedJob:
    """Read the job of a line that a person or another program wrote. Accepts `pri`, the protocol's
    key, for the priority. Raises ValueError if the line is ambiguous, or if the job would not become
    what the line says: then a value in it would be lost.

    >>> read_import('{"tube":"a","body":"hello","pri":10}').priority
    10
    >>> read_import('{"tube":"a","body":"hello","prio":10}')
    Traceback (most recent call last):
    ValueError: 'prio' is not a key of a job: use tube, body, body_base64, state, priority, pri, delay, ttr
    """
    members = _members(line)
    if members.pop(MASKED_KEY, False) is not False:
        raise ValueError("its body is masked, so it is not the real one: export with --unmask")
    for key in members:
        if key not in (*SETTINGS, "id", *COUNTERS, PUT_AT):
            raise ValueError(f"{key[:50]!r} is not a key of a job: use {', '.join(SETTINGS)}")
    for key, alias in (("priority", "pri"), ("body", "body_base64")):
        if key in members and alias in members:
            raise ValueError(f"it has both {key} and {alias}")
    if "pri" in members:
        members["priority"] = members.pop("pri")
    job = job_of(members)
    if mistake := _mistake(members, job):
        raise ValueError(mistake)
    return job


def _mistake(members: Mapping[str, object], job: SavedJob) -> str:
    """Return why the job cannot become what its line says, as a clause; "" if it can. A delayed job
    may have a delay of 0 seconds: so it is exported in its last second."""
    if "state" in members and job.state != "delayed" and job.delay:
        return f"its state is {job.state}, but it has a delay: only a delayed job has one"
    if job.state == "delayed" and "delay" not in members:
        return "its state is delayed, but it has no delay: add the seconds until it is ready"
    if job.delay >= MIN_PARKED:
        return (
            f"its delay of {job.delay} seconds marks a job that beantop hides from workers for a"
            f" moment: use less than {MIN_PARKED}"
        )
    if job.ttr == 0:
        return "its ttr is 0, which beanstalkd makes 1: use 1 or more"
    return ""


class _RepeatedKey(ValueError):
    """A key that an object has twice, as a sentence."""


def _without_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for key, value in pairs:
        if key in members:
            raise _RepeatedKey(f"it has the key {key[:50]!r} twice")
        members[key] = value
    return members


def _members(line: str | bytes) -> dict[str, object]:
    try:
        members = json.loads(line, object_pairs_hook=_without_repeated_keys)
    except _RepeatedKey:
        raise
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(members, dict):
        raise ValueError("it is not a JSON object")
    return members


def job_of(members: Mapping[str, object]) -> SavedJob:
    """Return the job from the members of a JSON object. Raises ValueError with a sentence."""
    tube, state = members.get("tube"), members.get("state", "ready")
    if not isinstance(tube, str):
        raise ValueError("it has no tube")
    if state not in get_args(State):
        raise ValueError(f"{state!r} is not a job state: use {', '.join(get_args(State))}")
    return SavedJob(
        tube,
        _body(members),
        _number(members, "id", 0, MAX_ID),
        cast(State, state),
        _number(members, "priority", DEFAULT_PRIORITY),
        _number(members, "delay", 0),
        _number(members, "ttr", DEFAULT_TTR),
        {key: value for key in (*COUNTERS, PUT_AT) if isinstance(value := members.get(key), int)},
    )


def _body(members: Mapping[str, object]) -> bytes:
    text, encoded = members.get("body"), members.get("body_base64")
    if isinstance(text, str):
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("its body is not valid Unicode") from None
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except ValueError:
            raise ValueError("its body_base64 is not base64") from None
    raise ValueError("it has no body")


def _number(members: Mapping[str, object], key: str, default: int, most: int = MAX_UINT32) -> int:
    number = members.get(key, default)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        raise ValueError(f"its {key} is not a whole number from 0 to {most}")
    return number
