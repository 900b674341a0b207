"""The subject of a job in a word: the class that its producer names, or else a field of its body.

To know another producer, add a row to `PRODUCERS`, or to `PATTERNS` if its bodies have no members.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.members import CLASS, at_path, decoded
from beantop.jobs.bodies.opcodes import pickled_name
from beantop.jobs.bodies.plain import BOM, reads_well
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading
from beantop.jobs.bodies.texts import innermost
from beantop.jobs.bodies.values import Members, Value, children
from beantop.jobs.bodies.views import views

MAX_READ = 2**14
"""Bytes of a body that are read: Celery puts the class behind the arguments."""

LONGEST = 100
"""Characters of the longest name or value that is shown."""

_ANYTHING = re.compile("")
_NAMESPACED = re.compile(r"\w+(?:(?:\\|::|\.)\w+)+")
_FUNCTION = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_WORD = re.compile(r"[A-Za-z_][\w.:/-]*")
_CLASS = re.compile(r"(?:[A-Z][a-z0-9]+){2,}\Z")
"""A name of several words with capitals: `SendMail`, but not `economy` or `Basic`."""


class Producer(NamedTuple):
    """Where a producer writes the class of a job."""

    name: str
    path: tuple[str, ...]
    """Names of members, and indexes, from the outermost to the class; also in encoded strings."""
    beside: tuple[str, ...] = ()
    """Members that the object must have, too: others use the first name for other things."""
    like: re.Pattern[str] = _ANYTHING
    """Pattern of the beginning of the class, if needed to tell it from other values."""


_ENVELOPE = "Symfony\\Component\\Messenger\\Envelope"

PRODUCERS = (
    Producer("Laravel", ("displayName",), ("job",)),
    Producer("Laravel 5.0", ("data", "commandName"), ("job",)),
    Producer("Laravel 4 and CodeIgniter", ("job",), ("data",)),
    Producer("Quebert", ("job",), ("args",)),
    Producer("ActiveJob in Sidekiq", ("wrapped",), ("class",)),
    Producer("ActiveJob in Backburner", ("args", "0", "job_class"), ("class",)),
    Producer("ActiveJob", ("job_class",)),
    Producer("Resque, failed", ("payload", "class"), ("exception",)),
    Producer("Bernard before 0.12", ("args", "name"), ("class", "timestamp")),
    Producer("Bernard's plain messages", ("message", "name"), ("class", "timestamp")),
    Producer("Bernard", ("class",), ("message", "timestamp")),
    Producer("Sidekiq, Resque, Backburner and CakePHP", ("class",), ("args",)),
    Producer("Yii in JSON", ("class",), like=_NAMESPACED),
    Producer("SlmQueue", ("metadata", "__name__"), ("content",)),
    Producer("Celery", ("headers", "task")),
    Producer("Celery 3 in kombu", ("body", "task"), ("properties",)),
    Producer("Celery 3", ("task",), ("args",)),
    Producer("Symfony Messenger in JSON", ("headers", "type")),
    Producer("Symfony Messenger in PHP", ("body", "message", CLASS), ("headers",)),
    Producer("Symfony's envelope", ("message", CLASS), ("stamps",)),
    Producer("Enqueue's processors", ("properties", "enqueue.processor"), ("body",)),
    Producer("Enqueue's commands", ("properties", "enqueue.command"), ("body",)),
    Producer("Enqueue's topics", ("properties", "enqueue.topic"), ("body",)),
    Producer("CloudEvents", ("type",), ("specversion",)),
    Producer("EventBridge", ("detail-type",), ("detail",)),
    Producer("Events of S3", ("Records", "0", "eventName")),
    Producer("MassTransit", ("messageType", "0"), ("message",)),
    Producer("Json.NET", ("$type",)),
    Producer("Faktory", ("jobtype",)),
    Producer("dramatiq", ("actor_name",)),
    Producer("Oban", ("worker",), ("args",)),
    Producer("BullMQ", ("name",), ("data", "opts")),
    Producer("JSON-RPC", ("method",), ("jsonrpc",)),
    Producer("fivebeans", ("type",), ("payload",)),
    Producer("rq in JSON", ("0",), ("1", "2", "3"), like=_FUNCTION),
    Producer("Stalker", ("0",), ("1",), like=_WORD),
    Producer("an object of PHP, as of Yii", (CLASS,)),
    *(Producer("a body of one's own", (name,), like=_CLASS) for name in ("class", "job", "task")),
)
"""The first one that fits is taken."""

_MAILER = (("args", "0", "arguments"), ("arguments",))

WRAPPERS = {
    "Illuminate\\Queue\\CallQueuedHandler@call": (("data", "command", CLASS),),
    "Illuminate\\Notifications\\SendQueuedNotifications": (
        ("data", "command", "notification", CLASS),
    ),
    "Illuminate\\Mail\\SendQueuedMailable": (("data", "command", "mailable", CLASS),),
    "Illuminate\\Broadcasting\\BroadcastEvent": (("data", "command", "event", CLASS),),
    "Illuminate\\Events\\CallQueuedListener": (("data", "command", "class"),),
    "ActionMailer::DeliveryJob": _MAILER,
    "ActionMailer::MailDeliveryJob": _MAILER,
    "ActionMailer::Parameterized::DeliveryJob": _MAILER,
}
"""Wrapper classes, and the paths of the class that they run."""

_NO_CLASSES = {_ENVELOPE, "stdClass", "__PHP_Incomplete_Class"}

_CLASS_NAME = rb'O:[0-9]+:\\*"([A-Za-z0-9_\\\x80-\xff]*[A-Za-z0-9_\x80-\xff])\\*"'

PATTERNS = {
    "Symfony Messenger in PHP": re.compile(rb'message\\*";' + _CLASS_NAME),
    "an object of PHP, as of Yii": re.compile(rb"\A" + _CLASS_NAME),
    "an object of Ruby in YAML": re.compile(rb"---\s*!ruby/(?:object|struct):([A-Za-z0-9_:]+)"),
}
"""Regular expressions that find a class in a body without members, such as one whose end is missing,
however often its backslashes are escaped."""

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

_PHP_MEMBER = re.compile(
    r'(?:s:[0-9]+:"([^"]*)"|i:[0-9]+);(?:s:[0-9]+:"([^"]*)"|[id]:([^;]*));', re.DOTALL
)
_YAML_LINE = re.compile(r"^([A-Za-z_][\w.-]*): +(\S.*)$", re.MULTILINE)


class _Found(NamedTuple):
    job_class: str = ""
    text: str = ""
    """The command of a command line, or a text without fields."""
    is_command: bool = False
    fields: Sequence[Field] = ()
    """The most telling first."""


def job_class(body: bytes, reading: Reading = AS_RECOGNIZED) -> str:
    r"""Return the class of a job as its producer names it, from its body or the beginning of it; ""
    if it names none.

    >>> job_class(b'{"displayName": "App\\\\Jobs\\\\SendMail", "job": "CallQueuedHandler@call"}')
    'App\\Jobs\\SendMail'
    >>> job_class(b'{"class": "HardJob", "args": [1]}'), job_class(b'{"class": "economy"}')
    ('HardJob', '')
    >>> job_class(b'{"class": "SendInvoice", "order_id": 7}')
    'SendInvoice'
    >>> job_class(b'{"payload": {"kind": "welcome"}}', Reading(class_path="payload.kind"))
    'welcome'
    """
    return _found_in(body, reading).job_class


def kind_of_job(body: bytes, reading: Reading = AS_RECOGNIZED) -> str:
    """Return the class of a job or, of a command line, the command; "" if the body has neither.

    >>> kind_of_job(b'{"class": "HardJob", "args": [1]}'), kind_of_job(b"php artisan queue:work --once")
    ('HardJob', 'queue:work')
    >>> kind_of_job(b"48213"), kind_of_job(b'{"order": 7}')
    ('', '')
    """
    found = _found_in(body, reading)
    return found.job_class or (found.text if found.is_command else "")


def subject(
    body: bytes, shared: frozenset[Field] = frozenset(), reading: Reading = AS_RECOGNIZED
) -> str:
    """Return what a job is about: its class, its command, or the most telling of its fields that are
    not in `shared`; "" if nothing is known.

    >>> subject(b"/usr/bin/php artisan queue:work --once"), subject(b"48213")
    ('queue:work', '48213')
    >>> subject(b'{"type": "paid", "order": 7}'), subject(b'{"v": 1, "order": 7}')
    ('paid', 'v: 1')
    >>> subject(b'{"v": 1, "order": 7}', frozenset({("v", "1")}))
    'order: 7'
    """
    found = _found_in(body, reading)
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
    sets = [
        set(found.fields)
        for body in bodies
        if (found := _found(body[:MAX_READ], AS_RECOGNIZED)).fields
    ]
    return frozenset(set.intersection(*sets)) if len(sets) > 1 else frozenset()


def _found_in(body: bytes, reading: Reading) -> _Found:
    shown, reading, _ = reading.shown(body)
    return _found(shown[:MAX_READ], reading)


@lru_cache(maxsize=1024)
def _found(body: bytes, reading: Reading) -> _Found:
    """Return what the beginning of a body says. Nothing in it can make this fail."""
    decoder, path, _ = reading
    if path and (chosen := Fields(body, decoder).get(path)):
        return _Found(chosen[:LONGEST])
    value, is_cut = decoded(body, decoder)
    if named := class_in(value) or (_by_pattern(body) if is_cut else ""):
        return _Found(named[:LONGEST])
    if fields := _fields(value):
        return _Found(fields=fields)
    return _in_text(body) if value is None else _Found()


def _in_text(body: bytes) -> _Found:
    """Return the class in a body without members, such as a text, a pickle, or PHP whose end is
    missing."""
    data = innermost(body).removeprefix(BOM)
    named = _by_pattern(data)
    if not named and not reads_well(data):
        named = pickled_name(views(body)[0].inner)
    if named or not reads_well(data):
        return _Found(named[:LONGEST])
    text = data.decode("utf-8", "ignore")
    fields = _telling(_fields_in(text))
    return _Found(fields=fields) if fields else _in_line(text)


def class_in(value: Value) -> str:
    """Return the class in a decoded body; "" if its producer names none. Of several values, the first
    one counts.

    >>> class_in(Members("Job")), class_in(Members(members={"actor_name": "resize"}))
    ('Job', 'resize')
    """
    if isinstance(value, list) and value and isinstance(value[0], Members):
        value = value[0]
    names = {name for name, _ in children(value)}
    name = next(filter(None, (_named(producer, value, names) for producer in PRODUCERS)), "")
    for path in WRAPPERS.get(name, ()):
        if run := _name(at_path(value, path)):
            return run
    return name


def _named(producer: Producer, value: Value, names: set[str]) -> str:
    """Return the class where this producer writes it; "" if the body is another one's."""
    first = producer.path[0]
    if (first != CLASS and first not in names) or not names.issuperset(producer.beside):
        return ""
    if isinstance(value, list) and not _is_call(value, producer):
        return ""
    name = _name(at_path(value, producer.path))
    return name if producer.like.match(name) and name not in _NO_CLASSES else ""


