"""The command line. What answers by itself, as `--version`, is answered before anything large is
loaded."""

from collections.abc import Sequence

from beantop.arguments import parse
from beantop.report.exit_codes import INTERRUPTED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the result is its exit code."""
    try:
        options = parse(arguments)
        from beantop.ending import last_resort

        last_resort.listen()
        from beantop.command import run  # all the rest, and asyncio

        return run(options)
    except KeyboardInterrupt:
        return INTERRUPTED
