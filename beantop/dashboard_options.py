"""The options of the dashboard."""

from collections.abc import Sequence
from typing import NamedTuple


class DashboardOptions(NamedTuple):
    """What was given on the command line, under the names that `arguments.dashboard_parser` gives it."""

    addresses: Sequence[str] = ()
    demo: bool = False
    interval: float | None = None
    """Seconds."""
    readonly: bool = False
    write: bool = False
    record: str | None = None
    """Path of a recording."""
    log: str | None = None
    theme: str | None = None
    ascii: bool = False
    unmask: bool = False
    config: str | None = None
    default_config: bool = False
    paths: bool = False
