"""What a body says, to look for words in it."""

import base64
import gzip
import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beantop.formatting import folded
from beantop.jobs.bodies.layers import MAX_MEMBERS
from beantop.jobs.bodies.texts import SEARCHED, Texts, beginning, shown_text
from beantop.jobs.bodies.views import MAX_NESTED, views
from tests.jobs.producers import addslashes, php
from tests.jobs.test_decoders import ANYTHING, JSON, LARAVEL, MSGPACK, PHP, PICKLE

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
    raw, *_, in_list, shown = Texts(body)
    assert "ocelot" not in raw
    assert in_list == OCELOT.decode()
    assert shown.splitlines()[1] == '  "animal": "ocelot",'
    assert beginning(body) == OCELOT.decode()[:200]


@pytest.mark.parametrize("wrap", [bytes, lambda body: base64.b64encode(gzip.compress(body))])
def test_more_than_is_shown_is_searched(wrap: Callable[[bytes], bytes]) -> None:
    found = Texts(wrap(gzip.compress(b"a b " * 750_000 + b"ocelot")))
    assert any("ocelot" in text for text in found)
    assert not found.is_cut


@given(st.binary(), st.integers(1, 5))
def test_a_body_decoded_piece_by_piece_is_the_same_text(body: bytes, size: int) -> None:
    whole = next(iter(Texts(body)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("beantop.jobs.bodies.texts.AT_ONCE", size)
        assert next(iter(Texts(body))) == whole == body.decode("utf-8", "backslashreplace")


def test_of_gigabytes_below_a_layer_only_a_part_is_searched() -> None:
    found = Texts(gzip.compress(b"a b " * (SEARCHED // 4) + b"ocelot"))
    assert not any("ocelot" in text for text in found)
    assert found.is_cut


def test_more_members_of_gzip_than_are_unpacked_are_known_to_be_missing() -> None:
    found = Texts(gzip.compress(b"a word") * (MAX_MEMBERS + 1))
    assert list(found)
    assert found.is_cut


def test_strings_that_are_not_decoded_are_known_to_be_missing() -> None:
    found = Texts(json.dumps([base64.b64encode(OCELOT).decode()] * (MAX_NESTED + 1)).encode())
    assert list(found)
    assert found.is_cut


def test_only_a_piece_of_a_large_body_is_decoded_for_its_first_line() -> None:
    assert beginning(base64.b64encode(b"an ocelot " * 10_000), 19) == "an ocelot an ocelot"


@pytest.mark.parametrize(
    ("body", "shown"),
    [(MSGPACK, '"when": time 2023'), (PICKLE, "PROTO"), (b"to=ada+l&x=%C3%BC", "x = ü")],
)
def test_a_format_that_must_be_set_out_is(body: bytes, shown: str) -> None:
    *_, as_shown = Texts(body)
    assert shown in as_shown


@pytest.mark.parametrize(
    "body", [b"plain text", b"ABCDEFGHIJKLMNOPQRST", b"key=value", b"a\nb", "ü".encode(), b""]
)
def test_what_is_shown_as_it_is_is_one_text(body: bytes) -> None:
    assert list(Texts(body)) == [body.decode()]
    assert beginning(body) == body.decode()[:200]


def test_what_nobody_would_recognize_is_decoded_as_the_configuration_says() -> None:
    assert "ocelot" not in "".join(Texts(base64.b64encode(b"ocelot")))
    assert "ocelot" in Texts(base64.b64encode(b"ocelot"), "base64+text")


@given(st.binary() | st.binary().map(base64.b64encode), st.integers(1, 300))
def test_the_beginning_of_any_bytes_is_short(body: bytes, limit: int) -> None:
    assert len(beginning(body, limit)) <= limit
    assert list(Texts(body))


SHOWN = [
    (rb'{"subject": "\u041f\u043e\u0434", "path": "a\/b"}', ["Под", '"path": "a/b"', r"a\/b"]),
    (LARAVEL, ['to: "ada"', "App\\Mail {", "tags (protected)"]),
    (json.dumps({"a": '{"b": "\\u00fc"}'}).encode(), ['"b": "ü"']),
    (json.dumps({"body": base64.b64encode(JSON).decode()}).encode(), ["base64 › JSON", '"n": 3']),
    (b"\x1b[31mred", ["␛[31mred", "\x1b[31m"]),
    (gzip.compress(b"a text that is cut", mtime=0)[:-8], ["the gzip is cut off"]),
    (b"\xef\xbb\xbf" + JSON, ['"to": "ada"']),
    (b'{"name": "\xc8\xe2"}', [r'"name": "\xc8\xe2"']),
]


@pytest.mark.parametrize(("body", "words"), SHOWN, ids=lambda value: repr(value)[:20])
def test_what_stands_on_the_screen_is_found(body: bytes, words: list[str]) -> None:
    for word in words:
        assert any(word in text for text in Texts(body))


@given(ANYTHING)
@example(b'{"a": "\\u041f\\/"}')
@example(LARAVEL)
def test_every_line_of_the_first_view_and_of_the_list_is_in_the_texts(body: bytes) -> None:
    view = views(body)[0]
    found = list(Texts(body))
    if not view.name.endswith("hex"):
        assert any(shown_text(view.lines()) in text for text in found)
    assert any(beginning(body) in text for text in found)


NAMES = st.text('abп.@1\\"/\n {[-', max_size=6) | st.sampled_from(["data", "to.ada", "ада", "3"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES | st.sampled_from([PHP.decode("latin-1")]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(NAMES, inner)
        | inner.map(json.dumps)
        | inner.map(lambda value: json.dumps([value], ensure_ascii=False))
        | inner.map(lambda value: base64.b64encode(json.dumps([value]).encode()).decode())
        | NAMES.map(lambda text: f'a:1:{{s:3:"key";s:{len(text.encode())}:"{text}";}}')
        | NAMES.map(lambda text: addslashes(php({"key": f"it's {text}"})))
    ),
    max_leaves=6,
)


@pytest.mark.long
@given(VALUES, st.booleans(), st.data())
@example({"a": "a:1:{i:0;b:1;}"}, False, None)
@example({"ada@example": {"org": "[1]"}}, False, None)
@example({"a": [0, "[1]"]}, False, None)
@example({"a": addslashes(php({"b": "it's ada@example.org"}))}, False, None)
def test_words_are_found_as_well_where_json_is_not_set_out(
    value: object, ascii: bool, data: st.DataObject | None
) -> None:
    body = json.dumps([value], ensure_ascii=ascii).encode()
    every = list(Texts(body))
    words = {
        "true",
        "0",
        "1",
        "a.0",
        "ada@example.org",
        "needle",
        "protected",
        "php",
        "data.3",
        "it's",
    }
    if data:
        tokens = st.sampled_from([*folded(every[-1]).split(), "x"])
        start = data.draw(st.integers(0, 3))
        words |= {data.draw(tokens)[start : start + data.draw(st.integers(1, 8))] or "x"}
    for word in words:
        found = [
            any(word in folded(text) for text in some) for some in (every, Texts(body, "", [word]))
        ]
        assert found[0] == found[1]
