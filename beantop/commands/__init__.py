"""The sub-commands, such as `beantop tubes`: what they are called, and how one is run.

Each command is a module of this package with four names:

    DESCRIPTION            what it does, in a sentence or two
    EXAMPLES               commands that a reader can try, one a line
    add_arguments(parser)  what it takes beside the servers
    run(invocation)        does it, and returns the exit code

and, where it is needed,

    sort_out(options)      tells other arguments from the servers
    fail(sentence)         says what is wrong with the usage, and returns the exit code
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Verb(NamedTuple):
    """A sub-command, as `beantop --help` lists it."""

    group: str
    help: str
    module: str
    """The module of this package."""
    takes: Literal["servers", "settings", "nothing"] = "servers"
    """What it takes beside its own arguments: servers and the configuration, only that, or neither."""


LOOK, CHANGE, FILES = "look at servers and jobs", "change jobs and tubes", "export and import"
MONITOR, SCRIPTS = "monitor", "for shells and scripts"
RECORD, SHOW = "record and replay", "in a browser"

VERBS = {
    "tubes": Verb(LOOK, "print all tubes", "tubes"),
    "server": Verb(LOOK, "print all that the server reports of itself", "server"),
    "jobs": Verb(LOOK, "list the jobs of a tube, or groups of them", "jobs"),
    "job": Verb(LOOK, "print one job and its body", "job"),
    "kick": Verb(CHANGE, "make buried or delayed jobs ready", "kick"),
    "bury": Verb(CHANGE, "bury jobs", "bury"),
    "delete": Verb(CHANGE, "delete jobs, which are saved first", "delete"),
    "move": Verb(CHANGE, "move jobs to another tube", "move"),
    "copy": Verb(CHANGE, "copy jobs to another tube", "copy"),
    "set": Verb(CHANGE, "change the priority or the delay of jobs", "set"),
    "put": Verb(CHANGE, "put jobs from standard input", "put"),
    "pause": Verb(CHANGE, "pause a tube", "pause"),
    "resume": Verb(CHANGE, "end the pause of a tube", "resume"),
    "undo": Verb(CHANGE, "put back what was deleted last", "undo"),
    "export": Verb(FILES, "write the jobs of a tube to a file", "export"),
    "import": Verb(FILES, "put the jobs from such a file", "import_"),
    "check": Verb(MONITOR, "check rules once, as a plugin of Nagios or Icinga", "check"),
    "alert": Verb(MONITOR, "watch servers, and report alerts that fire and end", "alert"),
    "metrics": Verb(MONITOR, "export metrics to Prometheus", "metrics"),
    "schema": Verb(SCRIPTS, "print what --json prints, as a JSON schema", "schema", "nothing"),
    "completion": Verb(SCRIPTS, "print the completion of a shell", "completion", "nothing"),
    "skill": Verb(SCRIPTS, "print how an AI agent finds why a queue is stuck", "skill", "nothing"),
    "record": Verb(RECORD, "record what servers say into a file", "record"),
    "replay": Verb(
        RECORD, "show such a file on the screens of the dashboard", "replay", "settings"
    ),
    "mark": Verb(RECORD, "put a mark on the graphs of running dashboards", "mark", "nothing"),
    "web": Verb(SHOW, "show the dashboard in a browser", "web"),
}
"""The sub-commands by name. A server with such a name is written with its port."""


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run a sub-command with its arguments, and return its exit code."""
    from beantop.commands.invocation import load, run

    return run(name, load(name), arguments)
