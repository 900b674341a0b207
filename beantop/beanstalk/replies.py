"""Parse bytes into replies. No I/O.

Rule 1: the first word determines the form of a reply, so the reader need not know the command.
Rule 2: the reader holds at most one unfinished reply, apart from the data it was just fed.
Rule 3: after bytes that are not a reply the reader stays broken, because what follows has no meaning.
"""

from collections.abc import Iterator
from typing import NamedTuple

from beantop.beanstalk.errors import ProtocolError

LINE_LIMIT = 1024
"""Maximum bytes of a reply's first line. The longest that beanstalkd sends is `USING` and a name, 208."""

BODY_LIMIT = 2**30
"""Maximum bytes of a body: the limit of beanstalkd's `-z` (JOB_DATA_SIZE_LIMIT_MAX in prot.c)."""

LARGEST_ANSWER = 2**25
"""Maximum bytes of an answer: a list of 160,000 tubes with the longest names. A larger announced
size is a `ProtocolError`."""

LARGE = 2**20
"""Bytes above which the buffer is parsed in place instead of being copied first."""

# Words of replies with a body, and the index of the value that is its size.
_SIZE_AT = {b"OK": 0, b"FOUND": 1, b"RESERVED": 1}
_WHAT = {b"OK": "an answer", b"FOUND": "a job", b"RESERVED": "a job"}


class Reply(NamedTuple):
    """One reply of the server: its word, the values after it, and the body if there is one."""

    word: bytes
    values: list[bytes]
    body: bytes = b""


class ReplyReader:
    """Splits a stream of bytes into replies: `feed` received bytes, then iterate over `replies`.

    A body announced with a larger size is a `ProtocolError`: `largest_answer` is the limit in bytes
    for the server's lists and maps, `largest_job` for the bodies of jobs.
    """

    def __init__(self, *, largest_answer: int = BODY_LIMIT, largest_job: int = BODY_LIMIT) -> None:
        self.largest_answer = largest_answer
        self.largest_job = largest_job
        self._buffer = bytearray()
        self._min_size = 0  # minimum bytes of the unfinished reply: with fewer, do not parse
        self._broken = ""

    def feed(self, data: bytes | memoryview) -> None:
        """Store received bytes. `replies` parses them."""
        self._buffer += data

    def replies(self) -> Iterator[Reply]:
        """Yield the complete replies. Raises `ProtocolError` at bytes that are not a reply."""
        if self._broken:
            raise ProtocolError(self._broken)
        if len(self._buffer) < self._min_size:
            return
        data = self._buffer if len(self._buffer) > LARGE else bytes(self._buffer)
        at, self._min_size = 0, 0
        try:
            while True:
                reply, end = self._reply_at(data, at)
                if reply is None:
                    self._min_size = end - at
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
        """Whether no reply is unfinished."""
        return not self._buffer

    def _reply_at(self, data: bytes | bytearray, start: int) -> tuple[Reply | None, int]:
        """Return the reply at `start` and its end offset. While bytes are missing, return None and
        the smallest possible end offset."""
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
