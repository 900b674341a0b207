"""Commands as values: the bytes to send, the reply word for success, and how to read the reply.

Every argument is checked here, before a byte is sent. If the server finds a `put` line malformed, it
reads the body as commands. No name, number or body may therefore be read as a second command.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from beantop.beanstalk.errors import ERROR_WORDS, ProtocolError, UnknownResponseError
from beantop.beanstalk.replies import BODY_LIMIT, Reply
from beantop.beanstalk.stats import (
    Stats,
    StatsJob,
    StatsTube,
    read_first_names,
    read_list,
    read_stats,
    read_stats_job,
    read_stats_tube,
)

TBody = TypeVar("TBody", str, bytes)
T_co = TypeVar("T_co", covariant=True)

DEPTH = 128
"""Maximum number of commands in flight. A low number lets the server take turns with its other
clients: their p99 stays at 0.2 ms with 128, and is 7 ms with 20,000 (1.13, `stats-job`)."""

DEFAULT_TUBE = "default"
DEFAULT_PRIORITY = 2**16
DEFAULT_DELAY = 0
DEFAULT_TTR = 60

MAX_UINT32 = 2**32 - 1
MAX_ID = 2**64 - 1  # job ids are uint64 in dat.h

# "Names, in this protocol, are ASCII strings": protocol.txt, and at most 200 bytes.
_NAME = re.compile(r"(?!-)[A-Za-z0-9\-+/;.$_()]{1,200}", re.ASCII)


@dataclass(frozen=True)  # with slots, Python 3.11 cannot call a subscripted Generic
class Job(Generic[TBody]):
    """A job as the server sent it."""

    id: int
    """Unique on its server, and never reused."""
    body: TBody
    """Body that the producer put: text for a `Client[str]`, bytes for a `Client[bytes]`."""


class Command(NamedTuple, Generic[T_co]):
    """One command, ready to be sent, whose result is a `T`. It is a tuple because a poll creates
    thousands, and tuples are fast to create."""

    wire: bytes
    success: bytes
    read: Callable[[Reply], T_co]

    @property
    def line(self) -> str:
        """Command line without the body, for messages."""
        return self.wire.partition(b"\r\n")[0].decode("ascii")

    def result(self, reply: Reply) -> T_co:
        """Return the result that the reply contains. Raises `BeanstalkdError` for an error word and
        `UnknownResponseError` for any other reply that is not a success."""
        if reply.word == self.success:
            try:
                return self.read(reply)
            except (ValueError, IndexError):
                raise UnknownResponseError(reply.word, reply.values, self.line) from None
        if error := ERROR_WORDS.get(reply.word):
            raise error(reply.values, self.line)
        raise UnknownResponseError(reply.word, reply.values, self.line)


def put(
    body: bytes,
    priority: int = DEFAULT_PRIORITY,
    delay: int = DEFAULT_DELAY,
    ttr: int = DEFAULT_TTR,
) -> Command[int]:
    """Put a new job into the used tube. The result is its id."""
    if not isinstance(body, bytes):
        raise TypeError(f"a body is bytes here, not {type(body).__name__}")
    if len(body) > BODY_LIMIT:
        raise ValueError(f"a body of {len(body):,} bytes is more than any beanstalkd takes")
    numbers = (_uint("priority", priority), _uint("delay", delay), _uint("ttr", ttr), len(body))
    return Command(b"put %d %d %d %d\r\n%b\r\n" % (*numbers, body), b"INSERTED", _number)


def use(tube: str) -> Command[str]:
    """Select the tube for `put`, `kick` and the peeks by state. The server creates it if necessary."""
    return Command(b"use %b\r\n" % check_tube(tube), b"USING", partial(_used, tube))


def reserve(timeout: int | None = None) -> Command[Job[bytes]]:
    """Reserve a job of the watched tubes. Waits forever, or for at most `timeout` seconds."""
    if timeout is None:
        return Command(b"reserve\r\n", b"RESERVED", _any_job)
    line = b"reserve-with-timeout %d\r\n" % _uint("timeout", timeout)
    return Command(line, b"RESERVED", _any_job)


def reserve_job(id: int) -> Command[Job[bytes]]:
    """Reserve this ready, delayed or buried job out of turn (since beanstalkd 1.12)."""
    return Command(b"reserve-job %d\r\n" % _id(id), b"RESERVED", partial(_job, id))


def delete(id: int) -> Command[None]:
    """Remove a job that is ready, delayed, buried, or reserved by this connection."""
    return Command(b"delete %d\r\n" % _id(id), b"DELETED", _nothing)


def release(id: int, priority: int = DEFAULT_PRIORITY, delay: int = DEFAULT_DELAY) -> Command[None]:
    """Release a job that this connection holds: it becomes ready, or delayed."""
    numbers = (_id(id), _uint("priority", priority), _uint("delay", delay))
    return Command(b"release %d %d %d\r\n" % numbers, b"RELEASED", _nothing)


def bury(id: int, priority: int = DEFAULT_PRIORITY) -> Command[None]:
    """Bury a job that this connection holds."""
    numbers = (_id(id), _uint("priority", priority))
    return Command(b"bury %d %d\r\n" % numbers, b"BURIED", _nothing)


def touch(id: int) -> Command[None]:
    """Restart the ttr of a job that this connection holds."""
    return Command(b"touch %d\r\n" % _id(id), b"TOUCHED", _nothing)


def watch(tube: str) -> Command[int]:
    """Watch this tube. The result is the number of watched tubes."""
    return Command(b"watch %b\r\n" % check_tube(tube), b"WATCHING", _number)


def ignore(tube: str) -> Command[int]:
    """Stop watching this tube. The result is the number of watched tubes."""
    return Command(b"ignore %b\r\n" % check_tube(tube), b"WATCHING", _number)


def peek(id: int) -> Command[Job[bytes]]:
    """Peek at a job in any state and tube."""
    return Command(b"peek %d\r\n" % _id(id), b"FOUND", partial(_job, id))


def peek_ready() -> Command[Job[bytes]]:
    """Peek at the next ready job of the used tube."""
    return Command(b"peek-ready\r\n", b"FOUND", _any_job)


def peek_delayed() -> Command[Job[bytes]]:
    """Peek at the delayed job of the used tube with the shortest delay left."""
    return Command(b"peek-delayed\r\n", b"FOUND", _any_job)


def peek_buried() -> Command[Job[bytes]]:
    """Peek at the job of the used tube that was buried first."""
    return Command(b"peek-buried\r\n", b"FOUND", _any_job)


def kick(bound: int) -> Command[int]:
    """Make up to `bound` buried jobs of the used tube ready, or delayed ones if none is buried."""
    return Command(b"kick %d\r\n" % _uint("bound", bound), b"KICKED", _number)


def kick_job(id: int) -> Command[None]:
    """Make this delayed or buried job ready."""
    return Command(b"kick-job %d\r\n" % _id(id), b"KICKED", _nothing)


def stats_job(id: int) -> Command[StatsJob]:
    """Read the statistics of a job."""
    return Command(b"stats-job %d\r\n" % _id(id), b"OK", partial(_job_stats, id))


def stats_tube(tube: str) -> Command[StatsTube]:
    """Read the statistics of a tube."""
    return Command(b"stats-tube %b\r\n" % check_tube(tube), b"OK", partial(_tube_stats, tube))


def stats() -> Command[Stats]:
    """Read the statistics of the server."""
    return Command(b"stats\r\n", b"OK", lambda reply: read_stats(reply.body))


def tubes() -> Command[list[str]]:
    """List the names of all tubes."""
    return Command(b"list-tubes\r\n", b"OK", lambda reply: read_list(reply.body))


def first_tubes(most: int) -> Command[tuple[list[str], int]]:
    """List the names of the first `most` tubes. The result also has the number of further tubes."""
    return Command(b"list-tubes\r\n", b"OK", lambda reply: read_first_names(reply.body, most))


def using() -> Command[str]:
    """Read the name of the used tube."""
    return Command(b"list-tube-used\r\n", b"USING", _name)


def watching() -> Command[list[str]]:
    """List the names of the watched tubes."""
    return Command(b"list-tubes-watched\r\n", b"OK", lambda reply: read_list(reply.body))


def pause_tube(tube: str, delay: int) -> Command[None]:
    """Pause the tube for `delay` seconds: no job is reserved from it. 0 resumes it."""
    line = b"pause-tube %b %d\r\n" % (check_tube(tube), _uint("delay", delay))
    return Command(line, b"PAUSED", _nothing)


def is_tube(name: str) -> bool:
    """Return whether a tube can have this name."""
    return _NAME.fullmatch(name) is not None


def check_tube(name: str) -> bytes:
    """Return the name as it is sent. Raises `ValueError` or `TypeError` if no tube can have it."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a tube is a str, not {type(name).__name__}")
    if not is_tube(name):
        raise ValueError(
            f"{name[:220]!r} is not a tube name: use 1 to 200 letters, digits and -+/;.$_(), not starting with -"
        )
    return name.encode("ascii")


