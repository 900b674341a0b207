"""The process and machine values in `stats`."""

import resource
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from os import getpid, uname

VERSION = "1.13-demo"
"""Version of beanstalkd that is imitated, marked as an imitation."""

USER_TIME, SYSTEM_TIME = 50e-6, 130e-6
"""CPU seconds of one command, sent alone, over a network, to a beanstalkd with a binlog."""


def cpu_for(commands: int) -> tuple[float, float]:
    """Return the user and system time, in seconds, that beanstalkd needs for the commands."""
    return commands * USER_TIME, commands * SYSTEM_TIME


def _cpu_of_this_process() -> tuple[float, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime, usage.ru_stime


@dataclass(frozen=True, slots=True)
class Host:
    """Values of `stats` about process and machine. The defaults are those of this process."""

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    """Id of this run of the server."""
    pid: int = field(default_factory=getpid)
    name: str = field(default_factory=lambda: uname().nodename)
    os: str = field(default_factory=lambda: uname().version)
    platform: str = field(default_factory=lambda: uname().machine)
    cpu: Callable[[], tuple[float, float]] = _cpu_of_this_process
    """Return the user and system time so far, in seconds."""
