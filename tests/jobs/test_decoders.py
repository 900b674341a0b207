"""What bodies are recognized as, and that no bytes break, slow down or swell what reads them."""

import base64
import bz2
import gzip
import importlib
import json
import os
import pickle
import random
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beantop.jobs.bodies.layers import LIMIT
from beantop.jobs.bodies.lines import MAX_LINES, Malformed
from beantop.jobs.bodies.msgpack import msgpack_lines
from beantop.jobs.bodies.php import php_lines
from beantop.jobs.bodies.plain import SHOWN
from beantop.jobs.bodies.texts import beginning
from beantop.jobs.bodies.views import MAX_NESTED, NAMES, decode, views

PLAIN = b"a plain  text"
JSON = b'{"to": "ada", "n": 3}'
PHP = b'O:8:"App\\Mail":3:{s:2:"to";s:3:"ada";s:7:"\0*\0tags";a:2:{i:0;s:1:"x";i:1;N;}s:9:"\0App\\M\0id";d:1.5;}'
LARAVEL = json.dumps(
    {"displayName": "App\\Mail", "data": {"command": PHP.decode("latin-1")}}
).encode()
MSGPACK = b"\x83\xa2to\xa3ada\xa4when\xd6\xff\x65\x53\xf1\x00\xa1n\xcb\x3f\xf8\0\0\0\0\0\0"


class Harmful:
    """A pickle of it would run a command when it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/beantop-was-fooled",)


PICKLE = pickle.dumps(Harmful(), protocol=4)


def deflated(data: bytes) -> bytes:
    """Compress like PHP's gzdeflate: without a header."""
    return zlib.compress(data)[2:-4]


GZIP_JSON = gzip.compress(JSON, mtime=0)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (JSON, "JSON"),
        (GZIP_JSON, "gzip › JSON"),
        (zlib.compress(JSON), "zlib › JSON"),
        (bz2.compress(JSON), "bz2 › JSON"),
        (base64.b64encode(JSON), "base64 › JSON"),
        (base64.urlsafe_b64encode(zlib.compress(JSON)), "base64 › zlib › JSON"),
        (base64.encodebytes(GZIP_JSON), "base64 › gzip › JSON"),
        (base64.b64encode(b"a text with several words"), "base64 › text"),
        (gzip.compress(b"only text", mtime=0), "gzip › text"),
        (gzip.compress(b"\xff\xfe\0\1", mtime=0), "gzip › hex"),
        (PHP, "PHP"),
        (b"a:1:{i:0;b:1;}", "PHP"),
        (MSGPACK, "msgpack"),
        (PICKLE, "pickle"),
        (urlencode({"to": "ada", "tags": "a b"}).encode(), "form"),
        (b"helloworldhello1", "text"),
        (b"4990011", "text"),
        (b"ABCDEFGHIJKLMNOPQRST", "text"),
        (b"ScanTicketWeekly", "text"),
        (b"gnutls_cipher_suite_info", "text"),
        (b"PCI_MSI_PENDING_32", "text"),
        (b"VERBOSE_THROTTLE", "text"),
        (b"UnchainSimpledia", "text"),
        (b"6666666666666666", "text"),
        (b"0123456789abcdef0123456789abcdef", "text"),
        (b"gqqF5NY3mLkcZSrMTSti", "text"),
        (b"mM0MSDkVPnRsIqEx"[::-1], "text"),
        (base64.b64encode("привет, мир".encode()), "base64 › text"),
        (base64.b64encode("こんにちは、世界".encode()), "base64 › text"),
        (base64.b64encode(b"<a href='x'>y</a>"), "base64 › text"),
        (base64.b64encode(MSGPACK), "base64 › msgpack"),
        (PHP + b"\r\n", "PHP"),
        (PHP.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\0", b"\\0"), "slashes › PHP"),
        (b"\xef\xbb\xbf" + JSON, "JSON"),
        (b'{"name":"\xc8\xe2\xe0\xed"}', "cp1251 › JSON"),
        (deflated(b'a:1:{i:0;s:3:"ada";}'), "deflate › PHP"),
        (base64.b64encode(deflated(b"several words, deflated")), "base64 › deflate › text"),
        (b"i:5;", "text"),
        (b"a=b", "text"),
        (b"key: value\nlist:\n  - 1\n", "text"),
        (b"\x1f\x8b\x08broken", "hex"),
        (b"\x80\x04\xffbroken.", "hex"),
        (PHP[:-1], "PHP"),
    ],
)
def test_a_body_is_recognized_by_its_content(body: bytes, name: str) -> None:
    if name == "text" and b"\0" in body:
        name = "hex"
    assert views(body)[0].name == name


