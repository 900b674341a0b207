"""Changing a text in the user's editor."""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from beantop.app.action_context import User
from beantop.jobs.files import trouble, write_new


class Draft:
    """A text in a file that is the user's alone. What was written in it stays there, whatever
    happens, until somebody says `forget`; a file in which nothing was written goes after the block.

    Bytes that are not UTF-8 come back as lone surrogates.
    """

    def __init__(self, text: str) -> None:
        """Raises OSError if there is no room."""
        self._begun_with = self.text = text
        try:
            self._directory = tempfile.mkdtemp(prefix="beantop-")  # some editors replace files
        except OSError as error:
            raise OSError(f"there is no room for a file: {trouble(error)}") from None
        self.path = Path(self._directory, "job.txt")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_written:
            self.path.chmod(0o600)  # an editor that replaced it knows nothing of that
        else:
            self.forget()

    def edit(self, user: User) -> None:
        """Let $VISUAL, $EDITOR or `vi` change the text. Raises OSError with the end of a sentence if
        there is none of them, or it failed."""
        try:
            beside = self.path.with_suffix(".new")  # nothing is lost where there is no room for it
            write_new(str(beside), self.text.encode("utf-8", "surrogateescape"))
            beside.replace(self.path)
            problem = user.run_program(["VISUAL", "EDITOR"], "vi", str(self.path))
            self.text = self._read()
        except OSError as error:
            raise OSError(f"the file of the text: {trouble(error)}") from None
        if problem:
            raise OSError(problem.removesuffix("."))

    @property
    def is_written(self) -> bool:
        """Whether there is something that did not stand there at the beginning."""
        return self.path.is_file() and self._read() != self._begun_with

    def forget(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)

    def _read(self) -> str:
        return self.path.read_bytes().decode("utf-8", "surrogateescape")