def _is_call(value: Sequence[Value], producer: Producer) -> bool:
    """Return whether a list is a name and its arguments, the last of them in an object."""
    return len(value) == 1 + len(producer.beside) and isinstance(value[-1], Members)


def _name(value: Value) -> str:
    """Return a class, or a class and its method from a list that begins with them."""
    if isinstance(value, Members) and list(value) == ["0", "1"]:  # a list of PHP
        value = list(value.values())
    if isinstance(value, list):
        return "#".join(filter(None, map(_text, value[:2])))
    return _text(value)


def _by_pattern(data: bytes) -> str:
    for pattern in PATTERNS.values():
        if match := pattern.search(data):
            name = re.sub(r"\\+", r"\\", match[1].decode("utf-8", "replace"))
            return "" if name in _NO_CLASSES else name
    return ""


def _fields(value: Value) -> Sequence[Field]:
    """Return the fields of a decoded body, or of its first value, the most telling first."""
    value = value[0] if isinstance(value, list) and value else value
    if not isinstance(value, Members):
        return ()
    return _telling((name, _field_text(member)) for name, member in value.items())


def _fields_in(text: str) -> Iterable[Field]:
    """Return the fields of PHP whose end is missing, or of YAML."""
    if text.startswith(("a:", "O:")):
        return [(match[1] or "", match[2] or match[3]) for match in _PHP_MEMBER.finditer(text)]
    return [(match[1], match[2]) for match in _YAML_LINE.finditer(text)]


def _telling(fields: Iterable[Field]) -> Sequence[Field]:
    return sorted(filter(_is_short, fields), key=_rank)


def _field_text(value: object) -> str:
    """Return a value as text; "" if it says nothing, such as a boolean or a list."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else _text(value)


def _text(value: object) -> str:
    """Return a string; "" for other values."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _is_short(field: Field) -> bool:
    return all(0 < len(part) <= LONGEST for part in field)


def _rank(field: Field) -> int:
    name, value = field
    if name in _TELLING:
        return _TELLING.index(name)
    return len(_TELLING) + (_ID.fullmatch(value) is not None)


def _in_line(text: str) -> _Found:
    """Return the command of a command line, or the text if it is none."""
    line = text.lstrip().partition("\n")[0]
    if line[:1] in ("{", "[") or text[:2] in ("a:", "--"):
        return _Found()
    for word in iter(line.split()) if _COMMAND.match(line) else ():
        name = word.rpartition("/")[2]
        if name and name not in _RUNNERS and not word.startswith("-"):
            return _Found(text=name[:LONGEST], is_command=True)
    return _Found(text=line.strip()[:LONGEST])
