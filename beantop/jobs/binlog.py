"""Jobs that keep the binlog from shrinking: the server deletes a file only when no job is in it."""

from collections.abc import Iterable

from beantop.jobs.job_info import JobInfo


def holders(jobs: Iterable[JobInfo]) -> list[JobInfo]:
    """Return the jobs in the oldest binlog file that holds any of them, oldest jobs first.

    >>> def job(id, age, file): return JobInfo(id, "a", "ready", 0, age, 0, 60, 0, file, 0, 0, 0, 0, 0, 0.0)
    >>> [held.id for held in holders([job(1, 10, 3), job(2, 90, 3), job(3, 500, 4), job(4, 9, 0)])]
    [2, 1]
    """
    written = [job for job in jobs if job.file]
    oldest = min((job.file or 0 for job in written), default=0)
    held = [job for job in written if job.file == oldest]
    return sorted(held, key=lambda job: (-(job.age or 0), job.id))
