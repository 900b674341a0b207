"""The beanstalk protocol and its two clients; usable alone, as a library.

    >>> from beantop.beanstalk import Client
    >>> with Client(("127.0.0.1", 11300), use="emails") as client:  # doctest: +SKIP
    ...     client.put("hello", ttr=120)
    1

Facts on the commands come from beanstalkd's doc/protocol.txt and prot.c.
"""

from typing import TYPE_CHECKING

from beantop.beanstalk import commands
from beantop.beanstalk.address import (
    Address,
    format_address,
    identity,
    is_local,
    normalized,
    parse_address,
    split_addresses,
)
from beantop.beanstalk.client import Client
from beantop.beanstalk.commands import (
    DEFAULT_DELAY,
    DEFAULT_PRIORITY,
    DEFAULT_TTR,
    DEFAULT_TUBE,
    Command,
    Job,
)
from beantop.beanstalk.errors import (
    BadFormatError,
    BeanstalkdError,
    BuriedError,
    ConnectionLostError,
    DeadlineSoonError,
    DrainingError,
    Error,
    ExpectedCrlfError,
    InternalError,
    JobTooBigError,
    NoAnswerError,
    NotFoundError,
    NotIgnoredError,
    OutOfMemoryError,
    ProtocolError,
    TimedOutError,
    UndecodableBodyError,
    UnknownCommandError,
    UnknownResponseError,
)
from beantop.beanstalk.reason import describe_error
from beantop.beanstalk.replies import Reply
from beantop.beanstalk.stats import State, Stats, StatsJob, StatsTube

if TYPE_CHECKING:
    from beantop.beanstalk.aio import AsyncClient
    from beantop.beanstalk.batch import Attempt

__all__ = [
    "DEFAULT_DELAY",
    "DEFAULT_PRIORITY",
    "DEFAULT_TTR",
    "DEFAULT_TUBE",
    "Address",
    "AsyncClient",
    "Attempt",
    "BadFormatError",
    "BeanstalkdError",
    "BuriedError",
    "Client",
    "Command",
    "ConnectionLostError",
    "DeadlineSoonError",
    "DrainingError",
    "Error",
    "ExpectedCrlfError",
    "InternalError",
    "Job",
    "JobTooBigError",
    "NoAnswerError",
    "NotFoundError",
    "NotIgnoredError",
    "OutOfMemoryError",
    "ProtocolError",
    "Reply",
    "State",
    "Stats",
    "StatsJob",
    "StatsTube",
    "TimedOutError",
    "UndecodableBodyError",
    "UnknownCommandError",
    "UnknownResponseError",
    "commands",
    "describe_error",
    "format_address",
    "identity",
    "is_local",
    "normalized",
    "parse_address",
    "split_addresses",
]


def __getattr__(name: str) -> object:
    """Import what needs asyncio when it is first used: asyncio takes longer to import than all the
    rest, and the blocking client does without it."""
    if name == "AsyncClient":
        from beantop.beanstalk.aio import AsyncClient

        return AsyncClient
    if name == "Attempt":
        from beantop.beanstalk.batch import Attempt

        return Attempt
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