def test_php_is_set_out() -> None:
    assert php_lines(PHP) == [
        "App\\Mail {",
        '  to: "ada"',
        "  tags (protected): [",
        '    0: "x"',
        "    1: null",
        "  ]",
        "  id (private): 1.5",
        "}",
    ]


CHAINED = b'O:7:"Chained":1:{s:2:"id";i:7;}'
CHAIN = b'O:3:"Job":1:{s:7:"chained";a:1:{i:0;s:%d:"%b";}}' % (len(CHAINED), CHAINED)


@pytest.mark.parametrize(
    ("body", "below"),
    [
        (LARAVEL, ["── data.command: PHP ──", "App\\Mail {"]),
        (json.dumps({"a": [{"b": JSON.decode()}]}).encode(), ["── a.0.b: JSON ──", "{"]),
        (json.dumps({"body": base64.b64encode(JSON).decode()}).encode(), ["── body: base64 › JSON ──", "{"]),
        (CHAIN, ["── chained.0: PHP ──", "Chained {", "  id: 7", "}"]),
        (json.dumps({"c": CHAIN.decode()}).encode(), ["── c.chained.0: PHP ──", "Chained {"]),
        (json.dumps({"a": json.dumps({"b": json.dumps({"c": 1})})}).encode(), ["── a.b: JSON ──", "{", '  "c": 1']),
        (json.dumps({"body": "a:1:{i:0;s:1:\\\"x\\\";}"}).encode(), ["── body: slashes › PHP ──", "["]),
        (b'{"a": "[1]", "a": "[2, 3]"}', ["── a: JSON ──", "[", "  2,", "  3", "]"]),
        (b'{"a": "O:1:\\"x\\":1:{s:1:\\"n\\";s:3:\\"\\ud800\\";}"}', ["── a: PHP ──", "x {", r'  n: "\xed\xa0\x80"']),
        (PHP.replace(b'"ada"', b'"[1]"'), ["── to: JSON ──", "["]),
    ],
)  # fmt: skip
def test_what_is_encoded_in_strings_stands_below(body: bytes, below: list[str]) -> None:
    shown = list(views(body)[0].lines())
    assert below in [shown[at : at + len(below)] for at in range(len(shown))]


def test_that_not_all_that_is_encoded_is_set_out_is_said() -> None:
    for many in (MAX_NESTED, MAX_NESTED + 1):
        shown = views(json.dumps(["[1]"] * many).encode())[0].lines()
        assert sum(line.endswith(": JSON ──") for line in shown) == MAX_NESTED
        assert (shown[-1] == "… and more is encoded in its strings") == (many > MAX_NESTED)


def test_strings_that_only_look_encoded_are_left_alone() -> None:
    strings = ["ScanTicketWeekly", "a=1&b=2", "[INFO] started", "O:5 o'clock", "{name}", "\ud800"]
    assert len(views(json.dumps(strings).encode())[0].lines()) == len(strings) + 2


def test_letters_that_are_written_as_numbers_are_shown_as_letters() -> None:
    body = (
        rb'{"to": "\u0410\u0434\u0430 \ud83d\ude00", "url": "a\/b", "odd": "\u202e\u0022\\u0041"}'
    )
    assert views(body)[0].lines()[1:-1] == [
        '  "to": "Ада 😀",',
        '  "url": "a/b",',
        r'  "odd": "\u202e\u0022\\u0041"',
    ]


TEXT = b"".join(b"line %d of a text\n" % number for number in range(300))


def zstd_compressed(data: bytes) -> bytes:
    """Compress with the module that this Python has."""
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    compressed: bytes = importlib.import_module(name).compress(data)
    return compressed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "zstd": zstd_compressed,
    "zlib": zlib.compress,
}
MEMBERS = [name for name in PACKERS if name != "zlib"]


@pytest.mark.parametrize("name", MEMBERS)
def test_all_members_are_shown(name: str) -> None:
    pack = PACKERS[name]
    view = views(pack(b'{"a": 1,') + pack(b"") + pack(b' "b": 2}') + b"\n")[0]
    assert (view.name, view.problem) == (f"{name} › JSON", "")
    assert view.lines() == ["{", '  "a": 1,', '  "b": 2', "}"]


@pytest.mark.parametrize("name", PACKERS)
def test_a_body_that_ends_in_the_middle_says_so_wherever_it_ends(name: str) -> None:
    packed = PACKERS[name](TEXT)
    for end in range(10, len(packed), 7):
        best = views(packed[:end])[0]
        if best.name == f"{name} › text":
            assert best.problem == f"the {name} is cut off"
            assert best.lines()[-1] == f"… {best.problem}"
            assert TEXT.startswith("\n".join(best.lines()[:-1]).encode())
        else:  # nothing could be read of it
            assert best.name in ("hex", "text")
            assert best.problem == ("" if name == "zlib" else f"the {name} is cut off")


