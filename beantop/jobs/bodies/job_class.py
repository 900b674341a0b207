"""What a job is about, in a word: the class that its producer names, or else a field of its body.

To know another producer, add a row to `PRODUCERS`, or to `PATTERNS` if its bodies are not JSON.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote_plus

from beantop.jobs.bodies.as_json import MARK, begins_as_json
from beantop.jobs.bodies.form import is_form
from beantop.jobs.bodies.plain import reads_well
from beantop.jobs.bodies.texts import innermost

MAX_READ = 2**14
"""Bytes of a body that are read: Celery puts the class behind the arguments."""

LONGEST = 100
"""Characters of the longest name or value that is shown."""


class Producer(NamedTuple):
    """Where a producer of JSON writes the class of a job."""

    name: str
    path: tuple[str | int, ...]
    """Names of members, and indexes, from the outermost to the class."""
    beside: tuple[str, ...] = ()
    """Members that the object must have, too: others use the first name for other things."""


PRODUCERS = (
    Producer("Laravel", ("displayName",), ("job",)),
    Producer("Laravel 4", ("job",), ("data",)),
    Producer("ActiveJob in Sidekiq", ("wrapped",), ("class",)),
    Producer("ActiveJob in Backburner", ("args", 0, "job_class"), ("class",)),
    Producer("ActiveJob", ("job_class",)),
    Producer("Sidekiq, Resque and Backburner", ("class",), ("args",)),
    Producer("Celery", ("headers", "task")),
    Producer("Celery 3", ("task",), ("args",)),
    Producer("Symfony Messenger", ("headers", "type")),
    Producer("CloudEvents", ("type",), ("specversion",)),
    Producer("Faktory", ("jobtype",)),
    Producer("fivebeans", ("type",), ("payload",)),
)
"""The first one that fits is taken."""

_CLASS_NAME = rb'O:[0-9]+:\\*"([A-Za-z0-9_\\\x80-\xff]+?)\\*"'

PATTERNS = {
    "Symfony Messenger in PHP": re.compile(rb'message\\*";' + _CLASS_NAME),
    "an object of PHP, as of Yii": re.compile(rb"\s*\A" + _CLASS_NAME),
}
"""Regular expressions that find a class in a body, however often its backslashes are escaped."""

Field: TypeAlias = tuple[str, str]
"""A name and a value."""

_TELLING = (
    "class", "type", "event", "action", "op", "command", "cmd", "task", "job", "method", "topic",
    "name", "kind",
)  # fmt: skip
"""Names whose values say what a job is without the name, the best one first."""

_RUNNERS = {
    "sudo", "env", "nice", "time", "exec", "sh", "bash", "php", "python", "python3", "ruby", "perl",
    "node", "npx", "bundle", "rake", "artisan", "console", "manage.py",
}  # fmt: skip
"""Programs that only run the command behind them."""

_COMMAND = re.compile(r"[A-Za-z./][A-Za-z0-9_./:@\\+-]*(?=\s)")
_ID = re.compile(r"[0-9a-fA-F-]{16,}|[0-9]{9,}(?:\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}.*")
"""Ids and times, which differ everywhere and say little."""

_MEMBER = re.compile(r'\s*[{,]\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_PHP_MEMBER = re.compile(
    r'(?:s:[0-9]+:"([^"]*)"|i:[0-9]+);(?:s:[0-9]+:"([^"]*)"|[id]:([^;]*));', re.DOTALL
)
_YAML_LINE = re.compile(r"^([A-Za-z_][\w.-]*): +(\S.*)$", re.MULTILINE)

_decoder = json.JSONDecoder()


class _Found(NamedTuple):
    job_class: str = ""
    text: str = ""
    """The command of a command line, or a text without fields."""
    fields: Sequence[Field] = ()
    """The most telling first."""


def job_class(body: bytes) -> str:
    r"""Return the class of a job as its producer names it, from its body or the beginning of it; ""
    if it names none.

    >>> job_class(b'{"displayName": "App\\\\Jobs\\\\SendMail", "job": "CallQueuedHandler@call"}')
    'App\\Jobs\\SendMail'
    >>> job_class(b'{"class": "HardJob", "args": [1]}'), job_class(b'{"class": "economy"}')
    ('HardJob', '')
    """
    return _found(body[:MAX_READ]).job_class


def subject(body: bytes, shared: frozenset[Field] = frozenset()) -> str:
    """Return what a job is about: its class, its command, or the most telling of its fields that are
    not in `shared`; "" if nothing is known.

    >>> subject(b"/usr/bin/php artisan queue:work --once"), subject(b"48213")
    ('queue:work', '48213')
    >>> subject(b'{"type": "paid", "order": 7}'), subject(b'{"v": 1, "order": 7}')
    ('paid', 'v: 1')
    >>> subject(b'{"v": 1, "order": 7}', frozenset({("v", "1")}))
    'order: 7'
    """
    found = _found(body[:MAX_READ])
    if known := found.job_class or found.text:
        return known
    telling = [field for field in found.fields if field not in shared] or found.fields
    name, value = telling[0] if telling else ("", "")
    return value if not name or name in _TELLING else f"{name}: {value}"


def shared_fields(bodies: Iterable[bytes]) -> frozenset[Field]:
    """Return the fields that all of these bodies have alike, if there are several.

    >>> shared_fields([b'{"v": 1, "order": 7}', b'{"v": 1, "order": 8}'])
    frozenset({('v', '1')})
    """
    sets = [set(found.fields) for body in bodies if (found := _found(body[:MAX_READ])).fields]
    return frozenset(set.intersection(*sets)) if len(sets) > 1 else frozenset()


@lru_cache(maxsize=1024)
def _found(body: bytes) -> _Found:
    """Return what the beginning of a body says. Nothing in it can make this fail."""
    data = body if begins_as_json(body) else innermost(body)
    if named := _by_pattern(data):
        return _Found(named)
    if not reads_well(data):
        return _Found()
    text = data.removeprefix(MARK).decode("utf-8", "ignore")
    members = dict(_members(text))
    if named := next(filter(None, (_named(producer, members) for producer in PRODUCERS)), ""):
        return _Found(named)
    fields = _fields(members, text, data)
    return _Found(fields=fields) if fields else _Found(text=_command(text))


def _by_pattern(data: bytes) -> str:
    match = next(filter(None, (pattern.search(data) for pattern in PATTERNS.values())), None)
    if match is None:
        return ""
    return re.sub(r"\\+", r"\\", match[1].decode("utf-8", "replace"))[:LONGEST]


def _named(producer: Producer, members: Mapping[str, object]) -> str:
    """Return the class where this producer writes it; "" if the body is another one's."""
    found: object = members if all(name in members for name in producer.beside) else None
    for step in producer.path:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return ""
    return found[:LONGEST] if isinstance(found, str) else ""


