"""Texts that are not UTF-8: what is recognized is right, and the configuration can name the rest."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.jobs.bodies.encodings import ENCODINGS, recognized
from beantop.jobs.bodies.texts import Texts, beginning
from beantop.jobs.bodies.views import decode, views

SURE = {
    "cp1251": ["Иван", "Привет, мир", "заказ номер 5 отправлен", "Ваш заказ №15 — «книга»", "Київ, Україна"],
    "latin-1": ["ça va", "Müller", "café", "Straße 5", "Grüße aus Köln"],
    "gbk": ["订单已发货，请注意查收", "你好世界欢迎", "北京市朝阳区订单"],
    "shift-jis": ["こんにちは世界", "注文を発送しました", "カタカナ"],
    "utf-16": ["ada", "Ада"],
}  # fmt: skip

UNSURE = {
    "koi8-r": ["Привет, мир", "Иван Петров", "ПРИВЕТ МИР"],
    "cp1251": ["ТЕЛЕФОН", "да"],
    "cp1250": ["Łukasz", "zażółć gęślą jaźń", "příliš žluťoučký"],
    "latin-1": ["naïve", "señor", "Ångström"],
    "cp1252": ["price €5", "it’s"],
    "cp1253": ["Καλημέρα κόσμε", "Γιώργος Παπαδόπουλος", "Αθήνα", "παραγγελία"],
    "cp1254": ["İstanbul", "Güneş doğuyor"],
    "cp1255": ["שלום עולם", "הזמנה חדשה התקבלה", "ירושלים"],
    "cp1256": ["مرحبا بالعالم", "السلام عليكم"],
    "gbk": ["中文"],
    "big5": ["訂單已發貨，請注意查收", "你好世界歡迎"],
    "shift-jis": ["東京都"],
    "euc-jp": ["こんにちは世界", "注文を発送しました"],
    "euc-kr": ["안녕하세요 세계", "주문이 발송되었습니다"],
    "cp874": ["สวัสดีชาวโลก"],
}  # fmt: skip

CODECS = {"shift-jis": "cp932", "latin-2": "iso8859-2"}


def pairs(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, some in texts.items() for text in some]


@pytest.mark.parametrize(("name", "text"), pairs(SURE))
def test_what_can_only_be_one_encoding_is_recognized(name: str, text: str) -> None:
    for whole in (text, f'{{"text": "{text}"}}', f"{text}\n" * 1000):
        body = whole.encode(CODECS.get(name, name))
        assert recognized(body) == name
        assert whole.startswith(beginning(body, 9))
        for packed in (body, gzip.compress(body, mtime=0)):
            view = views(packed)[0]
            assert name in view.name.split(" › ")
            assert view.problem == ""
            assert any(text in line for line in view.lines())
            assert any(text in found for found in Texts(packed))


@pytest.mark.parametrize(("name", "text"), pairs(UNSURE))
def test_what_could_be_another_encoding_is_not_guessed(name: str, text: str) -> None:
    for whole in (text, f'{{"text": "{text}"}}'):
        assert recognized(whole.encode(CODECS.get(name, name))) == ""


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\0\0a\0\0\0", b"\xff\xfea\0\x01\0", b"\xff\xfea\0\x00\xdc"]
)
def test_a_mark_alone_makes_no_text(data: bytes) -> None:
    assert recognized(data) == ""
    assert views(data)[0].name == "hex"


@given(st.text())
def test_utf_8_is_never_taken_for_another_encoding(text: str) -> None:
    assert recognized(text.encode("utf-8", "replace")) == ""


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_configuration_can_name_an_encoding(name: str) -> None:
    for how in (f"{name}+json", f"gzip+{name}+json", f"{name}+text", name):
        body = '{"to": "ada"}'.encode(CODECS.get(name, name))
        view = decode(gzip.compress(body) if how.startswith("gzip") else body, how)
        assert view.name == how.replace("+", " › ").replace("json", "JSON")
        assert any('"to": "ada"' in line for line in view.lines())


def test_strings_of_php_keep_their_lengths() -> None:
    text = 'a:1:{i:0;s:4:"Ёлка";}'.encode("koi8-r")
    body = (
        b'O:3:"Job":2:{s:2:"to";s:4:"'
        + "Иван".encode("koi8-r")
        + b'";s:2:"in";s:%d:"%b";}' % (len(text), text)
    )
    assert decode(body, "koi8-r+php").lines()[:3] == [
        "Job {",
        '  to: "Иван"',
        '  in: "a:1:{i:0;s:8:\\"Ёлка\\";}"',
    ]
    assert '  0: "Ёлка"' in decode(body, "koi8-r+php").lines()


def test_bytes_that_are_not_in_the_encoding_are_told() -> None:
    view = decode(b'{"to": "\x81\x81"}', "cp1252+json")
    assert view.problem == "some bytes are not cp1252: they are written as �"
    assert view.lines()[-1] == f"… {view.problem}"


@given(st.binary(), st.sampled_from(list(ENCODINGS)))
def test_any_bytes_are_decoded(body: bytes, name: str) -> None:
    found = ENCODINGS[name](body, 20)
    assert found is not None
    assert len(found.data) <= 20
    assert found.is_cut == (len(body) > 20)
    found.data.decode("utf-8", "ignore")
    recognized(body)
