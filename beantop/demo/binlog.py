"""What `stats` tells of the binlog of a server started with `-b` (`walg.c`): no file is written."""

from collections import defaultdict

from beantop.demo.tubes import Job

MAX_SIZE = 10 * 2**20
"""Bytes of a file, without `-s` (`Filesizedef` in dat.h)."""

RECORD = 4 + 80
"""Bytes: the length of a name and a `Jobrec` (dat.h). Name and body follow in the first of a job."""


class Binlog:
    """Numbered files that take a record of each change of a job.

    A file goes when no job has its first record in it. The jobs of the oldest are written anew
    ("migrated"), so that it can go, while the files are large for what is in them.
    """

    def __init__(self, *, is_on: bool) -> None:
        self.oldest = self.current = 1 if is_on else 0
        """The numbers of two files; 0 where there are none."""
        self.records_written = self.records_migrated = 0
        self._used = 0  # bytes of the current file
        self._alive = 0  # bytes of the jobs that there are
        self._jobs: defaultdict[int, dict[int, Job]] = defaultdict(dict)
        """By file and id."""

    def write(self, job: Job) -> None:
        """The job was put, released with a delay, buried or kicked."""
        if self.current:
            self._append(job)
            self._compact()

    def delete(self, job: Job) -> None:
        if self.current:
            self._append(job)
            self._drop(job)
            self._compact()

    def pass_over(self, records: int, size: int) -> None:
        """As if so many records, of so many bytes, had been written of jobs that are no more."""
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
        self._let_go()

    def _drop(self, job: Job) -> None:
        del self._jobs[job.file][job.id]
        self._alive -= job.file_size
        job.file = job.file_size = 0
        self._let_go()

    def _let_go(self) -> None:
        while self.oldest < self.current and not self._jobs[self.oldest]:
            del self._jobs[self.oldest]
            self.oldest += 1

    def _compact(self) -> None:
        """As `walcompact` does: migrate the more, the less of the files is of use."""
        size = (self.current - self.oldest + 1) * MAX_SIZE
        for _ in range(size // self._alive - 2 if self._alive else 0):
            if not self._migrate():
                return

    def _migrate(self) -> bool:
        """Write one job anew; whether there was one to which it applies."""
        if self.current - self.oldest < 2:
            return False
        job = next(iter(self._jobs[self.oldest].values()))
        self._drop(job)
        self._append(job)
        self.records_migrated += 1
        return True
