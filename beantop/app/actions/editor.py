"""Changing a text in the user's editor."""

import tempfile
from pathlib import Path

from textual.app import App

from beantop.app.actions.outside import run_outside


def edit(app: App[None], text: str) -> str | None:
    """The text as it is after $VISUAL, $EDITOR or `vi`; None if it was not changed.

    The file is the user's alone, and is deleted afterwards. Bytes that are not UTF-8 come back as
    lone surrogates. Raises OSError with a sentence if there is no editor, or no room.
    """
    with tempfile.TemporaryDirectory(prefix="beantop-") as directory:  # some editors replace files
        path = Path(directory) / "job.txt"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        if problem := run_outside(app, ["VISUAL", "EDITOR"], "vi", str(path)):
            raise OSError(problem)
        now = path.read_bytes().decode("utf-8", "surrogateescape")
    return None if now == text else now
