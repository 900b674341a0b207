from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beantop.beanstalk import ProtocolError, State, Stats, StatsJob, StatsTube
from beantop.beanstalk.stats import (
    LARGE_LIST,
    read_first_names,
    read_list,
    read_stats,
    read_stats_job,
    read_stats_tube,
)
from tests.beanstalkd import Beanstalkd

KEYS = sorted({*Stats.__annotations__, *StatsTube.__annotations__, *StatsJob.__annotations__})

MAPS = st.lists(
    st.tuples(
        st.sampled_from([key.encode() for key in KEYS]) | st.binary(max_size=9),
        st.sampled_from([b":", b": ", b"", b":  "]),
        st.sampled_from([b"1", b"-7", b"1.5", b"ready", b'"ready"', b'"', b'"7"', b"9" * 21])
        | st.binary(max_size=9),
    ).map(b"".join)
).map(b"\n".join)
"""Bytes that are a map often enough, with the right keys and the wrong values."""

Read = Callable[[bytes], Mapping[str, object]]

READERS: list[tuple[Read, type]] = [
    (read_stats, Stats),
    (read_stats_tube, StatsTube),
    (read_stats_job, StatsJob),
]

ODD = [
    *(b"", b"-7", b"1.5", b"9" * 20, b"9" * 21, b" 7", b"7 ", b"7\r", b"7\n", b"7\npid: 8"),
    *(b"ready", b'"ready"', b'"ready', b'ready"', b"a b", b'"a b"', b"a:b", b"a: b"),
    *(b'"', b'""', b'a"b', b'"a"b"', b"\xb2", b"\xff", b"\x0b"),
]
"""Values that need a closer look."""


@st.composite
def usual(draw: st.DrawFn, types: type) -> list[bytes]:
    """The lines of a map with all keys in their order and fitting values, as beanstalkd sends it."""
    lines = [b"---\n"]
    for key, kind in types.__annotations__.items():
        values = get_args(kind) or (("0", "17") if kind is int else ("1.12", '"a/b:c"'))
        lines.append(f"{key}: {draw(st.sampled_from(values))}\n".encode())
    return lines


@st.composite
def nearly_usual(draw: st.DrawFn, types: type) -> bytes:
    """Such a map with up to two lines that are odd, gone, cut, doubled or not in their place."""
    lines = draw(usual(types))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines.pop(at)
        key = line.partition(b":")[0]
        moved = draw(st.integers(0, len(lines)) | st.just(at))
        others = st.sampled_from([b"", line, line * 2, line[:-1], key + b":7\n", b" " + line])
        lines.insert(moved, draw(others | st.sampled_from(ODD).map((key + b": %b\n").__mod__)))
    return b"".join(lines)


@pytest.mark.parametrize("version", [b"1.12", b'"1.12"'])
def test_text_is_bare_or_quoted(version: bytes) -> None:
    assert read_stats(b"---\nversion: %b\n" % version) == {"version": "1.12"}


@pytest.mark.parametrize("name", [b"123", b'"123"'])
def test_a_tube_may_be_called_123(name: bytes) -> None:
    assert read_stats_tube(b"---\nname: %b\n" % name) == {"name": "123"}
    assert read_stats_job(b"---\ntube: %b\n" % name) == {"tube": "123"}
    assert read_list(b"---\n- %b\n" % name) == ["123"]


def test_the_id_of_a_server_may_be_all_digits_and_that_of_a_job_is() -> None:
    assert read_stats(b"---\nid: 0123456789012345\n") == {"id": "0123456789012345"}
    assert read_stats_job(b"---\nid: 17\n") == {"id": 17}


def test_times_of_the_cpu_are_text_as_greenstalk_has_them() -> None:
    assert read_stats(b"---\nrusage-utime: 0.012345\n") == {"rusage-utime": "0.012345"}


