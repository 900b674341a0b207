"""Realistic bodies of jobs in many formats, some broken, some hostile.

A maker takes a source of randomness and the Unix time in seconds.
"""

import base64
import gzip
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import TypeAlias
from uuid import UUID

Maker: TypeAlias = Callable[[Random, float], bytes]

Packable: TypeAlias = "int | str | list[Packable] | dict[str, Packable]"

_NAMES = ("ada", "grace", "edsger", "barbara", "donald", "margaret", "linus", "radia")
_PAGES = ("pricing", "docs/start", "blog/2026/09", "careers", "search?q=beans", "cart")


def always(body: bytes) -> Maker:
    """Return a maker that always returns this body.

    >>> always(b"flush-cache")(Random(1), 0.0)
    b'flush-cache'
    """
    return lambda rng, at: body


# Frameworks:


def sidekiq(rng: Random, at: float) -> bytes:
    """A Sidekiq job: one JSON object."""
    return _json(
        {
            "class": "WelcomeMailer",
            "args": [_number(rng), f"{rng.choice(_NAMES)}@example.com"],
            "retry": 25,
            "queue": "default",
            "jid": f"{rng.getrandbits(96):024x}",
            "created_at": round(at, 4),
            "enqueued_at": round(at, 4),
        }
    )


def laravel(rng: Random, at: float) -> bytes:
    """A Laravel job: JSON that contains the command in PHP serialization, with NULs as \\u0000."""
    name = "App\\Jobs\\SendInvoiceMail"
    command = _php_object(name, {"\0*\0invoice": _number(rng), "\0*\0to": rng.choice(_NAMES)})
    payload = {
        "uuid": str(UUID(int=rng.getrandbits(128), version=4)),
        "displayName": name,
        "job": "Illuminate\\Queue\\CallQueuedHandler@call",
        "maxTries": 3,
        "backoff": None,
        "timeout": 60,
        "data": {"commandName": name, "command": command},
        "pushedAt": round(at, 3),
    }
    return _json(payload).replace(b"/", b"\\/")  # as json_encode of PHP does


def php(rng: Random, at: float) -> bytes:
    """An array in PHP serialization."""
    return (
        f'a:3:{{s:7:"account";i:{_number(rng)};s:6:"amount";d:{rng.randrange(100, 99_999) / 100};'
        f's:2:"at";i:{int(at)};}}'
    ).encode()


# Formats:


def event(rng: Random, at: float) -> bytes:
    """JSON of a webhook."""
    return _json(
        {
            "id": f"evt_{rng.getrandbits(64):016x}",
            "type": rng.choice(("order.paid", "order.refunded", "customer.created")),
            "created": _iso(at),
            "url": f"https://hooks.example.net/v1/{_number(rng)}",
            "object": {"amount": rng.randrange(500, 90_000), "currency": "EUR", "livemode": True},
        }
    )


def message_pack(rng: Random, at: float) -> bytes:
    """A map in MessagePack."""
    return _pack({"doc": _number(rng), "op": "upsert", "fields": ["title", "body"], "at": int(at)})


def pickled(rng: Random, at: float) -> bytes:
    """Plain data in a Python pickle."""
    scores = [rng.randrange(1000) for _ in range(4)]
    return pickle.dumps({"user": _number(rng), "scores": scores, "at": int(at)}, 4)


def gzipped(rng: Random, at: float) -> bytes:
    """JSON in gzip."""
    line = {"at": _iso(at), "user": rng.choice(_NAMES), "page": rng.choice(_PAGES), "status": 200}
    return gzip.compress(_json(line) * 3, compresslevel=1, mtime=0)


def base64_json(rng: Random, at: float) -> bytes:
    """JSON in base64."""
    image = {"src": f"s3://uploads/{rng.getrandbits(48):012x}.jpg", "sizes": [64, 256, 1024]}
    return base64.b64encode(_json(image))


def yaml(rng: Random, at: float) -> bytes:
    """YAML with a list and a block of text."""
    return (
        f"---\nreport: {rng.choice(('daily', 'weekly'))}\nsince: {_iso(at - 86_400)}\n"
        f"accounts:\n- {_number(rng)}\n- {_number(rng)}\nnote: |\n  made by cron,\n  for finance\n"
    ).encode()


