"""Recordings of a server that exists only here."""

import os
from pathlib import Path

from beantop.monitor.frames import FrameWriter
from beantop.monitor.poller import Link, ServerStatus
from beantop.monitor.recording import RecordedServer, RecordedSession, Recorder, Recording
from beantop.monitor.snapshot import NOTHING_SEEN, Server, Snapshot, Tube

ADDRESS = ("queue-1", 11300)
SESSION = RecordedSession(1_790_000_000.0, 100.0, (RecordedServer(ADDRESS, "prod", "red"),))


def tube(name: str, at: float, ready: int) -> Tube:
    return Tube(name, at, ready=ready, buried=1, total_jobs=ready, deletes=0, pause=0)


def poll(at: float, *tubes: Tube, **stats: object) -> Snapshot:
    server = Server(at, {"id": "abc", "uptime": int(at), **stats}, 1)  # type: ignore[typeddict-item]
    names = [item.name for item in tubes if item.taken_at == at]
    return Snapshot(at, 1_790_000_000 + at, server, {t.name: t for t in tubes}, 0.01, 0.001, names)


def status(snapshot: Snapshot, polls: int) -> ServerStatus:
    link = Link("up" if polls else "connecting", 100.0)
    return ServerStatus(ADDRESS, link, snapshot, polls=polls, pace=1.0, peer=("10.0.0.1", 11300))


def written_polls(count: int) -> list[ServerStatus]:
    """A status before the first poll, then polls; the tube `far` is in every third of them."""
    statuses = [status(NOTHING_SEEN, 0)]
    far = tube("far", 0, 0)
    for number in range(1, count):
        at = 100.0 + number
        if number % 3 == 1:
            far = tube("far", at, number)
        statuses.append(status(poll(at, tube("emails", at, 5 * number), far), number))
    return statuses


def writer(path: Path) -> FrameWriter:
    return FrameWriter(os.open(path, os.O_RDWR | os.O_CREAT))


def record(path: Path, statuses: list[ServerStatus], session: RecordedSession = SESSION) -> None:
    recorder = Recorder(writer(path), session)
    for number, item in enumerate(statuses):
        recorder.note(1, item, session.wall + number)
    recorder.close()


def read(path: Path) -> Recording:
    return Recording(os.open(path, os.O_RDONLY))
