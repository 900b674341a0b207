"""Reading bytes with a `ReplyReader`, whole and cut."""

from collections.abc import Iterable

from beantop.beanstalk.errors import ProtocolError
from beantop.beanstalk.replies import Reply, ReplyReader

Outcome = tuple[list[Reply], str]
"""The replies, and what was wrong with the bytes behind them, or nothing."""


def read(pieces: Iterable[bytes]) -> Outcome:
    """What the reader makes of bytes that arrive in these pieces."""
    reader = ReplyReader()
    replies: list[Reply] = []
    for piece in pieces:
        reader.feed(piece)
        try:
            replies.extend(reader.replies())
        except ProtocolError as error:
            return replies, str(error)
    return replies, ""


def read_whole(data: bytes) -> Outcome:
    return read([data])


def read_in_pieces(data: bytes, size: int) -> Outcome:
    return read(data[at : at + size] for at in range(0, len(data), size))
