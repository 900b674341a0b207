import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import replies
from beantop.beanstalk.errors import ProtocolError
from beantop.beanstalk.replies import BODY_LIMIT, LINE_LIMIT, Reply, ReplyReader
from tests.beanstalk.readers import NONSENSE, read, read_in_pieces, read_whole

REPLIES = [
    (b"DELETED\r\n", Reply(b"DELETED", [])),
    (b"INSERTED 18446744073709551615\r\n", Reply(b"INSERTED", [b"18446744073709551615"])),
    (b"INSERTED 7 READY\r\n", Reply(b"INSERTED", [b"7", b"READY"])),
    (b"USING a;b\r\n", Reply(b"USING", [b"a;b"])),
    (b"BURIED\r\n", Reply(b"BURIED", [])),
    (b"FOUND 1 5\r\nhello\r\n", Reply(b"FOUND", [b"1", b"5"], b"hello")),
    (b"RESERVED 1 0\r\n\r\n", Reply(b"RESERVED", [b"1", b"0"], b"")),
    (b"RESERVED 1 4\r\n\r\n\r\n\r\n", Reply(b"RESERVED", [b"1", b"4"], b"\r\n\r\n")),
    (b"FOUND 1 9\r\nDELETED\r\n\r\n", Reply(b"FOUND", [b"1", b"9"], b"DELETED\r\n")),
    (b"OK 2\r\n\xff\x00\r\n", Reply(b"OK", [b"2"], b"\xff\x00")),
    (b"OK 04\r\na\nb\n\r\n", Reply(b"OK", [b"04"], b"a\nb\n")),
    (b"FOUND 1 1 extra\r\na\r\n", Reply(b"FOUND", [b"1", b"1", b"extra"], b"a")),
    (b"what\ris \n this\r\n", Reply(b"what\ris", [b"\n", b"this"])),
    (b"\xff\r\n", Reply(b"\xff", [])),
    (b"A  B\r\n", Reply(b"A", [b"", b"B"])),
    (b"x" * (LINE_LIMIT - 2) + b"\r\n", Reply(b"x" * (LINE_LIMIT - 2), [])),
]

BROKEN = [
    (b"\r\n", "without a word"),
    (b" DELETED\r\n", "without a word"),
    (b"OK\r\n", "body of no bytes"),
    (b"OK x\r\n", "body of x bytes"),
    (b"OK -1\r\n", "body of -1 bytes"),
    (b"OK +1\r\na\r\n", "body of \\+1 bytes"),
    (b"OK 1_0\r\n", "body of 1_0 bytes"),
    (b"OK \xb2\r\n", r"body of \\xb2 bytes"),
    (b"OK  3\r\nabc\r\n", "body of no bytes"),
    (b"FOUND 5\r\nhello\r\n", "body of no bytes"),
    (b"OK %d\r\n" % (BODY_LIMIT + 1), "body of 1073741825 bytes"),
    (b"OK 99999999999999999999999\r\n", "body of 99999999999999999999 bytes"),
    (b"OK 3\r\nabcd\r\n", "not as long as announced"),
    (b"OK 3\r\nab\r\n\r\n", "not as long as announced"),
    (b"x" * (LINE_LIMIT - 1) + b"\r\n", "line of over 1,024 bytes"),
    (b"x" * LINE_LIMIT, "line of over 1,024 bytes"),
    (b"x " * LINE_LIMIT, "line of over 1,024 bytes"),
]


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_a_reply_is_read_whole(data: bytes, reply: Reply) -> None:
    assert read_whole(data) == ([reply], "")


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_a_reply_is_read_byte_by_byte(data: bytes, reply: Reply) -> None:
    assert read_in_pieces(data, 1) == ([reply], "")


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_a_reply_is_read_when_cut_anywhere(data: bytes, reply: Reply) -> None:
    for cut in range(len(data)):
        assert read([data[:cut], data[cut:]]) == ([reply], "")


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_no_reply_comes_before_its_last_byte(data: bytes, reply: Reply) -> None:
    for end in range(len(data)):
        assert read_whole(data[:end]) == ([], "")


@pytest.mark.parametrize(("data", "reply"), REPLIES)
def test_what_follows_a_reply_is_kept_for_the_next(data: bytes, reply: Reply) -> None:
    reader = ReplyReader()
    reader.feed(data + b"RESERVED 1 5\r\nhe")
    assert list(reader.replies()) == [reply]
    reader.feed(b"llo\r\n")
    assert list(reader.replies()) == [Reply(b"RESERVED", [b"1", b"5"], b"hello")]


def test_many_replies_in_one_piece_come_in_order() -> None:
    data = b"".join(data for data, _ in REPLIES)
    assert read_whole(data) == ([reply for _, reply in REPLIES], "")


def test_replies_may_be_taken_one_at_a_time() -> None:
    reader = ReplyReader()
    reader.feed(b"INSERTED 1\r\nINSERTED 2\r\n")
    assert next(reader.replies()).values == [b"1"]
    assert next(reader.replies()).values == [b"2"]
    assert not list(reader.replies())


