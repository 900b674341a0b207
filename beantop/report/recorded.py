"""Record what servers say into a file, for `beantop record` and `beantop --record`."""

import fcntl
import os
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from beantop.config import ServerConfig
from beantop.formatting import plural
from beantop.jobs.storage import describe_file_error, open_regular
from beantop.monitor.frames import Damaged, FrameWriter, Full, NotFrames
from beantop.monitor.poller import Poller, ServerStatus
from beantop.monitor.recording import RecordedServer, RecordedSession, Recorder
from beantop.report.output import say

MAX_SIZE = 2**30
"""Bytes of a recording, unless the user says otherwise."""

FOR_SECONDS = 24 * 3600.0
"""Seconds for which `beantop record` records, unless the user says otherwise."""

FULL = "the recording has reached its maximum size"


def open_recorder(
    path: str, servers: Sequence[ServerConfig], interval: float, max_size: int
) -> Recorder:
    """Create a recording, or continue one; say what was cut off. Raises `ValueError` with a sentence."""
    try:
        return _open(path, servers, interval, max_size)
    except BlockingIOError:
        raise ValueError(f"{path}: another beantop records into it") from None
    except OSError as error:
        raise ValueError(f"{path}: {describe_file_error(error)}") from None
    except Damaged as error:
        where = f"{path} is damaged at byte {error.offset:,}"
        raise ValueError(f"{where}: record into another file") from None
    except NotFrames as error:
        raise ValueError(f"{path}: {error}") from None
    except Full:
        raise ValueError(f"{path}: {FULL}") from None


def _open(path: str, servers: Sequence[ServerConfig], interval: float, max_size: int) -> Recorder:
    descriptor = open_regular(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        watched = tuple(RecordedServer(one.address, one.name, one.color) for one in servers)
        session = RecordedSession(time.time(), time.monotonic(), watched, interval)
        writer = FrameWriter(descriptor, max_size)
        if writer.cut:
            say(f"{path}: cut off the incomplete end ({plural(writer.cut, 'byte')})")
        return Recorder(writer, session)
    except BaseException:
        os.close(descriptor)
        raise


class SideRecorder:
    """Records beside a dashboard, which goes on if the recording cannot."""

    def __init__(self, path: str, recorder: Recorder) -> None:
        self._path = path
        self._recorder: Recorder | None = recorder
        self._problem = ""

    def note(self, number: int, status: ServerStatus) -> None:
        """Record a status of the server with this number, from 1."""
        if self._recorder is None:
            return
        try:
            self._recorder.note(number, status, time.time())
        except Full:
            self._end("it has reached its maximum size")
        except OSError as error:
            self._end(describe_file_error(error))

    def _end(self, why: str) -> None:
        self._recorder = None
        self._problem = f"The recording {self._path} has ended: {why}."

    def new_problem(self) -> str:
        """Return why the recording has ended, once, as a sentence; "" if it has not."""
        problem, self._problem = self._problem, ""
        return problem


class RecordedPoller(Poller):
    """A poller whose statuses are recorded. `note` gets each of them first."""

    note: Callable[[ServerStatus], None]

    async def watch(self) -> AsyncGenerator[ServerStatus, None]:
        async with aclosing(super().watch()) as statuses:
            async for status in statuses:
                self.note(status)
                yield status
