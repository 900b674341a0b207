"""Signatures: texts or bodies of one kind have the same one, whatever their ids and numbers."""

import re
from functools import lru_cache
from hashlib import blake2s

from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.bodies.members import value_of
from beantop.jobs.bodies.plain import reads_well
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.bodies.texts import innermost
from beantop.jobs.bodies.values import Members, Value

LONGEST = 200
"""Characters of a signature."""

READ = 2000
"""Characters of a text that are read."""

MAX_DEPTH, MAX_NAMES = 6, 100
"""Depth of the deepest members whose names count, and the most names in one object."""

ANYTHING = "…"

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*+"
_DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*+,? )?"

_VARIABLE = (
    r"(?P<stays>\bErrno [0-9]++)",  # it says what is wrong
    r"\b[a-z][a-z0-9+.\-]{1,20}://[^\s\"'<>)]++",  # addresses of the web and of servers
    r"[\w.+\-]{1,64}@[\w\-]++(?:\.[\w\-]++)*+",  # addresses of mail
    r'"[^"\n]*+"|“[^”\n]*+”|«[^»\n]*+»|`[^`\n]*+`|(?<!\w)\'[^\'\n]*+\'(?!\w)',  # what is quoted
    rf"\b{_DAY}[0-9]{{1,2}}[ /\-]{_MONTH}[ /\-][0-9]{{2,4}}\b",  # dates with names
    rf"\b{_DAY}{_MONTH} [0-9]{{1,2}}\b,?",
    r"(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{1,4}|(?<=::))(?!\w)",  # IPv6, and times
    r"(?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)",  # UUIDs
    r"(?<![\w])#?[0-9]++(?:[.,:][0-9]++)*+(?:st|nd|rd|th|[a-zA-Z%]{1,3})?+(?!\w)",  # numbers with units
    r"[A-Za-z_]*+[0-9][\w\-]*+(?:[.:][\w\-]*[0-9][\w\-]*)*+",  # words with a digit
    r"(?<!\w)[a-f]{8,}+(?!\w)",  # hashes without one
)
_VARIES = re.compile("|".join(_VARIABLE))

_KNOWN = {
    "s3", "ec2", "md5", "sha1", "sha256", "sha512", "base64", "utf8", "utf-8", "utf-16", "oauth2",
    "ipv4", "ipv6", "http2", "h264", "h265", "mp3", "mp4", "x509", "v8", "k8s", "i18n", "p12",
}  # fmt: skip
"""Words with a digit that are the same everywhere."""

_SEVERAL = re.compile(rf"{ANYTHING}(?:[\s,.:;/+\-]*+{ANYTHING})++")


def signature(text: str) -> str:
    """Return a text without ids, numbers, dates, addresses and what is quoted, in one line.

    >>> signature("Could not send to ada@example.org (code 550)")
    'Could not send to … (code …)'
    >>> signature("No rows in /data/users/48213/cart for order 'A-7' at 2026-09-21 10:00:00")
    'No rows in /data/users/…/cart for order … at …'
    >>> signature("[Errno 111] connection to 10.0.0.7 refused")
    '[Errno 111] connection to … refused'
    """
    line = " ".join(text[:READ].split())
    return _SEVERAL.sub(ANYTHING, _VARIES.sub(_replaced, line))[:LONGEST]


def body_signature(body: bytes, reading: Reading = AS_RECOGNIZED) -> str:
    """Return the signature of bodies of one kind: their class, and the names of their members; for
    a text its signature; "" for other bytes.

    >>> body_signature(b'{"to": "ada", "order": {"id": 7, "lines": [{"sku": "A"}, {"sku": "B"}]}}')
    '{order{id, lines[{sku}]}, to}'
    >>> body_signature(b'{"class": "HardJob", "args": [48213]}')
    'HardJob {args[], class}'
    >>> body_signature(b"reindex 48213 since 2026-09-21")
    'reindex … since …'
    """
    body, reading, _ = reading.shown(body)
    value, named = value_of(body, reading.decoder), job_class(body, reading)
    if isinstance(value, Members | list):
        return _short(f"{named} {_shape(value, MAX_DEPTH).lstrip()}".lstrip())
    data = innermost(body)
    return named or (signature(data.decode("utf-8", "ignore")) if reads_well(data) else "")


def _replaced(match: re.Match[str]) -> str:
    stays = match[0].lower() in _KNOWN or match["stays"]
    return match[0] if stays else ANYTHING


def _shape(value: Value, depth: int) -> str:
    """Return the names of members in their order in the alphabet. Maps by number, and lists, have the
    shapes of their items."""
    if isinstance(value, list) or (value and isinstance(value, Members) and _is_list(value)):
        items = value if isinstance(value, list) else list(value.values())
        shapes = {_shape(item, depth - 1) for item in items[:MAX_NAMES]} if depth else set()
        return f"[{'|'.join(sorted(filter(None, shapes)))}]"
    if isinstance(value, Members):
        names = sorted(value)[:MAX_NAMES] if depth else []
        inside = ", ".join(_name(name) + _shape(value[name], depth - 1) for name in names)
        return f"{value.class_name and ' '}{value.class_name}{{{inside}}}"
    return ""


@lru_cache(maxsize=1024)
def _name(name: str) -> str:
    return signature(name)


def _is_list(value: Members) -> bool:
    return all(name.isdecimal() for name in value)


def _short(text: str) -> str:
    """Return a text that is not too long, and still differs from others with the same beginning."""
    if len(text) <= LONGEST:
        return text
    digest = blake2s(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{text[: LONGEST - 10]}… {digest}"