def _members(text: str) -> Iterator[tuple[str, object]]:
    """Yield the members of a JSON object, also of one whose end is missing, up to a mistake."""
    at = 0
    while match := _MEMBER.match(text, at):
        try:
            name = json.loads(match[1])
            value, at = _decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            return
        yield name, value


def _fields(members: Mapping[str, object], text: str, data: bytes) -> Sequence[Field]:
    """Return the fields of JSON, a form, PHP or YAML, the most telling first."""
    found: Iterable[tuple[str, object]] = members.items()
    if not members and is_form(data):
        found = [(unquote_plus(name), unquote_plus(value)) for name, _, value in _pairs(text)]
    elif not members and text.startswith("a:"):
        found = [(match[1] or "", match[2] or match[3]) for match in _PHP_MEMBER.finditer(text)]
    elif not members:
        found = [(match[1], match[2]) for match in _YAML_LINE.finditer(text)]
    fields = [
        (name, str(value))
        for name, value in found
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    return sorted((field for field in fields if _is_short(field)), key=_rank)


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    return (pair.partition("=") for pair in text.split("&"))


def _is_short(field: Field) -> bool:
    return all(0 < len(part) <= LONGEST for part in field)


def _rank(field: Field) -> int:
    name, value = field
    if name in _TELLING:
        return _TELLING.index(name)
    return len(_TELLING) + (_ID.fullmatch(value) is not None)


def _command(text: str) -> str:
    """Return the command of a command line, or the text if it is none."""
    line = text.lstrip().partition("\n")[0]
    if line[:1] in ("{", "[") or text[:2] in ("a:", "--"):
        return ""
    for word in iter(line.split()) if _COMMAND.match(line) else ():
        name = word.rpartition("/")[2]
        if name and name not in _RUNNERS and not word.startswith("-"):
            return name[:LONGEST]
    return line.strip()[:LONGEST]