@pytest.mark.parametrize("state", get_args(State))
def test_a_job_has_one_of_four_states(state: str) -> None:
    assert read_stats_job(b"state: %b\n" % state.encode()) == {"state": state}
    assert read_stats_job(b'state: "%b"\n' % state.encode()) == {"state": state}


@pytest.mark.parametrize("state", [b"", b"7", b"Ready", b"running", b'""', b"ready ready"])
def test_a_state_that_is_none_is_left_out(state: bytes) -> None:
    assert read_stats_job(b"id: 1\nstate: %b\n" % state) == {"id": 1}


@pytest.mark.parametrize("number", [b"", b"x", b"1.5", b"1e3", b"0x7", b"1 2", b"+7", b"9" * 21])
def test_a_number_that_is_none_is_left_out(number: bytes) -> None:
    assert read_stats(b"pid: %b\nuptime: 7\n" % number) == {"uptime": 7}


@pytest.mark.parametrize(("read", "types"), READERS)
def test_a_number_below_zero_is_left_out_unless_it_can_be_true(read: Read, types: type) -> None:
    numbers = {key for key, kind in types.__annotations__.items() if kind is int}
    body = "".join(f"{key}: -1\n" for key in numbers).encode()
    assert set(read(body)) == numbers & {"time-left", "pause-time-left"}
    assert read(b"of-another-server: -1\n") == {"of-another-server": -1}


def test_numbers_may_be_negative_and_large() -> None:
    body = b"pause-time-left: -1\ntotal-jobs: 18446744073709551615\n"
    assert read_stats_tube(body) == {"pause-time-left": -1, "total-jobs": 2**64 - 1}


def test_keys_may_be_missing() -> None:
    assert read_stats(b"---\n") == read_stats(b"") == {}


def test_a_key_that_is_not_known_is_kept_and_typed_by_its_looks() -> None:
    body = b'---\noldest-ready-age: 7\ngroup: a\nconcurrency-key: "7"\nname: \n'
    assert read_stats_job(body) == {
        "oldest-ready-age": 7,
        "group": "a",
        "concurrency-key": "7",
        "name": "",
    }


def test_text_may_be_empty_and_contain_what_is_special_elsewhere() -> None:
    body = b'---\nhostname: \nos: "a: #1"\nversion: tuber 0.5: x\nplatform: "\n'
    assert read_stats(body) == {
        "hostname": "",
        "os": "a: #1",
        "version": "tuber 0.5: x",
        "platform": '"',
    }


def test_keys_may_be_hostile() -> None:
    body = b"__class__: 1\n: 2\n\xff\x1b: 3\nself: 4\nno colon\npid: 5\npid: 6\n"
    assert read_stats(body) == {"__class__": 1, "": 2, r"\xff" + "\x1b": 3, "self": 4, "pid": 6}


def test_bytes_that_are_not_ascii_are_shown_as_escapes() -> None:
    assert read_list(b"- a\xff\n") == [r"a\xff"]


NO_LISTS = [
    b"[default, emails]",
    b"---\ndefault\nemails\n",
    b"hello",
    b"---\n- a\nb\n",
    b"---\n- a\n-b\n",
    b"---\n- a\n - b\n",
    b"---\n---\n- a\n",
    b"---\nuptime: 1\n",
]


