"""`beantop completion`: print the completion of a shell."""

import argparse
from collections.abc import Iterator

from beantop.commands import VERBS
from beantop.commands.invocation import Invocation, describe, load
from beantop.exit_codes import OK
from beantop.report.output import write

DESCRIPTION = "Print what a shell needs to complete the commands and options of beantop."

EXAMPLES = """\
  beantop completion bash > ~/.local/share/bash-completion/completions/beantop
  beantop completion zsh > ~/.zfunc/_beantop
  beantop completion fish > ~/.config/fish/completions/beantop.fish
"""

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


def run(invocation: Invocation) -> int:
    import shtab

    parser = whole_parser()
    for action in _all_actions(parser):
        if action.metavar == "FILE":
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
    write(shtab.complete(parser, invocation.options.shell).rstrip())
    return OK


def whole_parser() -> argparse.ArgumentParser:
    """Return a parser that knows the options of the dashboard and of all commands, to be read by shells
    and by the man page."""
    from beantop.arguments import dashboard_parser

    parser = dashboard_parser(with_hosts=False)
    commands = parser.add_subparsers(prog="beantop", title="commands", metavar="COMMAND")
    for name, verb in VERBS.items():
        describe(commands.add_parser(name, help=verb.help), name, load(name))
    return parser


def _all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield what a parser and its commands take."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _all_actions(command)
