import base64
import gzip
import json
import pickletools
import re
from random import Random

import pytest

from beantop.demo import bodies
from beantop.demo.bodies import Maker
from beantop.demo.broker import MAX_JOB_SIZE


def make(maker: Maker) -> bytes:
    return maker(Random(1), 90.5)


MAKERS = [
    *(bodies.sidekiq, bodies.laravel, bodies.php, bodies.event, bodies.message_pack),
    *(bodies.pickled, bodies.gzipped, bodies.base64_json, bodies.yaml, bodies.text),
    *(bodies.number, bodies.long_line, bodies.wide, bodies.NOT_UTF8, bodies.ESCAPE_SEQUENCES),
    *(bodies.MARKUP, bodies.C1_CONTROLS, bodies.BIDI_OVERRIDES, bodies.NULS, bodies.EMPTY),
]


@pytest.mark.parametrize("maker", MAKERS)
def test_the_same_randomness_makes_the_same_body(maker: Maker) -> None:
    assert make(maker) == make(maker)


@pytest.mark.parametrize("maker", MAKERS)
def test_every_body_fits_into_a_job(maker: Maker) -> None:
    assert len(make(maker)) <= MAX_JOB_SIZE


def test_a_body_tells_the_time_of_the_scene() -> None:
    assert json.loads(make(bodies.sidekiq))["created_at"] == 90.5


def test_a_sidekiq_job_is_json_with_a_class_and_arguments() -> None:
    job = json.loads(make(bodies.sidekiq))
    assert job["class"] == "WelcomeMailer"
    assert re.fullmatch("[0-9a-f]{24}", job["jid"])


def test_a_laravel_job_has_a_php_command_with_escaped_nuls_in_its_json() -> None:
    body = make(bodies.laravel)
    assert rb"\u0000*\u0000invoice\";i:" in body
    assert b"\0" not in body
    command = json.loads(body)["data"]["command"]
    assert command.startswith('O:24:"App\\Jobs\\SendInvoiceMail":2:{s:10:"\0*\0invoice";i:')


def test_php_writes_the_length_of_each_string() -> None:
    command = json.loads(make(bodies.laravel))["data"]["command"]
    for text in (make(bodies.php).decode(), command):
        strings = re.findall(r's:(\d+):"([^"]*)";', text)
        assert strings
        assert all(len(string) == int(length) for length, string in strings)


def test_message_pack_is_a_map_of_four() -> None:
    body = make(bodies.message_pack)
    assert body.startswith(b"\x84\xa3doc\xd2")
    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_a_pickle_holds_plain_data_only() -> None:
    names = {opcode.name for opcode, _, _ in pickletools.genops(make(bodies.pickled))}
    assert "STOP" in names
    assert not names & {"GLOBAL", "STACK_GLOBAL", "REDUCE", "INST", "OBJ", "NEWOBJ"}


def test_gzip_holds_json_and_no_time_of_its_making() -> None:
    body = make(bodies.gzipped)
    assert body[4:8] == bytes(4)
    assert b'"status":200' in gzip.decompress(body)


def test_base64_holds_json() -> None:
    assert json.loads(base64.b64decode(make(bodies.base64_json), validate=True))["sizes"]


def test_yaml_has_a_list_and_a_block() -> None:
    lines = make(bodies.yaml).decode().splitlines()
    assert lines[0] == "---"
    assert "accounts:" in lines
    assert "note: |" in lines


def test_the_long_line_is_json_of_60_kb_in_one_line_that_is_kept_once() -> None:
    body = make(bodies.long_line)
    assert 59_000 < len(body) <= 60_000
    assert b"\n" not in body
    assert json.loads(body)["frames"][0]["frame"] == 100_000
    assert bodies.long_line(Random(2), 0.0) is body


def test_wide_characters_are_written_as_they_are() -> None:
    texts = [json.loads(bodies.wide(Random(seed), 0.0))["title"] for seed in range(20)]
    everything = "".join(texts)
    assert all(sign in everything for sign in ("商", "📦", "\u0301", "\u200d", "결", "🏽"))


def test_an_old_encoding_is_not_utf_8() -> None:
    with pytest.raises(UnicodeDecodeError):
        make(bodies.NOT_UTF8).decode()


@pytest.mark.parametrize(
    ("maker", "parts"),
    [
        (bodies.ESCAPE_SEQUENCES, [b"\x1b[2J", b"\x1b]0;", b"\x1b]52;c;", b"\x1b[?1049l"]),
        (bodies.MARKUP, [b"[bold red]", b"[@click=app.quit]", b"[/nothing]"]),
        (bodies.C1_CONTROLS, [b"\x9b2J", b"\xc2\x9b31m", b"\x85", b"\xe2\x80\xa8"]),
        (bodies.BIDI_OVERRIDES, ["\u202e".encode(), "\u2066".encode(), "\u200f".encode()]),
        (bodies.NULS, [b"\0"]),
    ],
)
def test_hostile_bodies_have_what_they_threaten_with(maker: Maker, parts: list[bytes]) -> None:
    assert all(part in make(maker) for part in parts)
