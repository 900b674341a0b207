"""The entry point of the command. Options such as `--version` are answered before large imports."""

import os
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
        if given and (verb := _verb_meant_by(given[0])) and not _is_server(given):
            return _hint_at_verb(given[0], verb)
        return _run_dashboard(given)
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        from beantop.ending import code_of_signal

        if (code := code_of_signal(error)) is None:
            raise
        return code


def _verb_meant_by(word: str) -> str:
    """Return the sub-command that differs from a word only in a final s; "" for none.

    >>> _verb_meant_by("tube"), _verb_meant_by("servers"), _verb_meant_by("queue-1")
    ('tubes', 'server', '')
    """
    return next((verb for verb in (f"{word}s", word.removesuffix("s")) if verb in VERBS), "")


def _is_server(arguments: Sequence[str]) -> bool:
    """Return whether the first word is the name of a server in the configuration."""
    import argparse

    from beantop.config import settings_of

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config", nargs="?")
    options, _ = parser.parse_known_args(arguments)  # the others may be those of a command
    try:
        settings = settings_of(os.environ, options.config)
    except ValueError:
        return True  # the dashboard says what is wrong with it
    return settings.server_named(arguments[0]) is not None


def _hint_at_verb(word: str, verb: str) -> int:
    from beantop.report.output import fail

    return fail(
        f"{word} is not a command: did you mean beantop {verb}? For a server of that name, add its port:"
        f" beantop {word}:11300."
    )


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
