"""The entry point of the command. Options such as `--version` are answered before large imports."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beantop.commands import VERBS

if TYPE_CHECKING:
    from beantop.dashboard_options import DashboardOptions


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given and given[0] in VERBS:
            return _run_verb(given[0], given[1:])
        return _run_dashboard(given)
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        from beantop.ending import code_of_signal

        if (code := code_of_signal(error)) is None:
            raise
        return code


def _run_verb(name: str, arguments: Sequence[str]) -> int:
    from beantop.commands import run_command
    from beantop.ending import last_resort

    last_resort.listen()
    return run_command(name, arguments)


def _run_dashboard(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    from beantop.ending import last_resort

    last_resort.listen()
    from beantop.dashboard import run  # imports everything else, and asyncio

    return run(options)


def _options(arguments: Sequence[str]) -> "DashboardOptions":
    """Return the options. Without any, no parser is made: that takes as long as ten modules."""
    if all(word.strip() and not word.startswith("-") for word in arguments):
        from beantop.dashboard_options import DashboardOptions

        return DashboardOptions(arguments)
    from beantop.arguments import parse

    return parse(arguments)