@pytest.mark.parametrize(("data", "why"), BROKEN)
def test_bytes_that_are_no_reply_are_an_error(data: bytes, why: str) -> None:
    reader = ReplyReader()
    reader.feed(data)
    with pytest.raises(ProtocolError, match=why):
        list(reader.replies())


@pytest.mark.parametrize(("data", "why"), BROKEN)
def test_they_are_the_same_error_however_they_are_cut(data: bytes, why: str) -> None:
    assert read_in_pieces(data, 1) == read_whole(data)
    assert read_in_pieces(data, 7) == read_whole(data)


def test_replies_before_the_nonsense_still_count() -> None:
    assert read_whole(b"DELETED\r\nOK x\r\n")[0] == [Reply(b"DELETED", [])]


def test_a_reader_that_met_nonsense_reads_no_more() -> None:
    reader = ReplyReader()
    reader.feed(b"OK x\r\n")
    for _ in range(2):
        with pytest.raises(ProtocolError, match="a body of x bytes"):
            list(reader.replies())
        reader.feed(b"DELETED\r\n")


def test_a_reader_is_idle_between_replies() -> None:
    reader = ReplyReader()
    reader.feed(b"DELETED\r\n")
    list(reader.replies())
    assert reader.idle


def test_a_reader_is_not_idle_in_the_middle_of_a_reply() -> None:
    reader = ReplyReader()
    reader.feed(b"DELETED\r\nDEL")
    list(reader.replies())
    assert not reader.idle


def test_a_reader_needs_no_more_memory_than_a_few_of_the_largest_reply() -> None:
    body = bytes(2**18)
    reply = b"FOUND 1 %d\r\n%b\r\n" % (len(body), body)
    reader = ReplyReader()
    tracemalloc.start()
    for _ in range(50):
        for at in range(0, len(reply), 2**16):
            reader.feed(reply[at : at + 2**16])
            assert all(found.body == body for found in reader.replies())
    assert tracemalloc.get_traced_memory()[1] < 5 * len(body)
    tracemalloc.stop()


def test_the_largest_body_that_a_server_can_have_is_waited_for() -> None:
    assert read_whole(b"FOUND 1 %d\r\nhello" % BODY_LIMIT) == ([], "")


def test_a_line_without_end_is_given_up_after_a_few_bytes() -> None:
    endless = itertools.repeat(b"x", 10**9)
    assert read(endless) == ([], "the server sent a line of over 1,024 bytes")


@given(NONSENSE, st.lists(st.integers(0, 300)))
def test_any_bytes_are_read_the_same_however_they_are_cut(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    assert read(pieces) == read_whole(data)


WORD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1).map(str.encode)
VALUE = st.binary(min_size=1, max_size=20).filter(lambda value: not set(value) & set(b" \r\n"))


@pytest.mark.long
@given(st.lists(st.tuples(st.sampled_from([b"FOUND", b"RESERVED"]), st.binary()) | WORD))
def test_what_is_written_is_what_is_read(written: list[tuple[bytes, bytes] | bytes]) -> None:
    data, replies = b"", []
    for answer in written:
        if isinstance(answer, tuple):
            word, body = answer
            data += b"%b 1 %d\r\n%b\r\n" % (word, len(body), body)
            replies.append(Reply(word, [b"1", b"%d" % len(body)], body))
        elif answer not in (b"OK", b"FOUND", b"RESERVED"):
            data += answer + b"\r\n"
            replies.append(Reply(answer, []))
    assert read_in_pieces(data, 5) == (replies, "")


@given(NONSENSE, st.lists(st.integers(0, 300), max_size=3))
def test_what_is_large_is_read_as_what_is_small(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    usual = read(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replies, "LARGE", 0)
        large = read(pieces)
    assert large == usual
    assert all(type(reply.body) is bytes for reply in large[0])


def test_a_large_body_takes_not_much_more_than_twice_its_memory() -> None:
    size = 2**24
    reader = ReplyReader()
    reader.feed(b"FOUND 1 %d\r\n" % size)
    for _ in range(2**8):
        reader.feed(b"x" * 2**16)
    reader.feed(b"\r\n")
    tracemalloc.start()
    (reply,) = reader.replies()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(reply.body) == size
    assert peak < 1.2 * size  # beside what was fed


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"OK 101\r\n", r"an answer of 101 bytes \(at most 100 are taken\)"),
        (b"FOUND 7 1001\r\n", r"a job of 1,001 bytes \(at most 1,000 are taken\)"),
        (b"RESERVED 7 1001\r\n", r"a job of 1,001 bytes \(at most 1,000 are taken\)"),
    ],
)
def test_a_size_that_nobody_wants_is_refused_when_it_is_announced(line: bytes, why: str) -> None:
    reader = ReplyReader(largest_answer=100, largest_job=1000)
    reader.feed(b"OK 100\r\n%b\r\nFOUND 7 1000\r\n%b\r\n%b" % (b"x" * 100, b"x" * 1000, line))
    found = reader.replies()
    assert [len(next(found).body), len(next(found).body)] == [100, 1000]
    with pytest.raises(ProtocolError, match=why):
        next(found)
