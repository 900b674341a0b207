"""The binlog statistics of a server started with `-b` (`walg.c`). No file is written."""

from collections import defaultdict

from beantop.demo.tubes import Job

MAX_SIZE = 10 * 2**20
"""Bytes of a file without `-s` (`Filesizedef` in dat.h)."""

RECORD = 4 + 80
"""Bytes of a record: the length of a name and a `Jobrec` (dat.h). The first record of a job also has
its tube name and body."""


class Binlog:
    """Numbered files with a record of each change of a job.

    A file is removed when it has no first record of any job. While the files are large for their
    contents, jobs in the oldest file are written again ("migrated"), so that it can be removed.
    """

    def __init__(self, *, is_on: bool) -> None:
        self.oldest = self.current = 1 if is_on else 0
        """Numbers of the oldest and the current file, or 0 without a binlog."""
        self.records_written = self.records_migrated = 0
        self._used = 0  # bytes of the current file
        self._alive = 0  # bytes of the records of existing jobs
        self._jobs: defaultdict[int, dict[int, Job]] = defaultdict(dict)
        """Jobs by the number of the file with their first record, and by id."""

    def write(self, job: Job) -> None:
        """Record that the job was put, released with a delay, buried or kicked."""
        if self.current:
            self._append(job)
            self._compact()

    def delete(self, job: Job) -> None:
        if self.current:
            self._append(job)
            self._drop(job)
            self._compact()

    def pass_over(self, records: int, size: int) -> None:
        """Count records, with a total of `size` bytes, of jobs that have been deleted since."""
        if self.current:
            self.records_written += records
            while size > (room := MAX_SIZE - self._used):
                size -= room
                self._begin_file()
                while self._migrate():
                    pass
            self._used += size

    def _append(self, job: Job) -> None:
        size = RECORD if job.file else RECORD + len(job.tube.name) + len(job.body)
        if self._used + size > MAX_SIZE:
            self._begin_file()
        if not job.file:
            job.file = self.current
            self._jobs[job.file][job.id] = job
        self._used += size
        job.file_size += size
        self._alive += size
        self.records_written += 1

    def _begin_file(self) -> None:
        self.current += 1
        self._used = 0
        self._remove_files()

    def _drop(self, job: Job) -> None:
        del self._jobs[job.file][job.id]
        self._alive -= job.file_size
        job.file = job.file_size = 0
        self._remove_files()

    def _remove_files(self) -> None:
        while self.oldest < self.current and not self._jobs[self.oldest]:
            del self._jobs[self.oldest]
            self.oldest += 1

    def _compact(self) -> None:
        """Migrate more jobs the smaller the used share of the files is, as `walcompact` does."""
        size = (self.current - self.oldest + 1) * MAX_SIZE
        for _ in range(size // self._alive - 2 if self._alive else 0):
            if not self._migrate():
                return

    def _migrate(self) -> bool:
        """Write one job of the oldest file again. Return whether there was one."""
        if self.current - self.oldest < 2:
            return False
        job = next(iter(self._jobs[self.oldest].values()))
        self._drop(job)
        self._append(job)
        self.records_migrated += 1
        return True
