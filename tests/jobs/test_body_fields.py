"""The fields of bodies of all formats, and of bodies that want to do harm."""

import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.views import TRIED, views

LARAVEL = {
    "displayName": "App\\Jobs\\SendMail",
    "job": "Illuminate\\Queue\\CallQueuedHandler@call",
    "data": {"command": 'O:17:"App\\Jobs\\SendMail":1:{s:7:"orderId";i:9007199254740993;}'},
}
PHP = b'O:3:"Job":3:{s:2:"to";s:3:"ada";s:6:"\0*\0tag";a:1:{i:0;b:1;}s:6:"\0Job\0n";d:1.50;}'
MSGPACK = b"\x83\xa2to\xa3ada\xa4tags\x92\x01\xc0\xa1x\x81\xa1y\xcf\xff\xff\xff\xff\xff\xff\xff\xff"


@pytest.mark.parametrize(
    ("body", "path", "value"),
    [
        (b'{"id": 18446744073709551617}', "id", "18446744073709551617"),
        (b'{"price": 1.50, "big": 1e400}', "price", "1.50"),
        (b'{"a": {"b": [1, {"c": "x"}]}}', "a.b.1.c", "x"),
        (b'{"a.b": 1, "a": {"c": 2}}', "a.b", "1"),
        (b'{"a.b": 1, "a": {"c": 2}}', "a.c", "2"),
        (b'{"a": 1, "a": 2}', "a", "2"),
        (b'{"a": null, "b": true, "c": NaN}', "a", "null"),
        (b'{"a": null, "b": true, "c": NaN}', "b", "true"),
        (b'{"a": null, "b": true, "c": NaN}', "c", "NaN"),
        (b'[{"sku": "A"}]', "0.sku", "A"),
        (b'[{"sku": "A"}]', "1.sku", None),
        (b'{"a": {}}', "a", None),
        (b'{"a": "\\u0041da \\ud800"}', "a", "Ada \\xed\\xa0\\x80"),
        (b'{"a": "\xff"}', "a", "\\xff"),
        (base64.b64encode(b'{"to": "ada", "v": 3}'), "to", "ada"),
        (gzip.compress(b'{"to": "ada", "v": 3}', mtime=0), "v", "3"),
        (json.dumps({"a": json.dumps({"b": {"c": 5}})}).encode(), "a.b.c", "5"),
        (json.dumps({"a": json.dumps({"b": 5})}).encode(), "a", '{"b": 5}'),
        (json.dumps(LARAVEL).encode(), "data.command.orderId", "9007199254740993"),
        (PHP, "to", "ada"),
        (PHP, "tag.0", "true"),
        (PHP, "n", "1.50"),
        (MSGPACK, "to", "ada"),
        (MSGPACK, "tags.1", "null"),
        (MSGPACK, "x.y", "18446744073709551615"),
        (b"to=ada&user[name]=a%20b", "to", "ada"),
        (b"to=ada&user[name]=a%20b", "user.name", "a b"),
        (b"order_id: 5", "order_id", None),
        (b"", "a", None),
    ],
)
def test_a_field_of_a_body(body: bytes, path: str, value: str | None) -> None:
    fields = Fields(body)
    assert fields.get(path) == value
    assert fields.has(path) or value is None
    assert not fields.is_cut


def test_a_field_is_found_where_the_configuration_says_how_to_decode() -> None:
    assert Fields(base64.b64encode(b'{"a":1}'), "base64+json").get("a") == "1"
    assert Fields(b'{"a":1}', "text").get("a") is None


def test_what_is_too_long_to_be_decoded_is_not_said_to_be_missing() -> None:
    long = b'{"text": "%b", "id": 7}' % (b"x" * TRIED)
    for body in (long, gzip.compress(long), b"\0" * (TRIED + 1)):
        fields = Fields(body)
        assert fields.get("id") is None
        assert fields.is_cut
    outer = Fields(json.dumps({"a": "[" + "1," * 1000 + "1]", "id": 7}).encode())
    assert (outer.get("a.1000"), outer.get("id"), outer.is_cut) == ("1", "7", False)


HOSTILE = [
    b"[" * 100_000,
    b"[" * 900 + b"]" * 900,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"a":%b}' % (b"9" * 100_000),
    b'{"a":1e999999999}',
    b'{"a":"%b"}' % (b"x" * 2**20),
    b'{"%b":[%b1]}' % (b"k" * 100_000, b"1," * 60_000),
    b'{"a":1,' * 20_000 + b'"a":2}',
    b'{"a":"\xff\xfe\\ud800\\u0000"}',
    b"a:1:{s:1:" + b'"a";' * 1000,
    b"a:1:{i:0;" * 500 + b"N;" + b"}" * 500,
    b"\x81\xa1a" * 500 + b"\x01",
    b"\xdd\xff\xff\xff\xff" * 100,
    gzip.compress(b'{"a":"%b"}' % (b"x" * 2**22)),
    b"a=1&" * 10_000 + b"a=2",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    "path",
    ["a", "a.a.a", ".".join("a" * 2000), "9" * 4000, "..", ""],
    ids=["one", "three", "many", "digits", "dots", "none"],
)
def test_no_body_makes_it_fail(body: bytes, path: str) -> None:
    fields = Fields(body)
    value = fields.get(path)
    assert value is None or isinstance(value, str)
    fields.has(path)
    assert all(len(name) < 100 for name in fields.names)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner),
    max_leaves=10,
)


@pytest.mark.long
@given(st.binary(max_size=80) | _values.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_body_is_its_names_lead_somewhere(body: bytes) -> None:
    fields = Fields(body)
    views(body)
    for name in fields.names:
        assert fields.has(name)
