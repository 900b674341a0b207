"""What jobs of known producers are about, from bodies as these put them."""

import base64
import gzip
import json
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.demo import bodies
from beantop.jobs.bodies.job_class import LONGEST, MAX_READ, job_class, shared_fields, subject
from beantop.jobs.bodies.reading import Reading
from tests.jobs.producers import CLASSES, Php, messenger

SIDEKIQ = {"class": "HardJob", "args": [48213], "retry": 25, "queue": "default", "jid": "8f2c1e"}
WRAPPED = "ActiveJob::QueueAdapters::SidekiqAdapter::JobWrapper"
ACTIVE_JOB = {"job_class": "SendMailJob", "job_id": "9f2e", "arguments": [1]}
CELERY = {
    "body": base64.b64encode(json.dumps([[48213], {}, {}]).encode()).decode(),
    "content-type": "application/json",
    "headers": {"lang": "py", "task": "shop.tasks.send_invoice", "id": "41d5", "retries": 0},
    "properties": {"delivery_tag": "5d1c"},
}
CELERY_3 = {"task": "shop.tasks.send_invoice", "id": "41d5", "args": [48213], "kwargs": {}}
MESSENGER = {"body": '{"order": 48213}', "headers": {"type": "App\\Message\\ShipOrder"}}
MESSENGER_IN_PHP = {
    "body": r"O:36:\"Symfony\\Component\\Messenger\\Envelope\":2:{s:44:\"\0Symfony\\Component\\"
    r"Messenger\\Envelope\0stamps\";a:0:{}s:45:\"\0Symfony\\Component\\Messenger\\Envelope\0"
    r"message\";O:21:\"App\\Message\\ShipOrder\":1:{s:2:\"id\";i:48213;}}",
    "headers": [],
}
CLOUD_EVENT = {"specversion": "1.0", "type": "com.example.order.paid", "source": "/shop", "id": "7"}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (SIDEKIQ, "HardJob"),
        ({**SIDEKIQ, "class": WRAPPED, "wrapped": "SendMailJob"}, "SendMailJob"),
        ({**SIDEKIQ, "class": WRAPPED, "args": [ACTIVE_JOB]}, "SendMailJob"),
        (ACTIVE_JOB, "SendMailJob"),
        (CELERY, "shop.tasks.send_invoice"),
        (CELERY_3, "shop.tasks.send_invoice"),
        (MESSENGER, "App\\Message\\ShipOrder"),
        (MESSENGER_IN_PHP, "App\\Message\\ShipOrder"),
        (CLOUD_EVENT, "com.example.order.paid"),
        ({"type": "email", "payload": {"to": "ada@example.org"}}, "email"),
        ({"job": "SendMail@fire", "data": {"id": 7}}, "SendMail@fire"),
    ],
)
def test_the_class_is_what_the_producer_calls_it(body: dict[str, object], name: str) -> None:
    data = json.dumps(body).encode()
    assert job_class(data) == subject(data) == name
    assert job_class(base64.b64encode(data)) == name
    assert job_class(gzip.compress(data, mtime=0)) == name


@pytest.mark.parametrize(("body", "name"), CLASSES.values(), ids=CLASSES)
def test_each_producer_names_classes_in_its_way(body: bytes, name: str) -> None:
    assert job_class(body) == name
    assert not name or subject(body) == name


def test_the_user_says_where_the_class_is() -> None:
    body = json.dumps({"type": "job", "payload": json.dumps({"kind": "welcome", "n": 7})}).encode()
    kind = Reading(class_path="payload.kind")
    assert job_class(body, kind) == subject(body, reading=kind) == "welcome"
    assert job_class(body, Reading(class_path="payload.n")) == "7"
    faktory = CLASSES["Faktory"][0]
    assert job_class(faktory, Reading(class_path="jid")) == "8f2c"  # goes before what is recognized
    assert job_class(faktory, Reading(class_path="no.such")) == "Resize"


def test_the_class_is_found_in_a_format_that_the_configuration_names() -> None:
    assert job_class(b"jobtype=Resize") == ""
    assert job_class(b"jobtype=Resize", Reading("form")) == "Resize"
    body = json.dumps({"jobtype": "Письмо"}, ensure_ascii=False).encode("koi8-r")
    assert job_class(body, Reading("koi8-r+json")) == "Письмо"


def test_an_object_of_no_class_says_what_its_members_say() -> None:
    assert subject(CLASSES["Drupal 7"][0]) == "media_sync"


