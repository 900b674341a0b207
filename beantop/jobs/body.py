"""What is kept of the bodies of a list: a job may have a gigabyte, and a list a million jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_BODIES = 500
"""Bodies that are kept: those of the rows that were on the screen last."""

KEPT_WHOLE = 2**16
"""Bytes: no server takes a larger body unless it is told to (`-z`)."""

KEPT_OF_LARGE = 2**10
"""Bytes that are kept of a larger one: its first line in the list."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that came from the server, or the beginning of a large one."""

    size: int
    beginning: bytes

    @property
    def whole(self) -> bytes | None:
        """The body; None if only its beginning was kept."""
        return self.beginning if len(self.beginning) == self.size else None

    def is_of(self, body: bytes) -> bool:
        """Whether that is the body, as far as it was kept."""
        return len(body) == self.size and body.startswith(self.beginning)


def kept(body: bytes) -> Body:
    """What is kept of a body.

    >>> kept(b"ada").whole, kept(bytes(70_000)).whole, kept(bytes(70_000)).size
    (b'ada', None, 70000)
    """
    return Body(len(body), body if len(body) <= KEPT_WHOLE else body[:KEPT_OF_LARGE])


class BodyCache:
    """The bodies that came last, by the ids of their jobs."""

    def __init__(self) -> None:
        self._kept: dict[int, Body] = {}

    def add(self, bodies: Mapping[int, bytes]) -> None:
        """Keep these, and no longer those that were kept longest."""
        for id, body in bodies.items():
            self._kept.pop(id, None)
            self._kept[id] = kept(body)
        for id in list(self._kept)[:-MAX_BODIES]:
            del self._kept[id]

    def clear(self) -> None:
        self._kept.clear()

    def get(self, id: int) -> Body | None:
        return self._kept.get(id)

    def missing(self, ids: Iterable[int]) -> list[int]:
        """Those of these jobs whose bodies are not kept."""
        return [id for id in ids if id not in self._kept]
