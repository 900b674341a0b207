"""Run one sub-command: parse its arguments, read the configuration, name the servers."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from beantop.commands import VERBS
from beantop.commands.arguments import Parser, add_config, add_servers
from beantop.config import NOTHING_SET, ServerConfig, Settings, settings_of
from beantop.config.servers import servers_of
from beantop.report.output import NoReader, fail


@dataclass(frozen=True)
class Invocation:
    """What a sub-command was asked to do."""

    options: argparse.Namespace
    settings: Settings
    servers: Sequence[ServerConfig]
    """At least one, unless the command takes none."""

    @property
    def server(self) -> ServerConfig:
        """The only server. Raises `ValueError` if there are several."""
        if len(self.servers) > 1:
            number = len(self.servers)
            raise ValueError(f"this command takes one server, not {number}: name one")
        return self.servers[0]


class Command(Protocol):
    """A module of a sub-command."""

    DESCRIPTION: str
    EXAMPLES: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Invocation], int]


def load(name: str) -> Command:
    """Import the module of a sub-command."""
    command: Command = import_module(f"beantop.commands.{VERBS[name].module}")
    return command


def parser_of(name: str, command: Command) -> Parser:
    """Return the parser of a sub-command."""
    parser = Parser(prog=f"beantop {name}")
    describe(parser, name, command)
    parser.fail = _fail_of(command)
    return parser


def describe(parser: argparse.ArgumentParser, name: str, command: Command) -> None:
    """Have a parser take what a sub-command takes. The servers come last."""
    parser.description = command.DESCRIPTION
    parser.epilog = f"examples:\n{command.EXAMPLES.rstrip()}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_arguments(parser)
    if VERBS[name].takes == "servers":
        add_servers(parser)
    if VERBS[name].takes != "nothing":
        add_config(parser)


def run(name: str, command: Command, arguments: Sequence[str]) -> int:
    """Run a sub-command, and return its exit code."""
    options = parser_of(name, command).parse_intermixed_args(arguments)
    try:
        _sort_out(command, options)
        if VERBS[name].takes == "nothing":
            return command.run(Invocation(options, NOTHING_SET, ()))
        settings = settings_of(os.environ, options.config)
        if getattr(options, "unmask", False):  # not all commands take it
            settings = settings.unmasked()
        takes_servers = VERBS[name].takes == "servers"
        servers = servers_of(options.hosts, settings) if takes_servers else ()
        return command.run(Invocation(options, settings, servers))
    except ValueError as error:
        return _fail_of(command)(str(error))
    except NoReader as end:
        return end.code


def _fail_of(command: Command) -> Callable[[str], int]:
    """Return what a command does with a sentence about wrong usage. It may have a `fail` of its own."""
    found: Callable[[str], int] = getattr(command, "fail", fail)
    return found


def _sort_out(command: Command, options: argparse.Namespace) -> None:
    """Let a command with a function `sort_out` tell its other arguments from the servers, where both may
    be any number."""
    sort_out: Callable[[argparse.Namespace], None] = getattr(command, "sort_out", lambda _: None)
    sort_out(options)
