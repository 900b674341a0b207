"""Bodies of 64 kilobytes that are made to take all time or memory, in everything that reads bodies.

What backtracks or nests without end runs into the time limit.
"""

import base64
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache

import pytest

from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.job_class import LONGEST, subject
from beantop.jobs.bodies.job_error import job_error
from beantop.jobs.bodies.signature import LONGEST as LONGEST_SIGNATURE
from beantop.jobs.bodies.signature import body_signature
from beantop.jobs.bodies.texts import Texts, beginning
from beantop.jobs.bodies.views import decode, views

SIZE = 2**16

REPEATED = [
    *("Иван ".encode(codec) for codec in ("cp1251", "koi8-r", "utf-16-le")),
    *(b"\xe9", b"caf\xe9 ", "订".encode("gbk"), "の".encode("cp932"), b"\x82", b"\xff\xfea\0"),
    *(b'{"a":', b'{"error":', b'["a",', b"[", b'{"a":1}\n', b"[]", b'"', b"\\", b"\\u0041", b'{"a'),
    *(b"a:1:{i:0;", b's:9:"', b's:9999999:"', b'a:1:{i:0;s:1:\\"', b"a:9:", b'O:1:"A":1:{s:1:"b";'),
    *(b"QUJD", b"a=b&", b"a=%7B&", b"\x91", b"\x81\xa1a", b"--- !ruby/object:", b"ab", b"\0", b"message"),
]  # fmt: skip


def nested_json() -> bytes:
    text = '{"a":1}'
    while len(text) < SIZE // 2:
        text = json.dumps({"a": text})
    return text.encode()


def nested_php(core: bytes) -> bytes:
    data = core
    while len(data) < SIZE - 100:
        data = b'a:1:{i:0;s:%d:"%b";}' % (len(data), data)
    return data


def packed(pack: str) -> str:
    text = b"a b " * 100_000
    data = gzip.compress(text, mtime=0) if pack == "gzip" else zlib.compress(text)[2:-4]
    return base64.b64encode(data).decode()


MADE: dict[str, Callable[[], bytes]] = {
    "JSON in JSON": nested_json,
    "PHP in PHP": lambda: nested_php(b'a:1:{i:0;s:1:"x";}'),
    "PHP in PHP in cp1251": lambda: nested_php('a:1:{i:0;s:4:"Иван";}'.encode("cp1251")),
    "much PHP": lambda: json.dumps(['a:1:{i:0;s:1:"x";}'] * 2000).encode(),
    "much gzip": lambda: json.dumps([packed("gzip")] * 80).encode()[:SIZE],
    "much deflate": lambda: json.dumps([packed("deflate")] * 20).encode(),
    "a bomb": lambda: gzip.compress(b"\0" * 50_000_000, mtime=0)[:SIZE],
    "a bomb of JSON": lambda: gzip.compress(b"[" + b'{"a":1},' * 6_000_000, mtime=0)[:SIZE],
    "a bomb in utf-16": lambda: gzip.compress(b"\xff\xfe" + b"a\0" * 20_000_000, mtime=0)[:SIZE],
    "many errors": lambda: json.dumps({f"k{at}": {"error": None} for at in range(3000)}).encode(),
    "many strings": lambda: json.dumps(
        {f"k{at}": json.dumps({"a": "[1]"}) for at in range(2000)}
    ).encode(),
}
"""Functions, since each worker of the tests collects them all and runs a part."""

UNITS = {repr(unit): unit for unit in REPEATED}
NAMES = [*UNITS, *MADE]


@cache
def hostile(name: str) -> bytes:
    unit = UNITS.get(name)
    return unit * (SIZE // len(unit)) if unit else MADE[name]()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_body_holds_reading_it_stays_within_bounds(name: str) -> None:
    body = hostile(name)
    tracemalloc.start()
    for view in views(body):
        assert len(view.lines()) <= SIZE + 2**17
    assert len(subject(body)) <= 2 * LONGEST + 2
    assert Fields(body).get("a.a.a.a.a.a.a.a.b") is None
    assert len(body_signature(body)) <= LONGEST_SIGNATURE
    assert len(beginning(body)) <= 200
    job_error(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150_000_000


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_body_holds_it_can_be_searched(name: str) -> None:
    body = hostile(name)
    assert not any("needle" in text for text in Texts(body))
    assert not any("needle" in text for text in Texts(body, "", ["needle"]))


@pytest.mark.parametrize("how", ["cp1251+php", "gbk+json", "utf-16+form", "gzip+shift-jis+text"])
def test_whatever_a_body_holds_it_is_decoded_as_configured_or_refused(how: str) -> None:
    for body in map(hostile, NAMES):
        try:
            decode(body, how).lines()
        except ValueError as error:
            assert str(error)  # noqa: PT017  # either way is right