@pytest.mark.long
@pytest.mark.parametrize("name", PACKERS)
def test_what_comes_before_the_middle_is_shown(name: str) -> None:
    large = base64.encodebytes(random.Random(1).randbytes(10**6))
    packed = PACKERS[name](large)
    view = views(packed[: len(packed) * 9 // 10])[0]
    assert view.name == f"{name} › text"
    assert len(view.lines()) > 6_000


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize(
    ("after", "problem"), [(b"more", "4 bytes follow the {}"), (b"\0\0\n", "")]
)
def test_what_follows_the_end_is_told(name: str, after: bytes, problem: str) -> None:
    view = views(PACKERS[name](JSON) + after)[0]
    assert (view.name, view.problem) == (f"{name} › JSON", problem.format(name))


def test_of_a_body_that_is_damaged_the_beginning_is_shown() -> None:
    packed = bytearray(gzip.compress(TEXT * 40, 0, mtime=0))
    packed[-6] ^= 1  # of the checksum
    view = views(bytes(packed))[0]
    assert (view.name, view.problem) == ("gzip › text", "the gzip is damaged")
    assert view.lines()[0] == "line 0 of a text"


def test_a_window_that_would_take_all_memory_is_refused() -> None:
    body = b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(30)  # of 2 GB, says its head
    best = views(body)[0]
    assert (best.name, best.problem) == ("hex", "the zstd cannot be read")


def test_what_zstd_is_to_skip_is_skipped() -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    assert views(skipped + zstd_compressed(JSON) + skipped)[0].name == "zstd › JSON"


def test_base64_that_ends_in_the_middle_says_so() -> None:
    packed = base64.b64encode(JSON * 3)
    view = views(packed[:61])[0]
    assert (view.name, view.problem) == ("base64 › JSON", "the base64 is cut off")


def test_letters_in_another_encoding_are_bytes_and_that_is_said() -> None:
    view = views(b'{"name":"\xc8\xe2"}')[0]
    assert view.problem.startswith("it is not UTF-8")
    assert r'  "name": "\xc8\xe2"' in view.lines()


def test_without_a_module_for_zstd_that_is_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zstd_compressed(JSON)
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    best = views(packed, "zstd+json")[0]
    assert best.name == "hex"
    assert best.problem == "this Python has no module for zstd"
    assert best.misfit.endswith(best.problem)


WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12)


@given(st.lists(WORD, min_size=2, max_size=6), st.sampled_from(["", "_", "-", "/"]), st.booleans())
def test_words_are_not_taken_for_base64(words: list[str], between: str, capital: bool) -> None:
    text = between.join(word.title() if capital else word for word in words)
    assert views(text.encode())[0].name == "text"
    assert beginning(text.encode()) == text


def test_msgpack_is_set_out_with_its_times() -> None:
    assert msgpack_lines(MSGPACK) == [
        "{",
        '  "to": "ada"',
        '  "when": time 2023-11-14T22:13:20+00:00',
        '  "n": 1.5',
        "}",
    ]


def test_a_pickle_is_listed_and_never_loaded() -> None:
    shown = "\n".join(views(PICKLE)[0].lines())
    assert "STACK_GLOBAL" in shown
    assert "touch /tmp/beantop-was-fooled" in shown
    assert not os.path.exists("/tmp/beantop-was-fooled")


@pytest.mark.parametrize(
    ("body", "how", "name"),
    [
        (base64.b64encode(GZIP_JSON), "base64+gzip+json", "base64 › gzip › JSON"),
        (base64.b64encode(b"hi there, you all"), "base64+hex", "base64 › hex"),
        (JSON, "text", "text"),
    ],
)
def test_what_is_known_beforehand_is_decoded_so(body: bytes, how: str, name: str) -> None:
    assert decode(body, how).name == name


def test_what_the_configuration_says_goes_before_what_is_recognized() -> None:
    assert views(base64.b64encode(b"hi, you!"), "base64+text")[0].lines() == ["hi, you!"]
    assert views(JSON, "gzip+json")[0].name == "JSON"


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("yaml", "'yaml' is not a decoder: use"),
        ("gzip+json", "it is not gzip"),
        ("zstd+json", "it is not zstd"),
    ],
)
def test_what_cannot_be_decoded_so_is_told(how: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        decode(b"plain", how)


@pytest.mark.parametrize(
    ("body", "how"),
    [
        (PLAIN, "json"),
        (PLAIN, "php"),
        (PLAIN, "msgpack"),
        (PLAIN, "pickle"),
        (PLAIN, "form"),
        (gzip.compress(PLAIN, mtime=0), "gzip+json"),
    ],
)
def test_what_is_not_what_the_configuration_says_is_shown_as_it_is_recognized(
    body: bytes, how: str
) -> None:
    with pytest.raises(Malformed):
        decode(body, how)
    shown = views(body, how)[0]
    assert shown.name == views(body)[0].name
    assert shown.lines() == ["a plain  text"]


@pytest.mark.parametrize(
    ("body", "how", "lines"),
    [
        (b'"ada"', "json", ['"ada"']),
        (b"i:5;", "php", ["5"]),
        (b"\xa3ada", "msgpack", ['"ada"']),
        (b"to=ada", "form", ["to = ada"]),
        (pickle.dumps(None, protocol=0), "pickle", ["     0  NONE", "     1  STOP"]),
    ],
)
def test_what_nobody_would_recognize_is_what_the_configuration_says(
    body: bytes, how: str, lines: list[str]
) -> None:
    assert views(body)[0].name in ("text", "hex")
    assert decode(body, how).lines() == lines


@pytest.mark.parametrize("how", NAMES)
def test_ten_megabytes_are_cut_whatever_the_configuration_says(how: str) -> None:
    for body in (b"[" + b"1," * 5_000_000 + b"1]", b"[" * 10_000_000, b"\n" * 10_000_000):
        shown = views(body, how)[0].lines()
        assert len(shown) <= SHOWN + 2
        assert sum(map(len, shown)) <= 5 * SHOWN


HOSTILE: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(b"\0" * 50_000_000, mtime=0),
    "gzip twice": lambda: gzip.compress(gzip.compress(b"\0" * 50_000_000, mtime=0), mtime=0),
    "zlib": lambda: zlib.compress(b'{"a":' * 200_000),
    "bz2": lambda: bz2.compress(b"[" * 20_000_000),
    "empty members": lambda: gzip.compress(b"", mtime=0) * 200_000,
    "large members": lambda: gzip.compress(b"\0" * 2**20, mtime=0) * 500,
    "gzip in JSON, many lines": lambda: packed_in_json(b"x\n" * 2**20),
    "gzip in JSON, many words": lambda: packed_in_json(b"a b " * 2**18),
    "JSON in JSON": lambda: json.dumps(["[1]"] * 30_000).encode(),
    "digits": lambda: b"1" * 200_000 + b"!",
    "nested PHP": lambda: b"a:1:{i:0;" * 7_000,
    "a long PHP list": lambda: b"a:99999999:{",
    "a long PHP string": lambda: b's:99999999:"',
    "large msgpack lists": lambda: b"\xdd\xff\xff\xff\xff" * 12_000,
    "nested msgpack lists": lambda: b"\x91" * 60_000,
    "nested msgpack maps": lambda: b"\x81" * 60_000,
    "a large msgpack map": lambda: b"\xdf\xff\xff\xff\xff",
    "pickle marks": lambda: b"\x80\x04" + b"(" * 60_000 + b".",
    "a long pickle": lambda: b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",
    "nested JSON lists": lambda: b"[" * 100_000,
    "nested JSON objects": lambda: b'{"a":' * 100_000,
    "a form": lambda: b"a=b&" * 16_000 + b"a=b",
    "base64": lambda: b"QUJD" * 16_000,
    "a PHP list": lambda: b"a:20000:{" + b"".join(b"i:%d;N;" % n for n in range(20_000)) + b"}",
}
"""Functions, since each worker of the tests collects them all and runs a part."""


