"""Bodies as they are met in the wild: damaged, nested, and in encodings of their own."""

import base64
import gzip
import json
import lzma
import pickle
import zlib

from tests.jobs.producers import HANDLER, Php, addslashes, as_json, kombu, messenger, php

ADA_IN_RUSSIAN = "Подтверждение заказа"
OPTIMIZE, RELEASE = (
    php((f"App\\Jobs\\{name}", {"podcastId": 7})) for name in ("OptimizePodcast", "ReleasePodcast")
)
CHAINED = php(
    (
        "App\\Jobs\\ProcessPodcast",
        {"podcastId": 7, "chained": [OPTIMIZE, RELEASE], "chainQueue": None},
    )
)
ORDER = php({"order": 12345, "name": "Łukasz", "items": [{"sku": "A-1", "q": 2}]}).encode()

TEXT = b"".join(b"line %d\n" % number for number in range(60))

ZSTD = bytes.fromhex("28b52ffd04589100007b22746f223a22616461222c226e223a337df6912412")
"""JSON compressed by the program `zstd`."""

SMS: Php = (
    "App\\Message\\SmsNotification",
    {"\0App\\Message\\SmsNotification\0content": 'It\'s "done" - C:\\temp'},
)

WILD: dict[str, tuple[bytes, str, str, str, list[str]]] = {
    "Celery in kombu": (
        kombu([[1, 2], {"x": "y"}, {"callbacks": None}], {"lang": "py", "task": "proj.tasks.add"}),
        "JSON",
        "proj.tasks.add",
        "",
        ['    "task": "proj.tasks.add"', "── body: base64 › JSON ──", '    "x": "y"'],
    ),
    "gzip in two parts": (
        gzip.compress(b'{"a":1,', mtime=0) + gzip.compress(b'"b":2}', mtime=0),
        "gzip › JSON",
        "",
        "",
        ['  "a": 1,', '  "b": 2'],
    ),
    "gzip without its end": (
        gzip.compress(json.dumps({"k": list(range(1000))}).encode(), mtime=0)[:757],
        "gzip › JSON",
        "",
        "the gzip is cut off",
        ['  "k": [', "    0,", "    1,", "… the gzip is cut off"],
    ),
    "JSON with a mark": (b'\xef\xbb\xbf{"a": 1, "b": [1, 2]}', "JSON", "", "", ['  "a": 1,']),
    "JSON in cp1251": (
        '{"name":"Иван"}'.encode("cp1251"),
        "cp1251 › JSON",
        "",
        "",
        ['  "name": "Иван"'],
    ),
    "JSON with escapes": (
        as_json({"subject": ADA_IN_RUSSIAN, "emoji": "😀", "to": "Ада"}),
        "JSON",
        "",
        "",
        [f'  "subject": "{ADA_IN_RUSSIAN}",', '  "emoji": "😀",', '  "to": "Ада"'],
    ),
    "JSON in JSON in JSON": (
        as_json({"Records": [{"body": json.dumps({"Message": json.dumps({"orderId": 5})})}]}),
        "JSON",
        "",
        "",
        ["── Records.0.body: JSON ──", "── Records.0.body.Message: JSON ──", '  "orderId": 5'],
    ),
    "a chain of Laravel": (
        as_json(
            {
                "uuid": "3f0c1c9e-0d1f-4f0b-9a5e-5f6a7b8c9d0e",
                "displayName": "App\\Jobs\\ProcessPodcast",
                "job": HANDLER,
                "data": {"commandName": "App\\Jobs\\ProcessPodcast", "command": CHAINED},
            }
        ),
        "JSON",
        "App\\Jobs\\ProcessPodcast",
        "",
        [
            "── data.command: PHP ──",
            "── data.command.chained.0: PHP ──",
            "App\\Jobs\\OptimizePodcast {",
            "── data.command.chained.1: PHP ──",
            "App\\Jobs\\ReleasePodcast {",
        ],
    ),
    "PHP deflated": (
        base64.b64encode(zlib.compress(ORDER * 3)[2:-4]),
        "base64 › deflate › PHP",
        "",
        "",
        ["  order: 12345", '  name: "Łukasz"', '      sku: "A-1"'],
    ),
    "PHP and a newline": (ORDER + b"\n", "PHP", "", "", ["  order: 12345", '  name: "Łukasz"']),
    "PHP in cp1251": (
        b'a:2:{s:4:"name";s:4:"\xc8\xe2\xe0\xed";s:2:"in";s:19:"a:1:{i:0;s:2:"\xe4\xe0";}";}',
        "cp1251 › PHP",
        "",
        "",
        ['  name: "Иван"', "── in: PHP ──", '  0: "да"'],
    ),
    "words that could be base64": (b"ScanTicketWeekly", "text", "", "", ["ScanTicketWeekly"]),
    "Symfony in JSON": (
        as_json(
            {
                "body": json.dumps({"content": "Grüße", "id": 7}),
                "headers": {
                    "type": "App\\Message\\SmsNotification",
                    "Content-Type": "application/json",
                },
            }
        ),
        "JSON",
        "App\\Message\\SmsNotification",
        "",
        ["── body: JSON ──", '  "content": "Grüße",', '    "Content-Type": "application/json"'],
    ),
    "Symfony in PHP": (
        messenger(SMS, {}),
        "JSON",
        "App\\Message\\SmsNotification",
        "",
        ["── body: slashes › PHP ──", '    content (private): "It\'s \\"done\\" - C:\\temp"'],
    ),
    "zstd": (ZSTD, "zstd › JSON", "", "", ['  "to": "ada",', '  "n": 3']),
    "JSON without its end": (
        b'{"to": "ada", "tags": ["a", "b',
        "JSON",
        "",
        "the JSON is cut off",
        ['  "to": "ada",', '    "b', "… the JSON is cut off"],
    ),
    "PHP without its end": (
        ORDER[:-20],
        "PHP",
        "",
        "the PHP is cut off",
        ["  order: 12345", '  name: "Łukasz"', "… the PHP is cut off"],
    ),
    "lines of JSON": (
        b'{"class": "Resize", "args": [7]}\n{"class": "Resize", "args": [8]}\n',
        "JSON",
        "Resize",
        "",
        ['  "class": "Resize",', "    7", "    8"],
    ),
    "UTF-16 with a mark": (
        '{"to": "Ада"}'.encode("utf-16"),
        "utf-16 › JSON",
        "",
        "",
        ['  "to": "Ада"'],
    ),
    "a text with a mark": (b"\xef\xbb\xbfhello", "text", "", "", ["hello"]),
    "a text in latin-1": (
        "Grüße aus Köln".encode("latin-1"),
        "latin-1 › text",
        "",
        "",
        ["Grüße aus Köln"],
    ),
    "JSON in Shift-JIS": (
        '{"text": "注文を発送しました"}'.encode("cp932"),
        "shift-jis › JSON",
        "",
        "",
        ['  "text": "注文を発送しました"'],
    ),
    "JSON in GBK": (
        '{"text": "订单已发货，请注意查收"}'.encode("gbk"),
        "gbk › JSON",
        "",
        "",
        ['  "text": "订单已发货，请注意查收"'],
    ),
    "JSON in a form": (
        b"payload=%7B%22id%22%3A7%7D&token=x",
        "form",
        "",
        "",
        ["token = x", "── payload: JSON ──", '  "id": 7'],
    ),
    "PHP in MessagePack": (
        b'\x81\xa4data\xb3a:1:{s:2:"id";i:7;}',
        "msgpack",
        "",
        "",
        ["── data: PHP ──", "  id: 7"],
    ),
    "xz": (lzma.compress(b'{"to": "ada"}'), "xz › JSON", "", "", ['  "to": "ada"']),
    "xz without its end": (
        lzma.compress(TEXT)[:-30],
        "xz › text",
        "",
        "the xz is cut off",
        ["line 0", "… the xz is cut off"],
    ),
    "JSON in a string": (
        json.dumps(json.dumps({"class": "Resize", "args": [7]})).encode(),
        "string › JSON",
        "Resize",
        "",
        ['  "class": "Resize",'],
    ),
    "JSON in the encoding of addresses": (
        b"%7B%22to%22%3A%22ada%22%7D",
        "percent › JSON",
        "",
        "",
        ['  "to": "ada"'],
    ),
    "PHP in hexadecimal digits": (
        php({"to": "ada"}).encode().hex().encode(),
        "base16 › PHP",
        "",
        "",
        ['  to: "ada"'],
    ),
    "a word in a string": (b'"word"', "text", "", "", ['"word"']),
    "an id in hexadecimal digits": (b"5d1c9f2e09424c06bc69f26585750621", "text", "", "", []),
    "a text with a percent sign": (b"100%25 sure", "text", "", "", ["100%25 sure"]),
    "what could be MessagePack in base64": (b"g6M/0I///////", "text", "", "", []),
    "MessagePack without its end": (
        b"\x82\xa2to\xa3ada\xa4t",
        "msgpack",
        "",
        "the msgpack is cut off",
        ['  "to": "ada"', "… the msgpack is cut off"],
    ),
    "what only begins like MessagePack": (b"\x81\xa1x\x92\x01", "hex", "", "", []),
    "a pickle without its end": (
        pickle.dumps({"to": "ada", "tags": ["a"]}, 4)[:-9],
        "pickle",
        "",
        "the pickle is cut off",
        ["    14  SHORT_BINUNICODE 'to'", "… the pickle is cut off"],
    ),
    "slashes in a string": (
        as_json({"body": addslashes(php({"to": "ada"}))}),
        "JSON",
        "",
        "",
        ["── body: slashes › PHP ──", '  to: "ada"'],
    ),
}
"""Bodies with the name of their view, their class, what is wrong with them, and lines of the view."""
