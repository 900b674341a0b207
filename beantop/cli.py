"""The entry point of the command. Options such as `--version` are answered before large imports."""

from collections.abc import Sequence

from beantop.arguments import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        options = parse(arguments)
        from beantop.ending import last_resort

        last_resort.listen()
        from beantop.command import run  # imports everything else, and asyncio

        return run(options)
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        from beantop.ending import code_of_signal

        if (code := code_of_signal(error)) is None:
            raise
        return code
