"""Bodies as producers put them, written by hand from their documentation and source."""

import base64
import gzip
import json
import pickle
import zlib
from typing import TypeAlias

Php: TypeAlias = (
    "bool | int | float | str | list[Php] | dict[str, Php] | tuple[str, dict[str, Php]] | None"
)

HANDLER = "Illuminate\\Queue\\CallQueuedHandler@call"
NOTIFICATIONS = "Illuminate\\Notifications\\SendQueuedNotifications"
MAILABLE = "Illuminate\\Mail\\SendQueuedMailable"
LISTENER = "Illuminate\\Events\\CallQueuedListener"
BROADCAST = "Illuminate\\Broadcasting\\BroadcastEvent"
WRAPPER = "ActiveJob::QueueAdapters::SidekiqAdapter::JobWrapper"
ENVELOPE = "Symfony\\Component\\Messenger\\Envelope"
STAMPS = "Symfony\\Component\\Messenger\\Stamp\\"
DRUPAL_ITEM: dict[str, Php] = {"name": "media_sync", "data": {"nid": 48213}, "created": 1790000000}


def php(value: Php) -> str:
    """Serialize like PHP; an object is a tuple of its class and its members."""
    if value is None:
        return "N;"
    if isinstance(value, bool):
        return f"b:{value:d};"
    if isinstance(value, int | float):
        return f"{'i' if isinstance(value, int) else 'd'}:{value};"
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    if isinstance(value, list):
        members = "".join(f"i:{at};{php(item)}" for at, item in enumerate(value))
        return f"a:{len(value)}:{{{members}}}"
    name, members_of = value if isinstance(value, tuple) else ("", value)
    members = "".join(php(key) + php(member) for key, member in members_of.items())
    head = f'O:{len(name)}:"{name}"' if name else "a"
    return f"{head}:{len(members_of)}:{{{members}}}"


def addslashes(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("'", "\\'"), ("\0", "\\0")):
        text = text.replace(sign, escaped)
    return text


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


def laravel(command: Php, name: str, **more: object) -> bytes:
    data = {"commandName": name, "command": php(command)}
    return as_json({"uuid": "9f2e", "job": HANDLER, "data": data, **more})


def envelope(message: Php, stamps: dict[str, Php]) -> str:
    private = f"\0{ENVELOPE}\0"
    return php((ENVELOPE, {f"{private}stamps": stamps, f"{private}message": message}))


def error_details(message: str, class_name: str = "App\\Exception\\SmsFailed") -> Php:
    private = f"\0{STAMPS}ErrorDetailsStamp\0"
    members: dict[str, Php] = {
        f"{private}exceptionClass": class_name,
        f"{private}exceptionCode": 500,
        f"{private}exceptionMessage": message,
        f"{private}flattenException": None,
    }
    return (STAMPS + "ErrorDetailsStamp", members)


def messenger(message: Php, stamps: dict[str, Php]) -> bytes:
    """A message of Symfony's PHP serializer, which adds slashes."""
    return as_json({"body": addslashes(envelope(message, stamps)), "headers": []})


SHIP: Php = ("App\\Message\\ShipOrder", {"\0App\\Message\\ShipOrder\0id": 48213})

NOTIFIED: Php = (
    NOTIFICATIONS,
    {"notifiables": None, "notification": ("App\\Notifications\\InvoicePaid", {"id": "5d1c"})},
)
MAILED: Php = (MAILABLE, {"mailable": ("App\\Mail\\Welcome", {"to": "ada@example.org"})})
HEARD: Php = (
    LISTENER,
    {"class": "App\\Listeners\\SendReceipt", "method": "handle", "data": "a:0:{}"},
)
BROADCASTED: Php = (BROADCAST, {"event": ("App\\Events\\OrderShipped", {"id": 7})})

MAILER = {
    "job_class": "ActionMailer::MailDeliveryJob",
    "arguments": ["UserMailer", "welcome", "deliver_now", {"args": [7]}],
    "executions": 0,
}
CELERY_1 = {"task": "shop.tasks.resize", "id": "41d5", "args": [7], "kwargs": {}, "retries": 0}


def kombu(body: object, headers: object) -> bytes:
    return as_json(
        {
            "body": base64.b64encode(as_json(body)).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": headers,
            "properties": {"body_encoding": "base64", "delivery_tag": "5d1c"},
        }
    )


