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

LARGE = 2**20
"""Bytes after which what was fed is not copied once more to be read."""

# Words that announce a body, and which of their values is its size.
_SIZE_AT = {b"OK": 0, b"FOUND": 1, b"RESERVED": 1}
_WHAT = {b"OK": "an answer", b"FOUND": "a job", b"RESERVED": "a job"}


class Reply(NamedTuple):
    """One answer of the server: its word, the values behind it, and the body if there is one."""

    word: bytes
    values: list[bytes]
    body: bytes = b""


class ReplyReader:
    """Cuts a stream of bytes into replies: `feed` what arrived, then iterate over `replies`.

    A body that is announced larger than that is not waited for: `largest_answer` is for the lists
    and maps that the server tells of itself, `largest_job` for the bodies of jobs.
    """

    def __init__(self, *, largest_answer: int = BODY_LIMIT, largest_job: int = BODY_LIMIT) -> None:
        self.largest_answer = largest_answer
        self.largest_job = largest_job
        self._buffer = bytearray()
        self._least = 0  # bytes of the unfinished reply, as far as known: no use to look before
        self._broken = ""

    def feed(self, data: bytes | memoryview) -> None:
        """Take what arrived; nothing is read yet."""
        self._buffer += data

    def replies(self) -> Iterator[Reply]:
        """The replies that are whole by now; a `ProtocolError` where the bytes stop making sense."""
        if self._broken:
            raise ProtocolError(self._broken)
        if len(self._buffer) < self._least:
            return
        data = self._buffer if len(self._buffer) > LARGE else bytes(self._buffer)
        at, self._least = 0, 0
        try:
            while True:
                reply, end = self._reply_at(data, at)
                if reply is None:
                    self._least = end - at
                    break
                at = end
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

    def _reply_at(self, data: bytes | bytearray, start: int) -> tuple[Reply | None, int]:
        """The reply that starts there and where it ends; while bytes are missing, None and where it
        ends at the earliest."""
        line_end = data.find(b"\r\n", start, start + LINE_LIMIT)
        if line_end < 0:
            if len(data) - start >= LINE_LIMIT:
                raise ProtocolError(f"the server sent a line of over {LINE_LIMIT:,} bytes")
            return None, start
        if isinstance(data, bytes):
            word, *values = data[start:line_end].split(b" ")
        else:
            word, *values = map(bytes, data[start:line_end].split(b" "))
        if not word:
            raise ProtocolError("the server sent a line without a word")
        body_start = line_end + 2
        if word not in _SIZE_AT:
            return Reply(word, values), body_start
        body_end = body_start + self._body_size(word, values)
        end = body_end + 2
        if len(data) < end:
            return None, end
        if not data.startswith(b"\r\n", body_end):
            raise ProtocolError("the server sent a body that is not as long as announced")
        if isinstance(data, bytes):
            return Reply(word, values, data[body_start:body_end]), end
        with memoryview(data) as view:
            return Reply(word, values, bytes(view[body_start:body_end])), end

    def _body_size(self, word: bytes, values: list[bytes]) -> int:
        place = _SIZE_AT[word]
        digits = values[place] if place < len(values) else b""
        most = self.largest_answer if word == b"OK" else self.largest_job
        if not digits.isdigit() or len(digits) > 10 or int(digits) > BODY_LIMIT:
            announced = digits.decode("ascii", "backslashreplace")[:20]
            raise ProtocolError(f"the server announced a body of {announced or 'no'} bytes")
        if int(digits) > most:
            announced = f"{_WHAT[word]} of {int(digits):,} bytes"
            raise ProtocolError(f"the server announced {announced} (at most {most:,} are taken)")
        return int(digits)
