"""Private files of beantop, which are never opened through a symbolic link, and files of the user.

Opening never blocks, as it would for a pipe without a writer."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

NAME_KEPT = 50
"""Characters of a name that are kept in the temporary name, which could get too long with all."""

WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""Errors of file systems without hard links, such as FAT."""


def open_ours(path: str | Path, flags: int) -> int:
    """Open a file of beantop and return its descriptor. Raises OSError, also if it is not a regular
    file but, for example, a symbolic link or a pipe."""
    return open_regular(path, flags | os.O_NOFOLLOW)


def open_regular(path: str | Path, flags: int) -> int:
    """Open a regular file and return its descriptor. Raises OSError if it is anything else."""
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "it is not a regular file")


def has_name(descriptor: int, path: Path, *, follow_links: bool = False) -> bool:
    """Return whether an open file can be found under this name: it, or its directory, was not removed,
    moved or replaced. Raises OSError if that cannot be told."""
    try:
        there = os.stat(path, follow_symlinks=follow_links)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return os.path.samestat(os.fstat(descriptor), there)


def is_regular(path: Path) -> bool:
    """Return whether the path is a regular file, even one that cannot be opened."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def read_regular(path: str | Path, most_bytes: int) -> bytes:
    """Return the contents of a file; /dev/null is empty. Raises OSError, also if the file is larger
    than `most_bytes`."""
    if os.path.realpath(path) == os.devnull:
        return b""
    with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes")
    return data


def end_of(descriptor: int) -> tuple[int, bool]:
    """Return the size of an open file in bytes, and whether its last line is complete."""
    end = os.lseek(descriptor, 0, os.SEEK_END)
    return end, not end or os.pread(descriptor, 1, end - 1) == b"\n"


def make_private(directory: Path) -> None:
    """Create a directory with mode 0700, and its parent too if it does not exist."""
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def new_file(path: str) -> Iterator[IO[bytes]]:
    """Create a file that does not exist yet. During the block it has a temporary name in the same
    directory; it is renamed once it is completely on the disk. After an error there is no file; a
    process that is killed leaves at most the temporary one. Raises OSError."""
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
    with suppress(OSError):  # not supported by every file system
        sync_directory(os.path.dirname(path) or ".")


def sync_directory(directory: str | Path) -> None:
    """Flush the names of new files to the disk. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary_name(path: str) -> str:
    """Return a temporary name in the same directory. Raises OSError if `path` is taken or not
    valid."""
    directory, name = os.path.split(path)
    if path and not name:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with suppress(FileNotFoundError):
        os.lstat(path)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    return os.path.join(directory, f".{name[:NAME_KEPT]}.{os.urandom(4).hex()}.part")


def _give_name(temporary: str, path: str) -> None:
    """Rename a file. Raises FileExistsError if the new name exists."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in WITHOUT_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.rename(temporary, path)
    else:
        with suppress(OSError):  # the file is complete; it just keeps the second name
            os.unlink(temporary)


def write_new(path: str, data: bytes) -> None:
    """Write `data` to a new file. Raises OSError."""
    with new_file(path) as file:
        file.write(data)


def replace_file(path: Path, data: bytes) -> None:
    """Write a new file with mode 0600 and rename it to `path`. Raises OSError."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    temporary.unlink(missing_ok=True)  # left by a killed program that had our process id
    write_new(str(temporary), data)
    try:
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def describe_file_error(error: OSError) -> str:
    """Describe an error of a file, in lower case.

    >>> describe_file_error(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return (error.strerror or str(error)).lower()
