"""Why jobs failed, as their bodies say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.jobs.bodies.job_error import LONGEST, JobError, job_error
from beantop.jobs.bodies.signature import LONGEST as LONGEST_SIGNATURE
from beantop.jobs.bodies.signature import body_signature, signature
from tests.jobs.producers import CLASSES, ERRORS, SHIP, STAMPS, error_details, messenger
from tests.jobs.test_decoders import ANYTHING

HEAD = "Traceback (most recent call last):"


@pytest.mark.parametrize(("body", "class_name", "message"), ERRORS.values(), ids=ERRORS)
def test_each_producer_writes_errors_in_its_way(body: bytes, class_name: str, message: str) -> None:
    assert job_error(body) == JobError(class_name, message)


@pytest.mark.parametrize("name", [name for name in CLASSES if "failed" not in name])
def test_a_job_that_did_not_fail_has_no_error(name: str) -> None:
    assert job_error(CLASSES[name][0]) is None


@pytest.mark.parametrize("nothing", [None, "", False, 0, [], {}, "null", "none"])
def test_an_empty_error_is_none(nothing: object) -> None:
    assert (
        job_error(json.dumps({"to": "ada", "error": nothing, "errors": nothing}).encode()) is None
    )


@pytest.mark.parametrize("body", [b"", b"plain text: error", b"\xff\xfe", b"[1, 2]", b"48213"])
def test_what_has_no_members_has_no_error(body: bytes) -> None:
    assert job_error(body) is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (f"{HEAD}\n  File a.py\n    send()\nValueError: a\nmore text\nDone: ok\n", "ValueError: a"),
        (
            f"job 7\n{HEAD}\n  File a.py\nOne: 1\n\nDuring …\n\n{HEAD}\n  File b.py\nTwo: 2",
            "Two: 2",
        ),
        (f"to: ada\nbody: <pre>{HEAD}\n</pre>\nregards: bob", ""),
        (f"{HEAD} is what Python writes\nfine", ""),
        (f"{HEAD}\n  File a.py, which is cut", ""),
    ],
)
def test_a_traceback_in_a_text_ends_below_its_calls(text: str, error: str) -> None:
    found = job_error(text.encode())
    assert (found.text if found else "") == error


def test_an_error_in_a_format_that_the_configuration_names() -> None:
    assert job_error(b"error=disk+full") is None
    assert job_error(b"error=disk+full", "form") == JobError("", "disk full")


def test_errors_of_one_kind_have_one_signature() -> None:
    messages = [
        "Could not send to ada@example.org (code 550)",
        "Could not send to grace.h@mail.example.com (code 421)",
    ]
    stamp = STAMPS + "ErrorDetailsStamp"
    found = [job_error(messenger(SHIP, {stamp: [error_details(text)]})) for text in messages]
    [kind] = {error.signature for error in found if error}
    assert kind == "App\\Exception\\SmsFailed: Could not send to … (code …)"


def test_errors_of_two_classes_are_two_kinds() -> None:
    found = {JobError(name, "closed").signature for name in ("ReadTimeout", "ConnectionError")}
    assert found == {"ReadTimeout: closed", "ConnectionError: closed"}


def test_without_a_message_the_signature_is_the_class() -> None:
    assert JobError("Net::ReadTimeout", "").signature == "Net::ReadTimeout"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["order 5 is gone", "order 48,213 is gone", "order #7 is gone"], "order … is gone"),
        (
            [f"User {id} not found" for id in ("28738582-0942-4c06-bc69-f26585750621", "5d1c9f2e")],
            "User … not found",
        ),
        (["key 'a b' is missing", 'key "c" is missing', "key `d/e` is missing"], "key … is missing"),
        (["no answer after 30s", "no answer after 1.5 s"][:1], "no answer after …"),
        (
            ["since Mon, 21 Sep 2026 10:00:00: down", "since 2026-09-21T10:00:00Z: down"],
            "since …: down",
        ),
        (["refused by 10.0.0.5:11300", "refused by 2001:db8::1"], "refused by …"),
        (["ids 1, 2, 3 failed", "ids 4 failed"], "ids … failed"),
        (["GET https://a.example/v1/7 failed", "GET http://b.example failed"], "GET … failed"),
        (["no file /srv/users/7/x.jpg", "no file /srv/users/48213/x.jpg"], "no file /srv/users/…/x.jpg"),
        (["evt_0123abc failed", "evt_9f8 failed"], "… failed"),
        (["no 19175030-bebd-c4d3-b0d8-e8a27a31e3b9", "no 7"], "no …"),
        (["can't open S3: it's down"], "can't open S3: it's down"),
        (["error 28: timed out after 10001 ms", "error 7: timed out after 3 ms"], "error …: timed out after … ms"),
        (["App\\Jobs\\Mail failed", "App\\Jobs\\Mail  \n failed"], "App\\Jobs\\Mail failed"),
    ],
)  # fmt: skip
def test_a_signature_is_the_same_for_all_ids(texts: list[str], expected: str) -> None:
    assert {signature(text) for text in texts} == {expected}


@given(st.integers(0), st.uuids(), st.ip_addresses(), st.datetimes())
def test_no_id_is_left_in_a_signature(
    number: int, uuid: object, address: object, at: object
) -> None:
    text = f"job {number} of {uuid} at {address} failed on {at}"
    assert signature(text) == "job … of … at … failed on …"


def test_bodies_of_one_kind_have_one_signature() -> None:
    def order(id: int, lines: int) -> bytes:
        return json.dumps({"id": id, "lines": [{"sku": f"A{n}"} for n in range(lines)]}).encode()

    assert body_signature(order(1, 2)) == body_signature(order(7, 9)) == "{id, lines[{sku}]}"
    assert body_signature(b'{"class": "Mail", "args": [7]}') == "Mail {args[], class}"
    assert body_signature(b"reindex 7") == body_signature(b"reindex 48213") == "reindex …"


def test_long_shapes_are_cut_and_still_differ() -> None:
    shapes = [
        body_signature(
            json.dumps(dict.fromkeys([*map("name{}x".format, range(90)), last])).encode()
        )
        for last in ("y", "z")
    ]
    assert len(set(shapes)) == 2
    assert max(map(len, shapes)) <= LONGEST_SIGNATURE


@given(ANYTHING)
def test_no_body_makes_it_fail(body: bytes) -> None:
    error = job_error(body)
    assert error is None or len(error.message) <= LONGEST
    assert len(body_signature(body)) <= LONGEST_SIGNATURE


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [" in /", "a(", " (a", "'", '"', "a.", "1:", "::", "a@", "… ", "\n", "exception '", "a://"],
)
def test_no_text_takes_long(text: str) -> None:
    long = text * (2**16 // len(text))
    assert job_error(json.dumps({"error": f"x{long}"}).encode())
    assert len(signature(long)) <= LONGEST_SIGNATURE
    assert len(body_signature(long.encode())) <= LONGEST_SIGNATURE
