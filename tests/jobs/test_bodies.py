import gzip
import json
import re
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beantop.jobs.bodies.as_json import json_lines
from beantop.jobs.bodies.lines import MAX_LINES
from beantop.jobs.bodies.plain import SHOWN, first_line, hex_lines
from beantop.jobs.bodies.views import TRIED, views

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
SPACES = st.sampled_from(["", " ", "\n", "\t", "\r\n  "])


def names(body: bytes) -> list[str]:
    return [view.name for view in views(body)]


def lines(body: bytes, name: str) -> list[str]:
    return next(list(view.lines()) for view in views(body) if view.name == name)


ODD = st.lists(
    st.binary(max_size=5)
    | st.sampled_from(
        [b"{", b"}", b"[", b"]", b'"', b"\\", b":", b",", b'{"a": 1}', b"\xc3", b"\0"]
    )
).map(b"".join)
"""Bytes that look like JSON often enough to get far."""


@given(st.binary() | ODD)
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b"[" * 5000)
@example(b"[" * 5000 + b"]" * 5000)
@example(b'{"a":' * 5000)
@example(b"[" + b"1" * 5000 + b"]")
@example(b'["' + b"\\" * 5001 + b'"]')
def test_any_bytes_can_be_shown_in_each_of_their_views(body: bytes) -> None:
    ways = names(body)
    assert set(ways[-2:]) == {"text", "hex"}
    for way in ways:
        assert "\n" not in "".join(lines(body, way))
    assert "".join(lines(body, "hex")) or not body


@given(JSON, SPACES, st.booleans())
def test_json_that_is_set_out_is_the_same_json(value: object, space: str, ascii: bool) -> None:
    separators = (f"{space},{space}", f"{space}:{space}")
    text = json.dumps([value], separators=separators, ensure_ascii=ascii)
    body = f"{space}{text}{space}".encode("utf-8", "backslashreplace")
    assert names(body)[0] == "JSON"
    assert json.loads("\n".join(json_lines(body))) == json.loads(body)


@given(JSON, st.booleans())
def test_setting_out_json_changes_nothing_but_how_it_is_written(value: object, ascii: bool) -> None:
    text = json.dumps([value], ensure_ascii=ascii)
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s"]', text)
    shown = re.findall(r'"(?:[^"\\]|\\.)*"|[^\s"]', "\n".join(json_lines(text.encode())))
    assert shown == [re.sub(ESCAPE, as_letter, token) for token in tokens]


ESCAPE = r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\(?:u....|.)"


def as_letter(escape: re.Match[str]) -> str:
    """The letter that is written as its number, where it can be seen and JSON takes it."""
    letter: str = json.loads(f'"{escape[0]}"')
    seen = escape[0][1] == "u" and letter.isprintable() and letter not in '"\\'
    return letter if seen else escape[0]


@pytest.mark.parametrize(
    ("body", "view"),
    [
        (b"", "text"),
        (b"hello", "text"),
        (b"caf\xc3\xa9", "text"),
        (b"\x1b[31mred", "text"),
        (b"42", "text"),
        (b'"word"', "text"),
        (b"null", "text"),
        (b"{", "text"),
        (b"{'a': 1}", "text"),
        (b"[1] x", "text"),
        (b"[]", "JSON"),
        (b"\n {}\n", "JSON"),
        (b'[{"a": [1, 2.50]}]', "JSON"),
        (b"[NaN]", "JSON"),
        pytest.param(b"[" + b"1" * 5000 + b"]", "JSON", id="more digits than Python counts"),
        (b"\xff", "hex"),
        (b"a\0b", "hex"),
        (b"\x80\x04\x95", "hex"),
        (b'{"a": "\xff"}', "JSON"),
        (b'{"a": \xff}', "hex"),
        (b'\xef\xbb\xbf{"a": 1}', "JSON"),
        (b" " * 200 + b"[]", "JSON"),
    ],
)
def test_the_best_view_comes_first(body: bytes, view: str) -> None:
    assert names(body)[0] == view


@pytest.mark.parametrize(
    ("body", "how", "view", "misfit"),
    [
        (b"ada", "gzip+json", "text", "configured as gzip+json, but it is not gzip"),
        (b"{}", "base64+json", "JSON", "configured as base64+json, but it is not base64"),
        (b"{", "json", "text", "configured as json, but it is not JSON: Expecting property name"),
        (b"1" * (TRIED + 1), "json", "text", "configured as json, but 262,145 bytes are too many"),
        (b"{}", "json", "JSON", ""),
        (b"ada", "", "text", ""),
    ],
)
def test_a_body_that_does_not_fit_what_is_configured_is_said_so(
    body: bytes, how: str, view: str, misfit: str
) -> None:
    best, *others = views(body, how)
    assert best.name == view
    assert best.misfit.startswith(misfit)
    assert bool(best.misfit) == bool(misfit)
    assert not any(other.misfit for other in others)


def test_numbers_are_not_rounded_and_keys_that_occur_twice_are_kept() -> None:
    body = b'{"id": 12345678901234567890.10, "id": 1e400, "id": -0}'
    assert json_lines(body) == [
        "{",
        '  "id": 12345678901234567890.10,',
        '  "id": 1e400,',
        '  "id": -0',
        "}",
    ]


