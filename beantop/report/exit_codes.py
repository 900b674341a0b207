"""What the command says to whoever started it."""

OK = 0
USAGE = 2
"""Wrong usage, no terminal, or a file that cannot be read or written."""
NO_CONNECTION = 3
"""Nothing was asked of the server, or nothing came of what was only looked at."""
INCOMPLETE = 4
"""Not all jobs were exported or imported."""
INTERRUPTED = 130
"""As a shell tells of a program that Ctrl-C ended."""
