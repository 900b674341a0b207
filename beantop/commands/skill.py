"""`beantop skill`: print how an AI agent finds why a queue is stuck."""

import argparse
from pathlib import Path

import beantop
from beantop.commands.invocation import Invocation
from beantop.exit_codes import OK
from beantop.report.output import write

DESCRIPTION = """\
Print the instructions for AI agents: what to run to find why a queue is stuck. All of it only reads."""

EXAMPLES = """\
  beantop skill
  beantop skill > SKILL.md  # in the directory where your agent looks for skills
"""

FILE = Path(beantop.__file__).parent / "docs" / "SKILL.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""


def run(invocation: Invocation) -> int:
    write(FILE.read_text("utf-8").rstrip())
    return OK