def text(rng: Random, at: float) -> bytes:
    """A line of plain text."""
    return f"reindex {rng.choice(_NAMES)} since {_iso(at)}".encode()


def number(rng: Random, at: float) -> bytes:
    """A number, such as the id of a database row."""
    return b"%d" % _number(rng)


def long_line(rng: Random, at: float) -> bytes:
    """JSON of 60 kB in one line, the same each time."""
    return _long_line()


def wide(rng: Random, at: float) -> bytes:
    """JSON with CJK, emoji, and letters made of several characters."""
    words = (
        "ご注文の商品を発送しました 📦",
        "新しいメッセージがあります 💬",
        "결제가 완료되었습니다 ✅",
        "Cafe\u0301 na\u0308he: nur heute −20 % ☕️",
        "👩\u200d👩\u200d👧\u200d👦 family plan, 🇪🇺 only 👍🏽",
    )
    push = {"to": f"device-{_number(rng)}", "title": rng.choice(words), "badge": rng.randrange(9)}
    return json.dumps(push, ensure_ascii=False).encode()


# Bodies that are hard to display:

NOT_UTF8 = always(
    "Grüße aus Köln; Straße 5, 50667 Köln;59,90 €\n".encode("cp1252") + b"\xff\xfe\xc3"
)
"""A CSV line in an old encoding, with a truncated character."""

ESCAPE_SEQUENCES = always(
    b"\x1b[2J\x1b[1;1H\x1b[31mAll jobs deleted.\x1b[0m"  # clears the screen, and lies
    b"\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIH4=\x07"  # sets the title and the clipboard
    b"\x1b[?1049l\x1b[?25l\r\b\bhello\x7f"
)
"""Control sequences for a terminal."""

MARKUP = always(b"[bold red]Your account is closed[/] [@click=app.quit]here[/] [/nothing] \\[x]")
"""Markup of Rich and Textual, partly invalid."""

C1_CONTROLS = always(b"one\x9b2Jtwo \xc2\x9b31mthree\xc2\x9c \xc2\x90four \x85\xe2\x80\xa8five")
"""C1 control characters, as bytes and in UTF-8, and a Unicode line separator."""

BIDI_OVERRIDES = always("invoice_\u202efdp.exe\u202c \u2066admin\u2069 \u200fabc\u200e".encode())
"""Text with right-to-left overrides that disguise its content."""

NULS = always(b"user\x00admin\x00\x00\x00\x01\x02END\x00")
"""NUL-terminated text, as from a C program."""

EMPTY = always(b"")


def _pack(value: Packable) -> bytes:
    """Encode as MessagePack: maps and lists of up to 15 items, strings of up to 31 bytes, 32-bit integers.

    >>> _pack({"a": [1, 70000]})
    b'\\x81\\xa1a\\x92\\x01\\xd2\\x00\\x01\\x11p'
    """
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else b"\xd2" + value.to_bytes(4, signed=True)
    if isinstance(value, str):
        data = value.encode()
        return bytes([0xA0 | len(data)]) + data
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(_pack, value))
    pairs = (_pack(key) + _pack(item) for key, item in value.items())
    return bytes([0x80 | len(value)]) + b"".join(pairs)


@cache
def _long_line() -> bytes:
    rng = Random(60)
    form = '{"frame":%d,"luma":%.6f,"scene":"%08x"}'
    frames = ",".join(
        form % (frame, rng.random(), rng.getrandbits(32)) for frame in range(100_000, 101_153)
    )
    return b'{"video":8812,"frames":[%b]}' % frames.encode()


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _php_object(name: str, members: dict[str, int | str]) -> str:
    written = "".join(_php_value(key) + _php_value(value) for key, value in members.items())
    return f'O:{len(name)}:"{name}":{len(members)}:{{{written}}}'


def _php_value(value: int | str) -> str:
    if isinstance(value, int):
        return f"i:{value};"
    return f's:{len(value.encode())}:"{value}";'


def _number(rng: Random) -> int:
    return 10_000 + int(rng.random() * 90_000)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