CLASSES: dict[str, tuple[bytes, str]] = {
    "Laravel 5.0": (
        laravel(("App\\Jobs\\Resize", {"id": 7}), "App\\Jobs\\Resize"),
        "App\\Jobs\\Resize",
    ),
    "Laravel's notification": (
        laravel(NOTIFIED, NOTIFICATIONS, displayName="App\\Notifications\\InvoicePaid"),
        "App\\Notifications\\InvoicePaid",
    ),
    "Laravel's notification without a name": (
        laravel(NOTIFIED, NOTIFICATIONS),
        "App\\Notifications\\InvoicePaid",
    ),
    "Laravel's mailable": (laravel(MAILED, MAILABLE, displayName=MAILABLE), "App\\Mail\\Welcome"),
    "Laravel's listener": (laravel(HEARD, LISTENER), "App\\Listeners\\SendReceipt"),
    "Laravel's broadcast": (laravel(BROADCASTED, BROADCAST), "App\\Events\\OrderShipped"),
    "Laravel's closure": (
        laravel(
            ("Illuminate\\Queue\\CallQueuedClosure", {"closure": None}),
            "Illuminate\\Queue\\CallQueuedClosure",
            displayName="Closure (console.php:12)",
        ),
        "Closure (console.php:12)",
    ),
    "CodeIgniter": (as_json({"job": "email", "data": {"to": "ada"}, "metadata": {}}), "email"),
    "Symfony in PHP": (messenger(SHIP, {}), "App\\Message\\ShipOrder"),
    "Symfony in base64": (
        as_json(
            {
                "body": base64.b64encode(addslashes(envelope(SHIP, {})).encode()).decode(),
                "headers": [],
            }
        ),
        "App\\Message\\ShipOrder",
    ),
    "Symfony's envelope alone": (envelope(SHIP, {}).encode(), "App\\Message\\ShipOrder"),
    "Symfony's envelope that is cut": (envelope(SHIP, {}).encode()[:-3], "App\\Message\\ShipOrder"),
    "Yii in PHP": (php(("app\\jobs\\Resize", {"id": 7})).encode(), "app\\jobs\\Resize"),
    "Yii in JSON": (as_json({"class": "app\\jobs\\Resize", "id": 7}), "app\\jobs\\Resize"),
    "ActiveJob's mailer": (as_json(MAILER), "UserMailer#welcome"),
    "ActiveJob's mailer in Sidekiq": (
        as_json({"class": WRAPPER, "wrapped": MAILER["job_class"], "args": [MAILER]}),
        "UserMailer#welcome",
    ),
    "Resque, failed": (
        as_json(
            {"payload": {"class": "Resize", "args": [7]}, "exception": "IOError", "error": "full"}
        ),
        "Resize",
    ),
    "php-resque": (as_json({"class": "Resize", "args": [{"id": 7}], "id": "9f2e"}), "Resize"),
    "SlmQueue": (
        as_json({"content": php({"id": 7}), "metadata": {"__name__": "App\\Job\\Resize"}}),
        "App\\Job\\Resize",
    ),
    "Bernard's plain message": (
        as_json(
            {
                "class": "Bernard\\Message\\PlainMessage",
                "timestamp": 1790000000,
                "message": {"name": "SendNewsletter", "arguments": {"id": 12}},
            }
        ),
        "SendNewsletter",
    ),
    "Bernard": (
        as_json({"class": "App\\SendNewsletter", "timestamp": 1790000000, "message": {"id": 12}}),
        "App\\SendNewsletter",
    ),
    "Bernard before 0.12": (
        as_json(
            {"args": {"name": "Import"}, "class": "Bernard:Message:DefaultMessage", "timestamp": 1}
        ),
        "Import",
    ),
    "CakePHP": (
        as_json({"class": ["App\\Job\\Mail", "execute"], "args": [{}]}),
        "App\\Job\\Mail#execute",
    ),
    "Celery 3 in kombu": (kombu(CELERY_1, {}), "shop.tasks.resize"),
    "Celery": (
        kombu([[7], {}, {}], {"task": "shop.tasks.resize", "id": "41d5"}),
        "shop.tasks.resize",
    ),
    "Enqueue": (
        as_json({"body": "{}", "properties": {"enqueue.topic": "order.paid"}, "headers": {}}),
        "order.paid",
    ),
    "CloudEvents": (
        as_json({"specversion": "1.0", "type": "com.example.paid"}),
        "com.example.paid",
    ),
    "Faktory": (as_json({"jid": "8f2c", "jobtype": "Resize", "args": [7]}), "Resize"),
    "dramatiq": (
        as_json(
            {
                "queue_name": "default",
                "actor_name": "resize",
                "args": [7],
                "kwargs": {},
                "options": {},
            }
        ),
        "resize",
    ),
    "rq": (pickle.dumps(("shop.tasks.resize", None, (7,), {})), "shop.tasks.resize"),
    "rq, compressed": (
        zlib.compress(pickle.dumps(("shop.tasks.resize", None, (), {}))),
        "shop.tasks.resize",
    ),
    "rq in JSON": (as_json(["shop.tasks.resize", None, [7], {}]), "shop.tasks.resize"),
    "Stalker": (as_json(["email.send", {"to": "ada@example.org"}]), "email.send"),
    "Quebert": (as_json({"job": "Resize", "args": [7]}), "Resize"),
    "Oban": (
        as_json({"worker": "Shop.Resize", "args": {"id": 7}, "queue": "default"}),
        "Shop.Resize",
    ),
    "BullMQ": (as_json({"name": "resize", "data": {"id": 7}, "opts": {"attempts": 3}}), "resize"),
    "JSON-RPC": (as_json({"jsonrpc": "2.0", "method": "resize", "params": [7], "id": 1}), "resize"),
    "Ruby in YAML": (b"--- !ruby/object:Shop::Resize\nid: 7\n", "Shop::Resize"),
    "an array of PHP": (php({"class": "Resize", "args": [7]}).encode(), "Resize"),
    "Drupal 7": (php(("stdClass", DRUPAL_ITEM)).encode(), ""),
    "a list of words": (as_json(["ada", "grace"]), ""),
    "a plain object": (php({"order": 48213}).encode(), ""),
    "gzip": (gzip.compress(as_json({"job_class": "Resize"}), mtime=0), "Resize"),
}
"""Bodies with the class that their producer names."""

TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/shop/tasks.py", line 12, in resize
    image.load()
shop.errors.NoImage: image 48213 is missing
"""

ERRORS: dict[str, tuple[bytes, str, str]] = {
    "Symfony": (
        messenger(
            SHIP,
            {
                STAMPS + "ErrorDetailsStamp": [
                    error_details("old"),
                    error_details("no route to 10.0.0.5"),
                ]
            },
        ),
        "App\\Exception\\SmsFailed",
        "no route to 10.0.0.5",
    ),
    "Symfony in JSON": (
        as_json(
            {
                "body": "{}",
                "headers": {
                    "type": "App\\Message\\ShipOrder",
                    f"X-Message-Stamp-{STAMPS}ErrorDetailsStamp": json.dumps(
                        [
                            {
                                "exceptionClass": "RuntimeException",
                                "exceptionCode": 0,
                                "exceptionMessage": "no route",
                            }
                        ]
                    ),
                },
            }
        ),
        "RuntimeException",
        "no route",
    ),
    "Symfony's RedeliveryStamp": (
        messenger(
            SHIP,
            {
                STAMPS + "RedeliveryStamp": [
                    (STAMPS + "RedeliveryStamp", {"retryCount": 1, "exceptionMessage": "no route"})
                ]
            },
        ),
        "",
        "no route",
    ),
    "Sidekiq": (
        as_json(
            {
                "class": "Resize",
                "args": [],
                "error_class": "Net::ReadTimeout",
                "error_message": "no answer",
            }
        ),
        "Net::ReadTimeout",
        "no answer",
    ),
    "Resque": (
        as_json(
            {
                "payload": {"class": "Resize", "args": []},
                "exception": "IOError",
                "error": "disk full",
            }
        ),
        "IOError",
        "disk full",
    ),
    "Celery's result": (
        as_json(
            {
                "status": "FAILURE",
                "result": {"exc_type": "ValueError", "exc_message": ["no", "size"]},
            }
        ),
        "ValueError",
        "no size",
    ),
    "ActiveJob": (
        as_json({"job_class": "Resize", "exception_executions": {"[Net::ReadTimeout]": 2}}),
        "Net::ReadTimeout",
        "",
    ),
    "Laravel": (
        as_json(
            {
                "job": HANDLER,
                "exception": "RuntimeException: no route in /srv/app/Mail.php:12\nStack trace:\n#0 {main}",
            }
        ),
        "RuntimeException",
        "no route",
    ),
    "PHP 5": (
        as_json(
            {
                "exception": "exception 'PDOException' with message 'gone\naway' in /srv/a.php:7\nStack trace:"
            }
        ),
        "PDOException",
        "gone away",
    ),
    "dramatiq": (
        as_json(
            {"actor_name": "resize", "args": [], "options": {"retries": 2, "traceback": TRACEBACK}}
        ),
        "shop.errors.NoImage",
        "image 48213 is missing",
    ),
    "rq": (
        as_json({"data": "", "exc_info": TRACEBACK}),
        "shop.errors.NoImage",
        "image 48213 is missing",
    ),
    "Faktory": (
        as_json(
            {
                "jobtype": "Resize",
                "args": [],
                "failure": {"errtype": "Full", "message": "disk full"},
            }
        ),
        "Full",
        "disk full",
    ),
    "Oban": (
        as_json(
            {
                "worker": "Shop.Resize",
                "args": {},
                "errors": [{"attempt": 1, "error": "** (RuntimeError) no route"}],
            }
        ),
        "RuntimeError",
        "no route",
    ),
    "BullMQ": (
        as_json({"name": "a", "data": {}, "opts": {}, "failedReason": "no route"}),
        "",
        "no route",
    ),
    "a text": (
        as_json({"to": "ada", "last_error": "no answer: gave up"}),
        "",
        "no answer: gave up",
    ),
    "an object": (
        as_json({"meta": {"error": {"type": "Timeout", "message": "no answer"}}}),
        "Timeout",
        "no answer",
    ),
    "in a string": (
        as_json({"meta": json.dumps({"lastError": "TypeError: x is null\n    at a.js:1"})}),
        "TypeError",
        "x is null",
    ),
    "in PHP": (php({"to": "ada", "error": "no route"}).encode(), "", "no route"),
    "in base64": (
        base64.b64encode(as_json({"to": "ada", "error_message": "no route"})),
        "",
        "no route",
    ),
}
"""Bodies with the class and the message of the error in them."""
