"""The error of a failed job, if its body has it: many producers put a job again with its error in
it.

To know another producer, add a row to `PLACES`. Members with usual names, as `last_error`, are
recognized in any body.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from beantop.jobs.bodies.error_text import class_and_message, is_class
from beantop.jobs.bodies.layers import MAX_LAYERS
from beantop.jobs.bodies.members import at_path, opened, value_of
from beantop.jobs.bodies.plain import reads_well
from beantop.jobs.bodies.signature import signature
from beantop.jobs.bodies.values import Members, Value, children

MAX_READ = 2**18
"""Bytes of a body that are read."""

MAX_MEMBERS = 10_000
"""Objects and lists of a body that are searched."""

MAX_DEPTH = 4
"""Depth of the deepest member that is taken for an error because of its name."""

TRACEBACK = b"Traceback (most recent call last)"
"""The first line of a traceback of Python."""

LONGEST = 500
"""Characters of the longest class or message."""


class JobError(NamedTuple):
    """The error of a job. Texts are foreign: they may contain control characters."""

    class_name: str
    """Class of the exception; "" if it is not named."""
    message: str

    @property
    def text(self) -> str:
        """The class before the message."""
        return ": ".join(filter(None, (self.class_name, self.message)))

    @property
    def signature(self) -> str:
        """The part that errors of this kind share: the text without ids, numbers and the like.

        >>> JobError("Timeout", "Could not send to ada@example.org (code 550)").signature
        'Timeout: Could not send to … (code …)'
        """
        return self._replace(message=signature(self.message)).text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a producer writes an error. `LAST` is a step to the newest of several."""

    producer: str
    class_name: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """Members that the body must have, too."""

    @property
    def firsts(self) -> frozenset[str]:
        """The outermost members on the paths: without one of them there is no error here."""
        return frozenset(path[0] for path in (self.class_name, self.message) if path)


LAST = "*"

_STAMP = "Symfony\\Component\\Messenger\\Stamp\\"


def _stamps(name: str, class_name: tuple[str, ...], message: tuple[str, ...]) -> Iterator[Place]:
    """Yield where Symfony Messenger writes a stamp, depending on its serializer."""
    starts = (
        ("body", "stamps", _STAMP + name, LAST),
        ("stamps", _STAMP + name, LAST),
        ("headers", f"X-Message-Stamp-{_STAMP}{name}", LAST),
    )
    for start in starts:
        yield Place(f"Symfony's {name}", start + class_name, start + message)


PLACES = (
    *_stamps("ErrorDetailsStamp", ("exceptionClass",), ("exceptionMessage",)),
    *_stamps("RedeliveryStamp", ("flattenException", "class"), ("exceptionMessage",)),
    *_stamps("SentToFailureTransportStamp", ("flattenException", "class"), ("exceptionMessage",)),
    Place("Sidekiq", ("error_class",), ("error_message",)),
    Place("Resque", ("exception",), ("error",), ("payload",)),
    Place("Celery's result", ("result", "exc_type"), ("result", "exc_message")),
    Place("Celery", ("exc_type",), ("exc_message",)),
    Place("Faktory", ("failure", "errtype"), ("failure", "message")),
    Place("Oban", (), ("errors", LAST, "error"), ("worker",)),
    Place("BullMQ", (), ("failedReason",)),
    Place("dramatiq", (), ("options", "traceback"), ("actor_name",)),
    Place("rq", (), ("exc_info",)),
    Place("a class beside the error", ("exception",), ("error",), ("exception", "error")),
    Place("a class beside the error", ("error_class",), ("error",), ("error_class", "error")),
    Place("a class beside the error", ("error_type",), ("error",), ("error_type", "error")),
    Place("a class beside the message", ("exception_class",), ("exception_message",)),
    Place("ActiveJob", ("exception_executions", LAST)),
    Place("ActiveJob in Sidekiq", ("args", "0", "exception_executions", LAST)),
)
"""The first place that has a value wins."""

_FIRSTS = [(place, place.firsts) for place in PLACES]

_ERRORS = {
    "error", "errors", "exception", "lasterror", "lastexception", "errormessage", "exceptionmessage",
    "failure", "failurereason", "failurereasons", "failedreason", "failmessage", "traceback",
    "excinfo", "errmsg", "errormsg", "lasterrormessage",
}  # fmt: skip
"""Names of members that hold an error, without signs between their words."""

