"""The report of a bug that ends the program: where it is, without data of any job."""

import traceback

from beantop.formatting import printable

RUNNING_ACTIONS = (
    "An action that was running may be partly done; earlier ones are in the log of actions"
    " (beantop --paths shows where)."
)


def crash_report(error: BaseException) -> str:
    """Return the traceback without values of variables, which may be bodies of jobs. Safe to print.

    >>> print(crash_report(ValueError("a\\x1b]52;c;aGk=\\x07b")).splitlines()[-2])
    ValueError: a␛]52;c;aGk=␇b
    """
    lines = "".join(traceback.format_exception(error)).splitlines()
    report = "\n".join(printable(line) for line in lines)
    return f"{report}\nbeantop: this is a bug in beantop. {RUNNING_ACTIONS}"