def test_strings_that_look_like_json_stay_whole() -> None:
    body = rb'["{\"a\": [1, 2]}", "\\", "a, b: c", "\"]"]'
    assert json_lines(body) == [
        "[",
        r'  "{\"a\": [1, 2]}",',
        r'  "\\",',
        '  "a, b: c",',
        r'  "\"]"',
        "]",
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: json.dumps({"error": text}).encode(),
        lambda text: b'a:1:{s:5:"error";s:%d:"%b";}' % (len(text), text.encode()),
    ],
)
def test_a_string_of_several_lines_is_shown_as_lines_too(wrapped: Callable[[str], bytes]) -> None:
    traceback = 'Traceback (most recent call last):\n  File "a.py", line 7\nError: "no"\n'
    lines = list(views(wrapped(traceback))[0].lines())
    assert lines[lines.index("── error: text ──") + 1 :] == traceback.splitlines()
    few = views(wrapped("one\ntwo"))[0]
    assert not any(line.startswith("──") for line in few.lines())


def test_what_is_empty_stays_on_its_line() -> None:
    assert json_lines(b'{"a":[ ],"b":{\n}}') == ["{", '  "a": [],', '  "b": {}', "}"]


def test_a_long_text_is_a_text_though_it_is_cut_within_a_character() -> None:
    body = b"x" + "\N{GRINNING FACE}".encode() * 4 * SHOWN
    tracemalloc.start()
    assert names(body)[0] == "text"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(body)


def test_many_members_of_one_with_a_long_name_take_no_memory() -> None:
    body = b'{"%b":{%b}}' % (b"k" * 100_000, b",".join(b'"%d":"x"' % at for at in range(10_000)))
    tracemalloc.start()
    assert len(list(lines(body, "JSON"))) > 10_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * len(body)  # all paths together would be a gigabyte


def test_a_long_body_is_not_tried_as_json() -> None:
    body = b"[%b]" % b",".join([b"1"] * (TRIED // 2))
    assert len(body) > TRIED
    assert names(body) == ["text", "hex"]


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["as it is", "unpacked"])
def test_what_fits_is_not_said_to_be_cut(wrap: Callable[[bytes], bytes]) -> None:
    whole, longer = (views(wrap(b"x y\n" * (SHOWN // 4) + more))[0].lines() for more in (b"", b"x"))
    assert "…" not in whole[-1]
    assert longer[-1].startswith("…")


def test_words_that_begin_as_zlib_does_are_words() -> None:
    assert names(b"(Scope: all) rebuild") == ["text", "hex"]


def test_deep_nesting_is_indented_only_so_far() -> None:
    body = b"[" * 300 + b"]" * 300
    assert names(body)[0] == "JSON"
    shown = json_lines(body)
    assert max(map(len, shown)) <= 202
    assert json.loads("".join(shown)) == json.loads(body)


def test_of_json_with_very_many_members_the_first_are_shown() -> None:
    shown = lines(b"[" + b"1," * 50_000 + b"1]", "JSON")
    assert shown[:2] == ["[", "  1,"]
    assert shown[MAX_LINES:] == [f"… and more: only {MAX_LINES:,} lines are shown"]


@pytest.mark.parametrize(
    "body",
    [
        b"x" * 60_000,
        b"\xff" * 60_000,
        b'"' * 60_000,
        b"[" * 60_000,
        b'{"' + b"\\\\" * 30_000 + b'": 1}',
        b'["' + b"a" * 60_000 + b'"]',
        b'["' + b'\\"' * 30_000 + b'"]',
        b"[" * 99 + b"1," * 30_000 + b"1" + b"]" * 99,
        b"[" + b"[]," * 20_000 + b"[]]",
        b"\n" * 60_000,
    ],
    ids=lambda body: repr(body[:3]),
)
def test_a_body_of_60_kilobytes_is_shown_in_a_bounded_number_of_characters(body: bytes) -> None:
    for way in names(body):  # what backtracks would run into the time limit of the suite
        shown = lines(body, way)
        assert len(body) <= sum(map(len, shown)) + len(shown) <= 128 * len(body)


@pytest.mark.parametrize("view", ["JSON", "text", "hex"])
def test_bytes_are_decoded_only_for_the_view_that_is_asked_for(view: str) -> None:
    assert lines(b"[]", view) == {
        "JSON": ["[]"],
        "text": ["[]"],
        "hex": ["00000000  5b 5d                                             []"],
    }.get(view)


@given(st.binary())
def test_the_hex_view_has_every_byte_at_its_place(body: bytes) -> None:
    for number, line in enumerate(hex_lines(body)):
        offset, pairs, shown = line[:8], line[10:58], line[60:]
        piece = bytes.fromhex(pairs)
        assert int(offset, 16) == 16 * number
        assert piece == body[16 * number : 16 * number + 16]
        assert len(shown) == len(piece)
        assert shown.isascii()
        assert shown.isprintable()


def test_lines_end_as_on_unix_or_on_windows() -> None:
    assert lines(b"a\r\nb\n\nc\rd", "text") == ["a", "b", "", "c\rd"]


@given(st.text(), st.integers(1, 300))
def test_the_first_line_is_the_beginning_of_a_text(text: str, limit: int) -> None:
    body = text.encode("utf-8", "backslashreplace")
    assert first_line(body, limit) == body.decode()[:limit]


@given(st.binary(), st.integers(1, 300))
def test_the_first_line_of_any_bytes_is_short(body: bytes, limit: int) -> None:
    assert len(first_line(body, limit)) <= limit


@pytest.mark.timeout(20)
def test_a_body_of_line_ends_takes_no_time() -> None:
    for body in (
        b"\n" * 1_000_000 + b"!",
        gzip.compress(b"\n" * 1_000_000 + b"!", 9),
        b"a\n" * 400_000 + b"!",
    ):
        assert views(body)
