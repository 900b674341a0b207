"""Bodies with a secret in them, in all formats and layers, and a search for it in whatever form."""

import base64
import bz2
import gzip
import importlib
import json
import lzma
import pickle
import sys
import zlib
from collections.abc import Mapping
from urllib.parse import quote

from beantop.jobs.bodies.mask import read_mask
from beantop.jobs.bodies.reading import Reading

zstd = importlib.import_module(
    "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
)

SECRET = "hunter2-Gr8"

CARD = "4111111111111111"

READING = Reading(mask=read_mask(["password", "customer.email", "*token*", "/[0-9]{16}/"]))

_FLAT = json.dumps({"to": "ada", "password": SECRET}).encode()
_B64 = base64.b64encode(_FLAT).decode()
_PHP = b'O:7:"App\\Job":2:{s:2:"to";s:3:"ada";s:11:"\0*\0password";s:11:"%b";}' % SECRET.encode()
_MSGPACK = b"\x82\xa2to\xa3ada\xa8password\xab" + SECRET.encode()
_LONG = {"command": f"login --password={SECRET}", "at": 7}


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


BODIES: Mapping[str, bytes] = {
    "JSON": _FLAT,
    "JSON in JSON": _json({"data": _FLAT.decode(), "n": 7}),
    "JSON in JSON in JSON": _json({"data": _json({"more": _FLAT.decode()}).decode(), "n": 7}),
    "JSON with another spelling": _json({"a": 1, "Pass-Word": SECRET}),
    "JSON of objects": _json({"password": {"old": [SECRET, None], "new": {"x": SECRET}}}),
    "JSON with a key twice": b'{"a": {"password": "%b"}, "a": 1}' % SECRET.encode(),
    "JSON lines": b'{"to": "ada"}\n' + _FLAT,
    "JSON with escapes": b'{"pass\\u0077ord": "\\u0068unter2-Gr8"}',
    "names beside values": _json([{"name": "password", "value": SECRET}]),
    "pairs": _json({"headers": [["Host", "x"], ["password", SECRET]]}),
    "columns and rows": _json({"columns": ["id", "password"], "rows": [[7, SECRET]]}),
    "a table": _json([["id", "password"], [7, SECRET]]),
    "a table of lines": b'["password", "id"]\n["%b", 7]' % SECRET.encode(),
    "encoded elsewhere": _json(
        {"password": SECRET, "x": base64.b64encode(SECRET.encode()).decode()}
    ),
    "encoded in hex elsewhere": _json({"password": SECRET, "x": SECRET.encode().hex()}),
    "basic authentication": _json(
        {"password": SECRET, "x": base64.b64encode(f"a:{SECRET}".encode()).decode()}
    ),
    "repeated elsewhere": _json({"password": SECRET, "error": f"no user has {SECRET}!"}),
    "path": _json({"customer": {"email": SECRET, "name": "ada"}}),
    "part of a name": _json({"apiTokenOfUser": SECRET}),
    "a pattern": _json({"note": f"card {CARD}, thanks", "card": int(CARD)}),
    "a pattern in a name": _json({CARD: True}),
    "PHP": _PHP,
    "PHP in JSON": _json(
        {"displayName": "App\\Job", "job": "x@call", "data": {"command": _PHP.decode()}}
    ),
    "PHP with slashes": _PHP.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\0", b"\\0"),
    "msgpack": _MSGPACK,
    "pickle": pickle.dumps({"to": "ada", "password": SECRET}),
    "pickle of protocol 0": pickle.dumps({"to": "ada", "password": SECRET}, 0),
    "form": f"to=ada&password={SECRET}&x=1".encode(),
    "form with brackets": f"customer[name]=ada&customer[email]={SECRET}".encode(),
    "form in JSON": _json({"query": f"to=ada&password={SECRET}"}),
    "percent": quote(_FLAT.decode(), safe="").encode(),
    "JSON in a string": _json(_FLAT.decode()),
    "base64": _B64.encode(),
    "base64 in lines": base64.encodebytes(_json({"x": "y" * 100, "password": SECRET})),
    "base64 in JSON": _json({"data": _B64}),
    "base64 of a form in JSON": _json({"q": base64.b64encode(_LONG["command"].encode()).decode()}),  # type: ignore[attr-defined]  # a string
    "base64 of gzip": base64.b64encode(gzip.compress(_FLAT)),
    "base64 of gzip in JSON": _json({"z": base64.b64encode(gzip.compress(_FLAT)).decode()}),
    "base64 in a text": b"run with x_" + _B64.encode() + b" now",
    "a web token": _json({"auth": f"Bearer {_B64}.{_B64.rstrip('=')}.c2ln"}),
    "base16": _FLAT.hex().encode(),
    "base16 in JSON": _json({"data": _FLAT.hex()}),
    "gzip": gzip.compress(_FLAT),
    "zlib": zlib.compress(_FLAT),
    "deflate": _deflated(_FLAT),
    "bz2": bz2.compress(_FLAT),
    "xz": lzma.compress(_FLAT),
    "zstd": zstd.compress(_FLAT),
    "gzip of PHP": gzip.compress(_PHP),
    "gzip that is cut": gzip.compress(_FLAT * 50)[:-20],
    "JSON that is cut": _FLAT[:-1],
    "JSON of 300 kB": _json({"x": "y " * 150_000, "password": SECRET}),
    "utf-16": _FLAT.decode().encode("utf-16"),
    "latin-1": json.dumps({"to": "Jürgen Müller", "password": SECRET}, ensure_ascii=False).encode(
        "latin-1"
    ),
    "a command line": f"mysql --password {SECRET} -e 'select 1'".encode(),
    "a query string in a text": f"GET /login?user=ada&password={SECRET}".encode(),
    "headers": f"Host: x\r\nX-Token: {SECRET}\r\n\r\nbody".encode(),
    "XML": f"<user><name>ada</name><password>{SECRET}</password></user>".encode(),
    "YAML": f"to: ada\npassword: |\n  {SECRET}\n".encode(),
    "INI": f"[db]\npassword = {SECRET}\n".encode(),
    "CSV": f"id,password\n7,{SECRET}\n".encode(),
    "quoted-printable": f"to=3Dada pass=\r\nword=3D{SECRET}".encode(),
    "a log line with JSON": b"2026-11-30 INFO sent " + _FLAT,
    "HTML entities": f"&#112;assword: {SECRET}".encode(),
    "a dump of Ruby": b"\x04\x08{\x07:\x0d" + b'password"\x10' + SECRET.encode(),
    "BSON": b"\x29\0\0\0\x02password\0\x0c\0\0\0" + SECRET.encode() + b"\0\0",
    "PHP's own binary": b"\0\0\0\x02\x14\x01\x11\x08password\x11\x0b" + SECRET.encode(),
    "a text with a pattern": f"charged {CARD} today".encode(),
    "layers on layers": base64.b64encode(gzip.compress(_json({"p": _PHP.decode(), "b": _B64}))),
}
"""Bodies by the name of their format. `SECRET` or `CARD` is in each of them."""