def test_laravel_and_yii_name_classes_of_php() -> None:
    assert job_class(bodies.laravel(Random(1), 0.0)) == "App\\Jobs\\SendInvoiceMail"
    assert job_class(b'O:14:"app\\jobs\\Resize":1:{s:2:"id";i:7;}') == "app\\jobs\\Resize"


def test_a_class_is_found_though_the_end_of_the_body_is_missing() -> None:
    body = json.dumps({"class": "hard_job", "args": ["x" * 2 * MAX_READ]}).encode()
    assert job_class(json.dumps({**SIDEKIQ, "more": "x" * 70_000}).encode()[:1024]) == "HardJob"
    assert job_class(body) == ""  # whether it has arguments is not known
    assert subject(body) == "hard_job"


def test_the_class_in_an_envelope_that_is_cut_is_found() -> None:
    message: Php = ("App\\Message\\ShipOrder", {"text": "x" * 2 * MAX_READ})
    for body in (messenger(message, {}), b'{"id": 7, ' + messenger(message, {})[1:]):
        assert job_class(body) == job_class(body[:1024]) == "App\\Message\\ShipOrder"


@pytest.mark.parametrize(
    ("body", "about"),
    [
        (b"reindex ada since 2026-09-21", "reindex"),
        (b"/usr/local/bin/resize --width 64 a.jpg", "resize"),
        (b"php /srv/shop/artisan mail:send --force 48213", "mail:send"),
        (b"sudo -n python3 manage.py clear_cache now", "clear_cache"),
        (b"48213", "48213"),
        (b"flush-cache\n", "flush-cache"),
        ("Grüße aus Köln; 50667 Köln".encode(), "Grüße aus Köln; 50667 Köln"),
        (b'{"event": "order.paid", "order": 48213}', "order.paid"),
        (b'{"id": "evt_0123456789abcdef", "order": 48213}', "id: evt_0123456789abcdef"),
        (b'{"uuid": "28738582-0942-4c06-bc69-f26585750621", "order": 48213}', "order: 48213"),
        (b"to=ada%40example.org&tags=a+b", "to: ada@example.org"),
        (b'a:2:{s:7:"account";i:48213;s:6:"amount";d:7.5;}', "account: 48213"),
        (b"---\nreport: daily\nsince: 2026-09-21T00:00:00Z\n", "report: daily"),
        (b"", ""),
        (bytes(range(256)), ""),
        (b"[1, 2]", ""),
        (b'\xef\xbb\xbf{"order": 48213}', "order: 48213"),
        ('{"order": "Иван"}'.encode("cp1251"), "order: Иван"),
        ("Привет, мир".encode("cp1251"), "Привет, мир"),
        (b'{"a": {"b": 1}}', ""),
    ],
)
def test_without_a_class_it_is_the_command_or_a_telling_field(body: bytes, about: str) -> None:
    assert job_class(body) == ""
    assert subject(body) == about


def test_what_all_bodies_of_a_list_have_alike_is_not_telling() -> None:
    listed = [json.dumps({"v": 2, "shop": "de", "order": order}).encode() for order in (7, 8, 9)]
    shared = shared_fields(listed)
    assert [subject(body, shared) for body in listed] == ["order: 7", "order: 8", "order: 9"]


def test_bodies_that_are_all_the_same_still_say_something() -> None:
    listed = [b'{"v": 2, "shop": "de"}'] * 3
    assert subject(listed[0], shared_fields(listed)) == "v: 2"


def test_what_a_producer_calls_a_class_is_not_mistaken_for_other_things() -> None:
    assert job_class(b'{"class": "economy", "seat": "7A"}') == ""
    assert job_class(b'{"type": "paid", "order": 7}') == ""
    assert job_class(b'{"class": {"a": 1}, "args": []}') == ""


@given(st.binary() | st.text().map(str.encode) | st.text('{}[]":,a1\\').map(str.encode))
def test_no_body_makes_it_fail(body: bytes) -> None:
    for found in (job_class(body), subject(body), subject(body, shared_fields([body, body]))):
        assert len(found) <= 2 * LONGEST + 2


def test_no_depth_or_length_makes_it_fail() -> None:
    for body in (b'{"a":' + b"[" * 9000, b'{"a":' + b"1" * 9000, b'{"a":1' * 3000, b"[" * 10**6):
        assert job_class(body) == ""


@pytest.mark.parametrize(
    "body",
    [b'{"error": "' + b" " * MAX_READ, b'{"body": "message\\";O:8:\\"' + b"\\" * MAX_READ],
    ids=["blanks", "slashes"],
)
def test_no_body_takes_long(body: bytes) -> None:
    began = time.process_time()
    assert job_class(body) == ""
    assert time.process_time() - began < 0.15
