"""Show a text in the user's pager."""

import tempfile

from beantop.app.action_context import User
from beantop.jobs.storage import describe_file_error


def page(user: User, text: str) -> str:
    """Show a text that is safe to show in $PAGER or `less`. Return why that failed, or "".

    The file that the pager reads is the user's alone, and is deleted afterwards.
    """
    try:
        with tempfile.NamedTemporaryFile("wb", prefix="beantop-", suffix=".txt") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.flush()
            # A body is no place to start a shell from.
            return user.run_program(["PAGER"], "less", file.name, {"LESSSECURE": "1"})
    except OSError as error:
        return f"The file for the pager cannot be written: {describe_file_error(error)}."
