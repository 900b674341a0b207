"""What is told of a bug of ours that ends the program: where it was, and nothing of anybody's jobs."""

import traceback

from beantop.formatting import printable

UNDER_WAY = (
    "What it was doing to jobs just then may be done in part; what it did before stands in the log"
    " of actions (beantop --paths)."
)


def crash_report(error: BaseException) -> str:
    """The traceback without values of variables: they may be bodies of jobs. Safe to print.

    >>> print(crash_report(ValueError("a\\x1b]52;c;aGk=\\x07b")).splitlines()[-2])
    ValueError: a␛]52;c;aGk=␇b
    """
    lines = "".join(traceback.format_exception(error)).splitlines()
    told = "\n".join(printable(line) for line in lines)
    return f"{told}\nbeantop: this is a bug in beantop. {UNDER_WAY}"
