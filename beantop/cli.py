"""The entry point of the command. Options such as `--version` are answered before large imports."""

import sys
from collections.abc import Sequence

from beantop.commands import VERBS


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
    from beantop.arguments import parse

    options = parse(arguments)
    from beantop.ending import last_resort

    last_resort.listen()
    from beantop.dashboard import run  # imports everything else, and asyncio

    return run(options)
