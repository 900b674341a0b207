"""Reading bytes with a `ReplyReader`, whole and cut; and bytes that are hard to read."""

from collections.abc import Iterable

from hypothesis import strategies as st

from beantop.beanstalk.errors import ERROR_WORDS, ProtocolError
from beantop.beanstalk.replies import Reply, ReplyReader

Outcome = tuple[list[Reply], str]
"""The replies, and what was wrong with the bytes behind them, or nothing."""

WORDS = [
    *ERROR_WORDS,
    *(b"OK", b"FOUND", b"RESERVED", b"INSERTED", b"USING", b"WATCHING", b"KICKED"),
    *(b"DELETED", b"RELEASED", b"TOUCHED", b"PAUSED"),
]

NONSENSE = st.lists(
    st.binary(max_size=12)
    | st.sampled_from([b" ", b"\r\n", b"\r", b"\n", b"-1", b"0", b"1", b"3", b"\xb2", b"9" * 30])
    | st.sampled_from([*WORDS, b"OK 3\r\nabc\r\n", b"FOUND 1 0\r\n\r\n", b"x" * 1100]),
    max_size=20,
).map(b"".join)
"""Arbitrary bytes that look like the protocol often enough to get far."""


def read(pieces: Iterable[bytes]) -> Outcome:
    """The result of reading bytes that arrive in these pieces."""
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
    """The result of reading bytes that arrive at once."""
    return read([data])


def read_in_pieces(data: bytes, size: int) -> Outcome:
    """The result of reading bytes that arrive in pieces of this size."""
    return read(data[at : at + size] for at in range(0, len(data), size))