_CLASSES = (
    "class",
    "exceptionclass",
    "errorclass",
    "type",
    "errortype",
    "exctype",
    "exception",
    "name",
)
_MESSAGES = (
    "message",
    "msg",
    "errormessage",
    "exceptionmessage",
    "excmessage",
    "error",
    "detail",
    "reason",
    "description",
)
_BETWEEN = re.compile(r"[_\-. ]")
_NOTHING = {"", "null", "none", "false", "0", "no", "nil", "[]", "{}"}


def job_error(body: bytes, decoder: str = "") -> JobError | None:
    """Return the error in a body; None if it has none. `decoder` is as in `views`.

    >>> job_error(b'{"class": "HardJob", "error_class": "IOError", "error_message": "disk full"}')
    JobError(class_name='IOError', message='disk full')
    >>> job_error(b'{"to": "ada", "last_error": "TimeoutError: no answer within 30 s"}')
    JobError(class_name='TimeoutError', message='no answer within 30 s')
    >>> job_error(b"send 7\\nTraceback (most recent call last):\\n  File a.py\\nshop.NoStock: 7 left\\n")
    JobError(class_name='shop.NoStock', message='7 left')
    """
    value = value_of(body[:MAX_READ], decoder)
    if not isinstance(value, Members):
        return _of_text(body[:MAX_READ]) if value is None else None
    names = value.keys()
    for place, firsts in _FIRSTS:
        if not firsts.isdisjoint(names) and names >= set(place.beside):
            class_name = _text(_at(value, place.class_name))
            message = _text(_at(value, place.message))
            if class_name or message:
                return _error(class_name, message)
    return _named_so(value)


def _of_text(text: bytes) -> JobError | None:
    """Return the error of the last traceback of Python in a text: the first line below its calls, which are
    indented."""
    before, traceback, after = text.rpartition(TRACEBACK)
    if not traceback or not reads_well(before):
        return None
    _, *lines = after.decode("utf-8", "replace").splitlines()
    calls = list(takewhile(lambda line: line.startswith(" "), lines))
    if not any(line.lstrip().startswith("File ") for line in calls) or len(calls) == len(lines):
        return None
    return _error("", f"{traceback.decode()}\n{lines[len(calls)]}")


def _at(value: Value, path: tuple[str, ...]) -> Value:
    """Return the value at a path, in which `LAST` is the last member or item."""
    if not path:
        return None
    if LAST not in path:
        return at_path(value, path)
    at = path.index(LAST)
    every = opened(at_path(value, path[:at]))
    found = list(children(every))
    if not found:
        return None
    name, last = found[-1]
    rest = path[at + 1 :]
    if rest:
        return at_path(last, rest)
    return name.strip("[]") if isinstance(every, Members) else last  # of exception_executions


def _named_so(value: Members) -> JobError | None:
    """Return the error of the first member, from the outside in, that has the name of one."""
    left: deque[tuple[Value, int]] = deque([(value, 0)])
    for _ in range(MAX_MEMBERS):
        if not left:
            break
        found, depth = left.popleft()
        for name, member in children(found):
            if _plain(name) in _ERRORS and (error := _error_in(member)):
                return error
            if depth < MAX_DEPTH and len(left) < MAX_MEMBERS:
                inside = opened(member, MAX_LAYERS - depth)
                if isinstance(inside, Members | list):
                    left.append((inside, depth + 1))
    return None


def _error_in(value: Value) -> JobError | None:
    """Return the error in a member with the name of one: a text, an object, or a list of these."""
    value = opened(value)
    if isinstance(value, list):
        value = opened(value[-1]) if value else None
    if isinstance(value, Members):
        by_name = {_plain(name): member for name, member in value.items()}
        class_name = next(filter(None, (_text(by_name.get(name)) for name in _CLASSES)), "")
        message = next(filter(None, (_text(by_name.get(name)) for name in _MESSAGES)), "")
        class_name = class_name or value.class_name
        return _error(class_name, message) if class_name or message else None
    text = _text(value)
    return _error("", text) if text.strip().lower() not in _NOTHING else None


def _error(class_name: str, text: str) -> JobError:
    """Return an error, with its class from the text where that is not a class itself."""
    if not is_class(class_name):
        class_name, text = "", text or class_name
    named, message = class_and_message(text)
    if class_name and named not in ("", class_name):
        message = text.strip().partition("\n")[0]
    return JobError((class_name or named)[:LONGEST], message[:LONGEST])


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return _BETWEEN.sub("", name).lower()


def _text(value: Value) -> str:
    """Return a value as the text of an error; "" if it is none."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_text, value[:5])))
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, str) else ""
