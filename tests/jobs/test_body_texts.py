"""What a body says, to look for words in it."""

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.jobs.bodies.texts import beginning, texts
from tests.jobs.test_decoders import JSON, MSGPACK, PICKLE

OCELOT = json.dumps({"animal": "ocelot", "note": "ünïcödé" * 40}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "body",
    [
        base64.b64encode(OCELOT),
        base64.urlsafe_b64encode(OCELOT),
        base64.encodebytes(OCELOT),
        gzip.compress(OCELOT, mtime=0),
        base64.b64encode(gzip.compress(OCELOT, mtime=0)),
    ],
)
def test_what_is_encoded_is_a_text_and_the_first_line_of_a_list(body: bytes) -> None:
    raw, shown = texts(body)
    assert "ocelot" not in raw
    assert shown == OCELOT.decode()
    assert beginning(body) == OCELOT.decode()[:200]


def test_only_a_piece_of_a_large_body_is_decoded_for_its_first_line() -> None:
    assert beginning(base64.b64encode(b"an ocelot " * 10_000), 19) == "an ocelot an ocelot"


@pytest.mark.parametrize(
    ("body", "shown"),
    [(MSGPACK, '"when": time 2023'), (PICKLE, "PROTO"), (b"to=ada+l&x=%C3%BC", "x = ü")],
)
def test_a_format_that_must_be_set_out_is(body: bytes, shown: str) -> None:
    assert shown in texts(body)[1]


@pytest.mark.parametrize(
    "body", [JSON, b"plain text", b"ABCDEFGHIJKLMNOPQRST", b"key=value", "ü".encode(), b""]
)
def test_what_is_shown_as_it_is_is_one_text(body: bytes) -> None:
    assert texts(body) == [body.decode()]
    assert beginning(body) == body.decode()[:200]


def test_what_nobody_would_recognize_is_decoded_as_the_configuration_says() -> None:
    assert "ocelot" not in "".join(texts(base64.b64encode(b"ocelot")))
    assert texts(base64.b64encode(b"ocelot"), "base64+json")[1] == "ocelot"


@given(st.binary() | st.binary().map(base64.b64encode), st.integers(1, 300))
def test_the_beginning_of_any_bytes_is_short(body: bytes, limit: int) -> None:
    assert len(beginning(body, limit)) <= limit
    assert texts(body)
