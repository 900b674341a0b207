"""What is written when there is no room for it."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def little_room(byte_count: int) -> Iterator[None]:
    """No file can be larger than that, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
