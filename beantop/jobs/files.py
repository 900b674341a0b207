"""Files that we write for the user: new ones, for their owner alone."""

import os


def open_new(path: str) -> int:
    """A descriptor of a file that was not there before. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, 0o600)


def write_new(path: str, data: bytes) -> None:
    """Write all of it into a new file. Raises OSError."""
    with os.fdopen(open_new(path), "wb") as file:
        file.write(data)
