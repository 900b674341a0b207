"""Bytes in, replies out; no I/O.

Rule 1: a reply is told by its first word alone, so the reader need not know what was asked.
Rule 2: the reader holds at most one unfinished reply beside what it was just fed.
Rule 3: after bytes that cannot be a reply nothing behind them means anything: the reader stays broken.
"""

from collections.abc import Iterator
from typing import NamedTuple

from beantop.beanstalk.errors import ProtocolError

LINE_LIMIT = 1024
"""Bytes of a reply's first line. The longest that beanstalkd sends is `USING` and a name, 208."""

BODY_LIMIT = 2**30
"""Bytes of a body: the most that beanstalkd's `-z` allows (JOB_DATA_SIZE_LIMIT_MAX in prot.c)."""

# Words that announce a body, and which of their values is its size.
_SIZE_AT = {b"OK": 0, b"FOUND": 1, b"RESERVED": 1}


class Reply(NamedTuple):
    """One answer of the server: its word, the values behind it, and the body if there is one."""

    word: bytes
    values: list[bytes]
    body: bytes = b""


class ReplyReader:
    """Cuts a stream of bytes into replies: `feed` what arrived, then iterate over `replies`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._broken = ""

    def feed(self, data: bytes) -> None:
        """Take what arrived; nothing is read yet."""
        self._buffer += data

    def replies(self) -> Iterator[Reply]:
        """The replies that are whole by now; a `ProtocolError` where the bytes stop making sense."""
        if self._broken:
            raise ProtocolError(self._broken)
        at = 0
        try:
            while found := self._reply_at(at):
                reply, at = found
                yield reply
        except ProtocolError as error:
            self._broken = str(error)
            raise
        finally:
            del self._buffer[:at]

    @property
    def idle(self) -> bool:
        """Whether no reply is half read."""
        return not self._buffer

    def _reply_at(self, start: int) -> tuple[Reply, int] | None:
        """The reply that starts there and where the next one does, or None while bytes are missing."""
        buffer = self._buffer
        end = buffer.find(b"\r\n", start, start + LINE_LIMIT)
        if end < 0:
            if len(buffer) - start >= LINE_LIMIT:
                raise ProtocolError(f"the server sent a line of over {LINE_LIMIT:,} bytes")
            return None
        word, *values = bytes(buffer[start:end]).split(b" ")
        if not word:
            raise ProtocolError("the server sent a line without a word")
        if word not in _SIZE_AT:
            return Reply(word, values), end + 2
        body_start = end + 2
        body_end = body_start + _body_size(word, values)
        if len(buffer) < body_end + 2:
            return None
        if buffer[body_end : body_end + 2] != b"\r\n":
            raise ProtocolError("the server sent a body that is not as long as announced")
        return Reply(word, values, bytes(buffer[body_start:body_end])), body_end + 2


def _body_size(word: bytes, values: list[bytes]) -> int:
    place = _SIZE_AT[word]
    digits = values[place] if place < len(values) else b""
    if not digits.isdigit() or len(digits) > 10 or int(digits) > BODY_LIMIT:
        announced = digits.decode("ascii", "backslashreplace")[:20]
        raise ProtocolError(f"the server announced a body of {announced or 'no'} bytes")
    return int(digits)
