"""`beantop schema`: print what `--json` prints, as a JSON schema."""

import argparse
from pathlib import Path

from beantop import report
from beantop.commands.invocation import Invocation
from beantop.exit_codes import OK
from beantop.report.output import write

DESCRIPTION = "Print what each command prints with --json, as a JSON schema."

EXAMPLES = """\
  beantop schema > beantop.schema.json
  beantop schema | jq '."$defs".tube.properties | keys'
"""

FILE = Path(report.__file__).with_name("schema.json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take nothing."""


def run(invocation: Invocation) -> int:
    write(FILE.read_text("utf-8").rstrip())
    return OK
