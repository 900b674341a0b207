"""What a server tells of the process and the machine it runs in."""

import resource
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from os import getpid, uname

VERSION = "1.13-demo"
"""The beanstalkd whose behavior this is, and that this is not it."""

USER_TIME, SYSTEM_TIME = 50e-6, 130e-6
"""Seconds that a command takes of a processor, if it comes alone, over a network, to a beanstalkd
with a binlog."""


def cpu_for(commands: int) -> tuple[float, float]:
    """Seconds of user and of system time that a beanstalkd takes for so many commands."""
    return commands * USER_TIME, commands * SYSTEM_TIME


def _cpu_of_this_process() -> tuple[float, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime, usage.ru_stime


@dataclass(frozen=True, slots=True)
class Host:
    """The values of `stats` that come from outside the queue; as they are here, if not given."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of this run of the server."""
    pid: int = field(default_factory=getpid)
    name: str = field(default_factory=lambda: uname().nodename)
    os: str = field(default_factory=lambda: uname().version)
    platform: str = field(default_factory=lambda: uname().machine)
    cpu: Callable[[], tuple[float, float]] = _cpu_of_this_process
    """Seconds of user and of system time so far."""
