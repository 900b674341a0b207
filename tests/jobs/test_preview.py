"""The beginning of a body beside a list, which is cheap whatever the body is."""

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.jobs.bodies.as_json import cut_json_lines, json_lines
from beantop.jobs.bodies.lines import EvenLines
from beantop.jobs.bodies.preview import MAX_DECODED, MAX_IN_LINE, MAX_LINES, preview
from beantop.jobs.bodies.views import views
from beantop.jobs.body import kept
from tests.jobs.test_decoders import LARAVEL, MSGPACK, PICKLE

ORDER = {"class": "ShipOrder", "order": {"id": 48213, "lines": [{"sku": "B-7", "count": 2}] * 9}}
JSON = json.dumps(ORDER).encode()


@pytest.mark.parametrize("body", [JSON, LARAVEL, MSGPACK, PICKLE, b"to=ada&n=1", b"ada", bytes(9)])
def test_a_short_body_is_decoded_as_where_it_is_opened(body: bytes) -> None:
    found, view = preview(body, len(body)), views(body)[0]
    assert (found.name, list(found.lines), found.is_cut) == (view.name, list(view.lines()), False)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (json.dumps([ORDER] * 5000).encode(), "JSON"),
        (gzip.compress(json.dumps([ORDER, *range(10**5)]).encode(), mtime=0), "JSON"),
        (base64.b64encode(json.dumps([ORDER] * 5000).encode()), "JSON"),
        (b"reindex 48213\n" * 10_000, "text"),
        (bytes(range(256)) * 1000, "hex"),
    ],
)
def test_of_a_large_body_the_beginning_is_decoded_and_that_is_said(body: bytes, name: str) -> None:
    found = preview(kept(body).beginning, len(body))
    assert (found.name, found.is_cut) == (name, True)
    assert len(found.lines) <= MAX_LINES


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode), st.integers(0, 2**17))
def test_no_body_is_too_much(body: bytes, more: int) -> None:
    found = preview(body, len(body) + more)
    assert found.is_cut or not more
    for lines in (found.lines, found.filled(40).lines):
        assert isinstance(lines, EvenLines) or len(lines) <= MAX_LINES
        assert all(len(line) <= MAX_IN_LINE for line in lines)


def test_a_small_body_that_unpacks_to_much_is_cut() -> None:
    bomb = gzip.compress(json.dumps(["x" * 5000] * 1000).encode(), mtime=0)
    assert len(bomb) < MAX_DECODED
    found = preview(bomb, len(bomb))
    assert found.is_cut
    assert sum(map(len, found.lines)) <= MAX_LINES * MAX_IN_LINE


@given(st.integers(0, len(JSON)))
def test_json_that_is_cut_has_the_lines_of_the_whole_as_far_as_it_goes(size: int) -> None:
    cut, whole = cut_json_lines(JSON[:size]), json_lines(JSON)
    assert cut[:-1] == whole[: len(cut) - 1]
    assert whole[len(cut) - 1].startswith(cut[-1].rstrip()) or not size


def test_decoded_strings_come_first_where_there_is_little_room() -> None:
    lines = preview(LARAVEL, len(LARAVEL)).filled(70).lines
    assert lines[0].startswith("── data.command: PHP ──  ")
    assert any(line.startswith("{ ") for line in lines[1:])


def test_hex_of_a_string_in_a_body_fits_into_a_narrow_window() -> None:
    packed = base64.b64encode(gzip.compress(bytes(range(256)), mtime=0)).decode()
    (view, *_) = views(json.dumps({"data": packed}).encode())
    lines = [line for line in view.lines() if line[:8].isalnum() and line[8:10] == "  "]
    assert lines[1].startswith("00000008  08 09 0a")
    assert max(map(len, lines)) <= 60