def packed_in_json(data: bytes) -> bytes:
    return json.dumps([base64.b64encode(gzip.compress(data, mtime=0)).decode()] * 60).encode()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_stay_within_bounds(name: str) -> None:
    body = HOSTILE[name]()
    tracemalloc.start()
    for view in views(body):
        assert len(view.lines()) <= max(MAX_LINES + 9, len(body), LIMIT // 16 + 9)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120_000_000


MADE = st.sampled_from([JSON, GZIP_JSON, PHP, LARAVEL, MSGPACK, PICKLE, bz2.compress(JSON)])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good body with some bytes changed, left out or doubled."""
    body = bytearray(draw(MADE))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(body) - 1)))
        body[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(body)


ANYTHING = st.binary() | mutated() | mutated().map(base64.b64encode)


@given(ANYTHING)
@example(b"")
@example(b"\x80\x02.")
@example(b"BZh9")
def test_any_bytes_are_shown(body: bytes) -> None:
    for view in views(body):
        shown = view.lines()
        assert shown or not body
        assert view.name not in ("text", "hex") or not any("\n" in line for line in shown)


@given(st.binary() | mutated(), st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))
def test_any_bytes_are_decoded_or_refused(body: bytes, how: list[str]) -> None:
    with suppress(ValueError):
        view = decode(body, "+".join(how))
        assert view.lines() is not None