def found_in(text: str, body: bytes = b"") -> str:
    """Return the form in which a secret, or the encoded body that has it, is in a text; "" if it is in
    none."""
    packed = "".join(text.split())
    for secret in (SECRET.encode(), CARD.encode()):
        for form, needle in _forms(secret).items():
            if needle.lower() in packed.lower():
                return f"{form}: {needle}"
    encoded = body.decode("latin-1")
    if SECRET not in encoded and CARD not in encoded and len(body) < 10_000:
        piece = encoded[len(body) // 3 :][:24]  # of the layers around the secret
        for form, needle in (("bytes", piece), ("hex", piece.encode("latin-1").hex())):
            if needle and "".join(needle.split()) in packed:
                return f"encoded, {form}: {needle}"
    return ""


def _forms(secret: bytes) -> Mapping[str, str]:
    aligned = {f"base64 at {at}": _base64_core(secret, at) for at in range(3)}
    return {"as it is": secret.decode(), "hex": secret.hex(), **aligned}


def _base64_core(secret: bytes, at: int) -> str:
    """Return the letters of base64 that depend on nothing but the secret, which begins at this byte of
    three."""
    packed = base64.b64encode(b"\0" * at + secret).decode().rstrip("=")
    first = -(-at * 8 // 6)
    return packed[first : (at + len(secret)) * 8 // 6]