@pytest.mark.parametrize("body", NO_LISTS)
@pytest.mark.parametrize("large", [LARGE_LIST, 0])
def test_a_list_in_which_a_line_is_no_name_is_no_list(
    body: bytes, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.beanstalk.stats.LARGE_LIST", large)
    with pytest.raises(ProtocolError, match="something other than a list of tubes"):
        read_list(body)
    with pytest.raises(ProtocolError, match="something other than a list of tubes"):
        read_first_names(body, 9)


@pytest.mark.parametrize("body", [b"", b"---\n"])
@pytest.mark.parametrize("large", [LARGE_LIST, -1])
def test_a_list_of_no_tubes_is_no_list_for_each_connection_uses_one(
    body: bytes, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beantop.beanstalk.stats.LARGE_LIST", large)
    with pytest.raises(ProtocolError, match="an empty list of tubes"):
        read_list(body)
    with pytest.raises(ProtocolError, match="an empty list of tubes"):
        read_first_names(body, 9)


def test_all_that_a_server_tells_is_known_and_of_its_type(server: Beanstalkd) -> None:
    with server.client() as client:
        id = client.put("")
        assert set(client.stats()) == set(Stats.__annotations__)
        assert set(client.stats_tube("default")) == set(StatsTube.__annotations__)
        assert set(client.stats_job(id)) == set(StatsJob.__annotations__)


@given(MAPS)
def test_any_bytes_are_a_map_whose_known_keys_have_their_types(body: bytes) -> None:
    try:
        stats_of_all = [read(body) for read in (read_stats, read_stats_tube, read_stats_job)]
    except ValueError:  # it is a list
        return
    for stats, types in zip(
        stats_of_all,
        (Stats.__annotations__, StatsTube.__annotations__, StatsJob.__annotations__),
        strict=True,
    ):
        for key, value in stats.items():
            states = get_args(types.get(key))
            assert value in states if states else isinstance(value, types.get(key, (int, str)))


@pytest.mark.long
@pytest.mark.parametrize(("read", "types"), READERS)
@given(st.data())
def test_a_map_is_read_at_once_as_it_is_line_by_line(
    read: Read, types: type, data: st.DataObject
) -> None:
    body = data.draw(nearly_usual(types))
    assert read(body) == read(body + b"\n")  # an empty line more is not what is usual


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(("read", "types"), READERS)
@given(st.data())
@settings(max_examples=1)
def test_an_odd_value_is_read_at_once_as_it_is_line_by_line(
    read: Read, types: type, odd: bytes, data: st.DataObject
) -> None:
    lines = data.draw(usual(types))
    for at, line in enumerate(lines):
        odd_line = line.partition(b":")[0] + b": " + odd + b"\n"
        body = b"".join([*lines[:at], odd_line, *lines[at + 1 :]])
        assert read(body) == read(body + b"\n")


@pytest.mark.long
@pytest.mark.parametrize(("read", "types"), READERS)
@given(st.data())
def test_a_map_as_beanstalkd_sends_it_has_every_key(
    read: Read, types: type, data: st.DataObject
) -> None:
    assert set(read(b"".join(data.draw(usual(types))))) == set(types.__annotations__)


@given(st.binary())
def test_any_bytes_are_a_list_of_names_without_line_ends(body: bytes) -> None:
    with suppress(ProtocolError):  # it is something else
        assert not any("\n" in name for name in read_list(body))


def test_a_list_is_no_map() -> None:
    with pytest.raises(ValueError, match="this is a list"):
        read_stats(b"---\n- default\n- emails\n")
    assert read_stats(b"---\n") == {}


LONG = b"n" * 100_000


def test_names_and_texts_of_any_length_are_shortened() -> None:
    short = "n" * 200 + "…"
    assert read_list(b"---\n- %b\n- a\n" % LONG) == [short, "a"]
    stats = read_stats(b"---\nhostname: %b\n%b: 7\n" % (LONG[:20_000], LONG[:20_000]))
    assert stats == {"hostname": short, short: 7}
    assert read_stats_job(b'tube: "%b"\n' % LONG[:20_000]) == {"tube": short}
    longest = "n" * 200
    assert read_list(b"- %b\n" % longest.encode()) == [longest]


def test_a_map_of_any_size_is_not_read() -> None:
    with pytest.raises(ProtocolError, match=r"a map of 100,000 bytes \(at most 65,536 are read\)"):
        read_stats(LONG)


def test_the_first_names_are_read_and_the_others_are_counted() -> None:
    names = b"---\n" + b"".join(b"- tube-%d\n" % number for number in range(9))
    assert read_first_names(names, 2) == (["tube-0", "tube-1"], 7)
    assert read_first_names(names, 9) == (read_list(names), 0)
    assert read_first_names(b"- a", 9) == (["a"], 0)
