"""The trash: no job is deleted before it is on the disk, and each deletion can be put back.

One deletion is one file of JSON lines. The first line says what was deleted, where and when; then
come the jobs, and notes of what became of them: deleted, kept, put back. A job that neither note
names may have been deleted or not: the program was ended, or the connection lost, in between.
Files are for their owner alone, and a link in the place of one is not followed.
"""

import fcntl
import itertools
import json
import os
import time
from pathlib import Path

from beantop.jobs.deletion import HEAD, Deletion, Summary, read_deletion
from beantop.jobs.deletion_file import DeletionFile
from beantop.jobs.files import make_private, open_ours, sync_directory

KEPT_SECONDS = 30 * 86_400
"""Older deletions are dropped when a new one begins."""

MOST_BYTES = 2**30
"""When all files together are larger, the oldest are dropped when a new deletion begins."""

_numbers = itertools.count(1)


class Trash:
    """The directory with the deletions."""

    def __init__(
        self, directory: Path, *, most_bytes: int = MOST_BYTES, kept_seconds: float = KEPT_SECONDS
    ) -> None:
        self.directory = directory
        self._most_bytes = most_bytes
        self._kept_seconds = kept_seconds

    def begin(self, server: str, what: str) -> DeletionFile:
        """A new deletion. Raises OSError."""
        make_private(self.directory)
        self._tidy()
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        path = self.directory / f"{stamp}-{os.getpid()}-{next(_numbers):06}.jsonl"
        file = DeletionFile(path, new=True)
        head = {"kind": HEAD, "version": 1, "server": server, "what": what}
        try:
            file.append([json.dumps({**head, "time": time.time()})], synced=True)
            sync_directory(self.directory)
        except BaseException:
            file.close()
            raise
        return file

    def deletions(self) -> list[Summary]:
        """All deletions, the latest first. A file that is none of ours is passed over. Raises
        OSError."""
        found = map(read_deletion, reversed(self._paths()))
        return [deletion.summary for deletion in found if deletion]

    def last(self, server: str) -> Deletion | None:
        """The latest deletion on that server of which something can be put back. Raises OSError."""
        for path in reversed(self._paths()):
            deletion = read_deletion(path)
            if deletion and deletion.server == server and deletion.restorable:
                return deletion
        return None

    def open(self, deletion: Deletion | Summary) -> DeletionFile:
        """The file of a deletion, to note what is put back. Raises OSError; `Busy` if another
        program has it open."""
        return DeletionFile(deletion.path, new=False)

    def read(self, deletion: Deletion | Summary) -> Deletion | None:
        """The deletion as its file tells it now; None if the file has gone."""
        return read_deletion(deletion.path)

    def _paths(self) -> list[Path]:
        """The files, the oldest first; none as long as there is no directory. Raises OSError."""
        try:
            names = os.listdir(self.directory)
        except FileNotFoundError:
            return []
        return [self.directory / name for name in sorted(names) if name.endswith(".jsonl")]

    def _tidy(self) -> None:
        """Drop what is too old, and the oldest of what is too much, but never the latest for that."""
        byte_count = 0
        for number, path in enumerate(reversed(self._paths())):
            try:
                stat = path.lstat()
                byte_count += stat.st_size
                too_much = number > 0 and byte_count > self._most_bytes
                too_old = stat.st_mtime < time.time() - self._kept_seconds
                if (too_much or too_old) and not _is_in_use(path):
                    path.unlink()
            except OSError:
                continue  # another beantop was quicker, or it is not ours to drop


def _is_in_use(path: Path) -> bool:
    """Whether a beantop has it open. Raises OSError."""
    descriptor = open_ours(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

