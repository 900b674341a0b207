"""The exit codes of the command."""

OK = 0
BUG = 1
USAGE = 2
NO_CONNECTION = 3
INCOMPLETE = 4
INTERRUPTED = 130
"""The code that shells use for a program ended by ctrl-c."""

MEANINGS = {
    OK: "done",
    BUG: "a bug in beantop",
    USAGE: "wrong usage, no such tube or job, no terminal, or a file that cannot be read or written",
    NO_CONNECTION: "no connection, and nothing was done",
    INCOMPLETE: "done in part: a server did not answer, not all jobs were exported or changed, or a log"
    " is incomplete",
}
"""128 + n, for a program ended by signal n, is not listed."""
