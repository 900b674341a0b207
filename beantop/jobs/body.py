"""The cache of bodies for a job list: a body may have a gigabyte, and a list a million jobs."""

import math
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

MAX_BODIES = 500
"""Bodies that are kept: those of the rows shown most recently."""

KEPT_WHOLE = 2**16
"""Bytes. A server accepts larger bodies only if it was started with `-z`."""

MAX_FOLLOWED_BYTES = 2**26
"""Bytes of bodies that are kept of jobs that are followed, since those that are gone cannot be read again."""

KEPT_OF_LARGE = 2**10
"""Bytes kept of a larger body: enough for its first line in the list."""


class Body(NamedTuple):
    """A body received from the server, or the beginning of a large one."""

    size: int
    beginning: bytes

    @property
    def whole(self) -> bytes | None:
        """The complete body; None if only its beginning was kept."""
        return self.beginning if len(self.beginning) == self.size else None

    def is_of(self, body: bytes) -> bool:
        """Return whether `body` matches, as far as this one was kept."""
        return len(body) == self.size and body.startswith(self.beginning)


class BodyDigest(NamedTuple):
    """A body that can still be recognized, but no longer be shown: it takes about 200 bytes at any size."""

    size: int
    compared: int
    """Number of bytes at the beginning that the digest is of."""
    digest: bytes

    def is_of(self, body: bytes) -> bool:
        """Return whether `body` matches, as far as it was kept."""
        return len(body) == self.size and _digest(body[: self.compared]) == self.digest


def digest_of(body: Body) -> BodyDigest:
    """Return what is enough to recognize a body.

    >>> digest = digest_of(kept(b"ada"))
    >>> digest.is_of(b"ada"), digest.is_of(b"eva"), digest.is_of(b"ada "), len(digest.digest)
    (True, False, False, 16)
    """
    return BodyDigest(body.size, len(body.beginning), _digest(body.beginning))


def _digest(data: bytes) -> bytes:
    from hashlib import blake2b  # it loads OpenSSL

    return blake2b(data, digest_size=16).digest()


def kept(body: bytes) -> Body:
    """Return the part of a body that is kept.

    >>> kept(b"ada").whole, kept(bytes(70_000)).whole, kept(bytes(70_000)).size
    (b'ada', None, 70000)
    """
    return Body(len(body), body if len(body) <= KEPT_WHOLE else body[:KEPT_OF_LARGE])


class BodyCache:
    """The bodies received most recently, by job id."""

    def __init__(self, most: int = MAX_BODIES, most_bytes: float = math.inf) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[int, Body] = {}
        self._bytes = 0

    def add(self, bodies: Mapping[int, bytes]) -> None:
        """Add bodies, and drop those that were added longest ago."""
        for id, body in bodies.items():
            self._drop(id)
            self._kept[id] = kept(body)
            self._bytes += len(self._kept[id].beginning)
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, id: int) -> None:
        if body := self._kept.pop(id, None):
            self._bytes -= len(body.beginning)

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0

    def get(self, id: int) -> Body | None:
        return self._kept.get(id)

    def of(self, jobs: Container[int]) -> dict[int, Body]:
        """Return the cached bodies of the jobs with these ids."""
        return {id: body for id, body in self._kept.items() if id in jobs}

    def missing(self, ids: Iterable[int]) -> list[int]:
        """Return the ids whose bodies are not cached."""
        return [id for id in ids if id not in self._kept]