def _uint(what: str, number: int, most: int = MAX_UINT32) -> int:
    if not isinstance(number, int) or isinstance(number, bool):
        raise TypeError(f"{what} is an int, not {type(number).__name__}")
    if not 0 <= number <= most:
        raise ValueError(f"{what} is a number from 0 to {most:,}, not {number}")
    return number


def _id(id: int) -> int:
    return _uint("the id of a job", id, MAX_ID)


# Readers of replies. A reply with too few or wrong values becomes an UnknownResponseError;
# additional values are ignored (tuber answers `INSERTED 7 READY`).


def _nothing(reply: Reply) -> None:
    return None


def _number(reply: Reply) -> int:
    digits = reply.values[0]
    if not digits.isdigit():
        raise ValueError(digits)
    return int(digits)


def _name(reply: Reply) -> str:
    return reply.values[0].decode("ascii")


def _any_job(reply: Reply) -> Job[bytes]:
    return Job(_number(reply), reply.body)


def _job(id: int, reply: Reply) -> Job[bytes]:
    return Job(check_id(id, _number(reply)), reply.body)


def _job_stats(id: int, reply: Reply) -> StatsJob:
    stats = read_stats_job(reply.body)
    check_id(id, stats.get("id", id))
    return stats


def check_id(asked: int, answered: int) -> int:
    """Return the id in a reply. Raises `ProtocolError` if another one was asked for: nobody must act on data
    of another job."""
    if answered != asked:
        raise ProtocolError(f"the server answered with job {answered} when asked for job {asked}")
    return answered


def _tube_stats(tube: str, reply: Reply) -> StatsTube:
    stats = read_stats_tube(reply.body)
    _check_name(tube, stats.get("name") or tube)
    return stats


def _used(tube: str, reply: Reply) -> str:
    return _check_name(tube, _name(reply))


def _check_name(asked: str, answered: str) -> str:
    """Return the name of a tube in a reply. Raises `ProtocolError` as `check_id`. No server has to cut or
    escape a name that `check_tube` accepts."""
    if answered != asked:
        raise ProtocolError(
            f"the server answered with tube {answered!r} when asked for tube {asked}"
        )
    return answered
