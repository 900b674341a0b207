"""Arguments of the commands that change something, and the answers that these give."""

import argparse
from collections.abc import Callable
from typing import Any

from beantop.beanstalk.commands import MAX_ID
from beantop.commands.arguments import add_log, looks_like_server, name_first, whole_number
from beantop.commands.command_user import Answers
from beantop.formatting import shortened_word, without_commas
from beantop.jobs.job_info import MIN_PARKED


def add_consent(parser: argparse.ArgumentParser) -> None:
    """Take how much may be changed, and what is only to be shown."""
    group = parser.add_argument_group("before anything is changed")
    agreed = group.add_mutually_exclusive_group()
    agreed.add_argument(
        "--yes", action="store_true", help="change them; needed for more than one job"
    )
    agreed.add_argument(
        "--yes-to",
        type=count,
        metavar="N",
        help="change them only if they are exactly N; needed in production, and for many jobs if"
        " that cannot be undone",
    )
    group.add_argument(
        "--dry-run", action="store_true", help="print what would be changed, and change nothing"
    )
    group.add_argument(
        "--write",
        action="store_true",
        help="allow changes even if the configuration says read-only",
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as a JSON object")
    add_log(parser)


def answers_of(options: argparse.Namespace, **more: Any) -> Answers:
    """Return what these arguments answer, with further answers of a command."""
    given: dict[str, Any] = {
        "yes": options.yes,
        "yes_to": options.yes_to,
        "only_asks": options.dry_run,
    }
    return Answers(**{**given, **more})


_jobs = whole_number("a number of jobs such as 10", 1, MAX_ID)


def count(text: str) -> int:
    """Read a number of jobs, such as 1,204, from an argument."""
    return _jobs(without_commas(text.strip()))


def seconds_within(least: int, most: int, hint: str = "") -> Callable[[str], int]:
    """Return a function that reads a duration within these limits in seconds. `hint` ends its sentence."""

    def read(text: str) -> int:
        from beantop.app.questions import read_seconds
        from beantop.formatting import duration

        word = shortened_word(text)
        if looks_like_server(text):
            raise argparse.ArgumentTypeError(name_first(word, "time"))
        if (found := read_seconds(text)) is None:
            raise argparse.ArgumentTypeError(f"{word!r} is not a duration: use 30s, 5m or 2h")
        if not least <= found <= most:
            limits = f"from {least}s to {duration(most)}"
            raise argparse.ArgumentTypeError(f"it must be {limits}, not {word}{hint}")
        return found

    return read


delay = seconds_within(0, MIN_PARKED - 1)
