"""Editing a text in the user's editor."""

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from beantop.app.action_context import User
from beantop.formatting import size
from beantop.jobs.aside import in_time, in_time_async
from beantop.jobs.storage import describe_file_error, is_regular, open_ours, write_new

LARGEST = 2**28
"""Bytes of the largest text that is edited."""


class Draft:
    """A text in a file that is the user's alone. What was written in it stays there, whatever
    happens, until somebody says `forget`; a file in which nothing was written goes after the block.

    Bytes that are not UTF-8 come back as lone surrogates.
    """

    def __init__(self, text: str) -> None:
        """Create the file. Raises OSError if the disk is full."""
        self._begun_with = self.text = text
        self.is_written = False
        """Whether the text differs from what it was at the beginning."""
        try:
            self._directory = in_time(partial(tempfile.mkdtemp, prefix="beantop-"))
        except OSError as error:
            raise OSError(f"there is no room for a file: {describe_file_error(error)}") from None
        self.path = Path(self._directory, "job.txt")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.is_written:
            self.forget()

    async def edit(self, user: User) -> None:
        """Let $VISUAL, $EDITOR or `vi` change the text. Raises OSError, with the end of a sentence, if none
        is there or if it failed."""
        try:
            await in_time_async(self._put)
            problem = user.run_program(["VISUAL", "EDITOR"], "vi", str(self.path))
            self.is_written = True  # as far as anybody knows
            self.text = in_time(self._read)  # at once: who waits here may be cancelled
        except OSError as error:
            raise OSError(f"the file of the text: {describe_file_error(error)}") from None
        self.is_written = self.text != self._begun_with
        if problem:
            raise OSError(problem.removesuffix("."))

    def forget(self) -> None:
        self.is_written = False
        shutil.rmtree(self._directory, ignore_errors=True)

    def _put(self) -> None:
        data = self.text.encode("utf-8", "surrogateescape")
        if len(data) > LARGEST:
            raise OSError(f"it is larger than {size(LARGEST)}")
        beside = self.path.with_suffix(".new")  # nothing is lost where there is no room for it
        write_new(str(beside), data)
        beside.replace(self.path)

    def _read(self) -> str:
        try:
            descriptor = open_ours(self.path, os.O_RDONLY)
        except OSError:
            self.is_written = is_regular(self.path)
            raise
        with os.fdopen(descriptor, "rb") as file:
            os.fchmod(descriptor, 0o600)  # an editor that replaced it knows nothing of that
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise OSError(f"it is larger than {size(LARGEST)}")
        return data.decode("utf-8", "surrogateescape")
