"""The members of bodies, by their paths."""

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.members import at_path, decoded, value_of
from beantop.jobs.bodies.views import TRIED
from tests.jobs.producers import Php, as_json, php
from tests.jobs.test_decoders import ANYTHING
from tests.jobs.wild_bodies import WILD

ORDER: dict[str, Php] = {
    "order_id": 48213,
    "total": 7.5,
    "paid": True,
    "note": None,
    "lines": [{"sku": "A-1"}],
}
FIELDS = {
    "order_id": "48213",
    "total": "7.5",
    "paid": "true",
    "note": "null",
    "lines.0.sku": "A-1",
}
OBJECT: Php = (
    "App\\Order",
    {("\0*\0" if name == "note" else "") + name: ORDER[name] for name in ORDER},
)


def field(body: bytes, path: str, how: str = "") -> str | None:
    return Fields(body, how).get(path)


@pytest.mark.parametrize(
    "body",
    [
        as_json(ORDER),
        gzip.compress(as_json(ORDER), mtime=0),
        base64.b64encode(gzip.compress(as_json(ORDER), mtime=0)),
        json.dumps(ORDER).encode("utf-16"),
        b"\xef\xbb\xbf" + as_json(ORDER),
        json.dumps(json.dumps(ORDER)).encode(),
        php(ORDER).encode(),
        php(OBJECT).encode(),
        base64.b64encode(php(ORDER).encode()),
        as_json({**ORDER, "more": "x" * 100})[:-30],
    ],
)
def test_the_same_data_has_the_same_fields_in_each_format(body: bytes) -> None:
    assert {path: field(body, path) for path in FIELDS} == FIELDS


def test_paths_go_on_in_encoded_strings() -> None:
    chain = WILD["a chain of Laravel"][0]
    assert field(chain, "data.command.podcastId") == "7"
    assert field(chain, "data.command.chained.1.podcastId") == "7"
    assert field(WILD["JSON in JSON in JSON"][0], "Records.0.body.Message.orderId") == "5"
    assert field(WILD["Symfony in PHP"][0], "body.message.content") == 'It\'s "done" - C:\\temp'
    assert field(WILD["Celery in kombu"][0], "body.1.x") == "y"
    assert field(WILD["JSON in a form"][0], "payload.id") == "7"
    assert field(WILD["PHP in cp1251"][0], "in.0") == "да"


def test_several_values_are_numbered() -> None:
    assert field(b'{"id": 7}\n{"id": 8}\n', "1.id") == "8"


def test_the_configuration_can_name_the_format() -> None:
    assert field(b"id=7", "id") is None
    assert field(b"id=7", "id", "form") == "7"
    assert field('{"a": "Ådå"}'.encode("latin-1"), "a", "latin-1+json") == "Ådå"


@pytest.mark.parametrize(
    ("body", "is_cut"),
    [
        (as_json(ORDER), False),
        (as_json(ORDER)[:-30], True),
        (gzip.compress(as_json(ORDER), mtime=0)[:-20], True),
        (gzip.compress(as_json(ORDER), mtime=0)[:-8], False),  # all of the JSON is there
        (php(ORDER).encode()[:-9], True),
        (b"[" + b"1," * TRIED + b"1]", True),
        (b"a text", False),
    ],
)
def test_that_members_may_be_missing_is_known(body: bytes, is_cut: bool) -> None:
    assert decoded(body).is_cut == is_cut


def test_numbers_are_numbers_and_printed_as_they_were_written() -> None:
    found = value_of(b"[12345678901234567890, -0.50, 1e3, NaN]")
    assert isinstance(found, list)
    assert found[:3] == [12345678901234567890, -0.5, 1000.0]
    assert list(map(str, found)) == ["12345678901234567890", "-0.50", "1e3", "NaN"]


@given(ANYTHING, st.lists(st.text("ab01.", max_size=3), max_size=4))
def test_no_body_and_no_path_makes_it_fail(body: bytes, path: list[str]) -> None:
    at_path(value_of(body), path)
