"""Files that we write for the user, and read again: for their owner alone, and never through a link;
and files of the user's own. None of them is ever waited for, as a pipe without a writer is."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

NAME_KEPT = 50
"""Characters of a name that are kept in a temporary one: with all of them it could be too long."""

WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a file system says that gives a file only one name, as FAT does."""


def open_ours(path: str | Path, flags: int) -> int:
    """The descriptor of a file of ours. What stands in its place and is not a regular file, as a
    link, or a pipe that would be waited for, is an OSError."""
    return open_regular(path, flags | os.O_NOFOLLOW)


def open_regular(path: str | Path, flags: int) -> int:
    """The descriptor of a file; whatever else stands there is an OSError."""
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "it is not a regular file")


def is_regular(path: Path) -> bool:
    """Whether a file of ours stands there, which may be one that cannot be opened."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def read_regular(path: str | Path, most_bytes: int) -> bytes:
    """All of a file, which may be an empty one by way of /dev/null. Raises OSError, also if it is
    larger than that."""
    if os.path.realpath(path) == os.devnull:
        return b""
    with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes")
    return data


def end_of(descriptor: int) -> tuple[int, bool]:
    """Where an open file of lines ends, in bytes, and whether its last line was written whole."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    return end, not end or os.pread(descriptor, 1, end - 1) == b"\n"


def make_private(directory: Path) -> None:
    """Have a directory that only its owner can look into; so is the one above it, if it is new."""
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """A file that was not there before. During the block it has a temporary name in the same
    directory; it gets its own name when it is on the disk as a whole. Where anything goes wrong
    there is no file, and a program that is killed leaves at most the temporary one. Raises OSError.
    """
    temporary = _temporary_name(path)
    with os.fdopen(open_ours(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _give_name(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    with suppress(OSError):  # not every file system can do that
        sync_directory(os.path.dirname(path) or ".")


def sync_directory(directory: str | Path) -> None:
    """Write the names of new files to the disk, too. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary_name(path: str) -> str:
    """A name beside a file that is not there yet. Raises OSError where there can be none."""
    directory, name = os.path.split(path)
    if path and not name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with suppress(FileNotFoundError):
        os.lstat(path)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    return os.path.join(directory, f".{name[:NAME_KEPT]}.{secrets.token_hex(4)}.part")


def _give_name(temporary: str, path: str) -> None:
    """Give a file its own name, unless another file has that by now."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.rename(temporary, path)
    else:
        with suppress(OSError):  # the file is whole, with one name more
            os.unlink(temporary)


def write_new(path: str, data: bytes) -> None:
    """Write all of it into a new file. Raises OSError."""
    with new_file(path) as file:
        file.write(data)


def describe_file_error(error: OSError) -> str:
    """What is wrong with a file.

    >>> describe_file_error(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return (error.strerror or str(error)).lower()
