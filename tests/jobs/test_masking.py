"""What is masked in bodies is in nothing that is made of them."""

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import beantop
from beantop.app.actions import edit, targets
from beantop.app.panes.body_order import sort_key
from beantop.app.view.column_names import fields_in
from beantop.app.view.follow_columns import follow_columns
from beantop.app.view.group_columns import group_name
from beantop.app.view.job_columns import CHOICES, Look, job_columns
from beantop.app.view.job_filter import JobFilter
from beantop.beanstalk import Job
from beantop.jobs.bodies import mask, masking
from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.bodies.mask import MAX_TIMEOUTS, SECONDS_OF_A_SEARCH, Mask, finder_of, read_mask
from beantop.jobs.bodies.masking import PARTLY, RAW_HIDDEN, masked_views
from beantop.jobs.bodies.preview import preview
from beantop.jobs.bodies.reading import AS_RECOGNIZED, Reading, reading_for
from beantop.jobs.bodies.texts import shown_text
from beantop.jobs.body import kept
from beantop.jobs.groups import GROUPINGS, by_field, facts_of, groups_of
from beantop.jobs.job_info import listed
from beantop.jobs.listing import JobRow
from beantop.jobs.records import read_import
from beantop.report.export import _line
from tests.jobs.secrets import BODIES, CARD, READING, SECRET, found_in
from tests.jobs.test_body_fields import HOSTILE

FIELDS = ("password", "customer.email", "data", "data.password", "data.command.password", "note")


def ways_out(body: bytes, reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield all texts that beantop makes of a body, with the names of the places where they are seen."""
    for view in masked_views(body, reading):
        yield f"view {view.name}", shown_text(view.lines())
        yield f"rule above view {view.name}", f"{view.problem} {view.misfit}"
    row = JobRow(listed(7, {"state": "ready", "tube": "a"}, 0.0), kept(body))
    yield from _in_lists(row, reading)
    shown = reading.shown(body)
    yield "preview", shown_text(preview(shown.body, len(shown.body), shown.reading.decoder).lines)
    for path in ("", *FIELDS):
        facts = facts_of(body, reading, path)
        yield f"facts of {path}", repr(facts._replace(digest=0))
        ways = [*GROUPINGS.values(), by_field(path)]
        for group in [group for by in ways for group in groups_of([row.job], {7: facts}, by, 0.0)]:
            yield "group", group_name(group)
    for key in ("class", *(f"body.{path}" for path in FIELDS)):
        yield f"order by {key}", repr(sort_key(key, body, reading))
    yield "class", job_class(body, reading)
    yield "export", _line(row.job, shown, 1_500_000_000).decode()
    yield "question", repr(targets._lines_of_one(row, reading))
    yield "diff", repr(edit._body_lines(body + b" ", body, reading))
    yield "new job", repr(edit._body_lines(body, body, reading))


def _in_lists(row: JobRow, reading: Reading) -> Iterator[tuple[str, str]]:
    chosen = (*CHOICES, *(f"body.{path}" for path in FIELDS))
    for look in (Look(), Look(chosen=chosen)):
        look = Look(chosen=look.chosen, reading_of=lambda tube: reading).after([row, row])
        yield "look", repr(look.shared)
        yield "fields", repr(fields_in([row], look))
        for width in (40, 80, 200):
            columns = [
                *job_columns(width, look),
                *follow_columns(width, look, {}, (), with_tube=True),
            ]
            for column in columns:
                yield f"column {column.key}", repr(column.cell(row)[0])
                yield f"order of {column.key}", repr(column.sort(row)) if column.sort else ""


@pytest.mark.parametrize("name", BODIES)
def test_a_secret_in_any_format_reaches_nothing_that_is_shown(name: str) -> None:
    body = BODIES[name]
    for place, text in ways_out(body, READING):
        assert not found_in(text, body), f"{place} shows {found_in(text, body)}"


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "/hunter2/",
        CARD,
        "password = hunter*",
        "note = '*4111*'",
        "data = '*er2*'",
        "error = *hunter2*",
    ],
)
def test_no_filter_finds_it(name: str, text: str) -> None:
    match = JobFilter(text).matcher(lambda id: READING)(Job(7, BODIES[name]))
    assert not match


def test_the_search_for_secrets_finds_them_where_nothing_is_masked() -> None:
    unseen = [
        name
        for name, body in BODIES.items()
        if not any(found_in(text, body) for _, text in ways_out(body, AS_RECOGNIZED))
    ]
    assert not unseen


@pytest.mark.parametrize(
    "name", ["JSON", "PHP", "PHP in JSON", "msgpack", "base64 of gzip in JSON"]
)
def test_all_but_the_secret_is_still_shown(name: str) -> None:
    best = masked_views(BODIES[name], READING)[0]
    assert "ada" in shown_text(best.lines())
    assert "***" in shown_text(best.lines())


def test_the_class_of_a_masked_job_is_known() -> None:
    assert job_class(BODIES["PHP"], READING) == "App\\Job"
    assert job_class(BODIES["PHP in JSON"], READING) == "App\\Job"


@pytest.mark.parametrize(
    "body", [b'{"to": "ada", "n": 7.50}', b"hello ada", b'a:1:{s:2:"to";s:3:"ada";}', b"", b"7"]
)
def test_a_body_without_secrets_is_shown_as_it_is(body: bytes) -> None:
    assert READING.shown(body) == (body, READING._replace(mask=None), "")


def test_numbers_and_ids_stay_as_they_were_written() -> None:
    body = b'{"n": 7.50, "big": 123456789012345678901, "id": "4f2c6b1e9a7d", "password": "x1"}'
    shown = READING.shown(body).body
    assert b'"n": 7.50' in shown
    assert b'"id": "4f2c6b1e9a7d"' in shown


def test_bytes_in_which_something_is_masked_are_replaced_by_a_sentence() -> None:
    best, *raw = masked_views(BODIES["base64"], READING)
    assert best.name == "JSON"
    assert [(view.name, list(view.lines())) for view in raw] == [
        ("text", [RAW_HIDDEN]),
        ("hex", [RAW_HIDDEN]),
    ]


def test_the_beginning_of_a_body_is_hidden_whatever_it_holds() -> None:
    shown = READING.shown(b'{"to": "ada"', 100_000)
    assert shown.body.startswith(b"*** hidden: it is too large")
    assert shown.note


def test_all_patterns_of_tubes_count() -> None:
    masks = {"emails-*": Mask(("password",)), "*": Mask(("token",)), "sms": Mask(("to",))}
    reading = reading_for("emails-7", {"*": "json"}, {}, masks)
    assert reading == Reading("json", "", Mask(("password", "token")))
    assert reading_for("emails-7", {}, {}, {"sms": Mask(("to",))}).mask is None


def test_an_exported_line_with_masked_fields_cannot_be_imported() -> None:
    job = listed(7, {"state": "ready", "tube": "a"}, 0.0)
    line = _line(job, READING.shown(BODIES["JSON"]), 1_500_000_000)
    assert json.loads(line)["masked"] is True
    with pytest.raises(ValueError, match="masked"):
        read_import(line)
    whole = _line(job, READING.shown(b"hello"), None)
    assert "masked" not in json.loads(whole)
    assert read_import(whole).body == b"hello"


def test_slow_bodies_hide_the_others_only_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask, "SECONDS_OF_A_SEARCH", 1e-9)
    reading = Reading(mask=read_mask(["/(a|aa)+$c/"]))
    for number in range(MAX_TIMEOUTS):
        assert reading.shown(b"a" * 50 + b"b%d" % number).note.endswith("takes too long")
    monkeypatch.undo()
    assert reading.shown(b"ada").note.endswith("takes too long")
    monkeypatch.setattr(mask, "FORGOTTEN_AFTER", 0.0)
    assert reading.shown(b"eva").body == b"eva"


def test_a_pattern_may_not_take_long_in_many_short_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "SECONDS_OF_A_BODY", 0.0)
    shown = Reading(mask=read_mask(["/x+y/"])).shown(b'["xx", "xxx"]')
    assert shown.note == "hidden: a pattern takes too long"


@pytest.mark.long
def test_a_pattern_that_takes_too_long_hides_the_body_and_then_is_not_tried_again() -> None:
    mask = read_mask(["/(a|aa)+$/"])
    reading, tries = Reading(mask=mask), 0
    for number in range(20):
        began = time.thread_time()
        shown = reading.shown(b"a" * 80 + b"b%d" % number)
        tries += time.thread_time() - began > SECONDS_OF_A_SEARCH / 2
        assert shown.body.startswith(b"*** hidden: a pattern takes too long")
    assert tries <= MAX_TIMEOUTS


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_are_masked_without_an_error(body: bytes) -> None:
    shown = READING.shown(body)
    assert shown.note or shown.body == body


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_masked_without_an_error(body: bytes) -> None:
    shown = READING.shown(body)
    assert shown.note or shown.body == body


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3)
    ),
    max_leaves=8,
)


@given(_values, st.lists(st.sampled_from(["list", "member", "text", "base64"]), max_size=4))
def test_a_secret_anywhere_in_a_body_is_masked(beside: object, around: list[str]) -> None:
    value: object = {"x": beside, "password": SECRET}
    for way in around:
        value = _around(way, value, beside)
    body = json.dumps(value).encode()
    shown = READING.shown(body)
    assert shown.note
    assert not found_in(shown.body.decode(), body)


def _around(way: str, value: object, beside: object) -> object:
    if way == "list":
        return [value, beside]
    if way == "member":
        return {"in": value, "by": beside}
    text = json.dumps(value)
    return {"in": text if way == "text" else base64.b64encode(text.encode()).decode()}


def test_names_are_compared_without_regard_to_their_spelling() -> None:
    finder = finder_of(read_mask(["api_key", "customer.email"]))
    assert finder.is_field(("user",), "apiKey")
    assert finder.is_field((), "API-KEY")
    assert finder.is_field((), "api key")
    assert finder.is_field(("order", "customer"), "email")
    assert not finder.is_field((), "email")
    assert not finder.is_field((), "api_keys")


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("password", {"name": "customer.password", "value": "hunter2"}),
        ("password", {"name": "user[password]", "value": "hunter2"}),
        ("password", {"fields": [{"key": "auth/password", "value": "hunter2"}]}),
        ("password", {"name": "Your password", "value": "hunter2"}),
        ("password", {"name": "Password (required)", "value": "hunter2"}),
        ("password", ["user.password", "hunter2"]),
        ("customer.password", {"name": "customer.password", "value": "hunter2"}),
        ("customer.email", {"path": "customer.email", "old": "hunter2", "new": "x"}),
        ("api_key", {"name": "API key", "value": "hunter2"}),
        ("api_key", {"api key": "hunter2"}),
        ("api_key", "api key: hunter2"),
        ("api_key", {"name": "Your api key", "value": "hunter2"}),
        ("credit_card_number", "Credit card number: hunter2"),
        ("credit_card_number", {"note": "Credit card number: hunter2"}),
        ("credit_card_number", ["Your credit card number", "hunter2"]),
        ("credit_card_number", {"Credit card number": "hunter2"}),
        ("password", {"name": "Please enter your password", "value": "hunter2"}),
        ("social_security_number", "<a>Social Security Number</a><b>hunter2</b>"),
        ("password", {"columns": ["id", "user password"], "rows": [[1, "hunter2"]]}),
    ],
)
def test_what_stands_beside_the_name_of_a_field_is_masked(field: str, body: object) -> None:
    shown = Reading(mask=read_mask([field])).shown(json.dumps(body).encode()).body
    assert b"hunter2" not in shown


@pytest.mark.parametrize("wrapped", ["job {}", '{{"cmd": "run {}"}}'])
def test_a_pattern_does_not_hide_what_is_encoded_around_its_match(wrapped: str) -> None:
    reading = Reading(mask=read_mask(["secret", "/[0-9]{16}/"]))
    encoded = b'{"secret": "Xk7-zebra!"}'.hex()
    shown = reading.shown(wrapped.format(encoded).encode()).body
    assert b"Xk7-zebra!".hex().encode() not in shown
    card = reading.shown(b"paid with 4111111111111111").body
    assert card == b"paid with ***"


def test_a_secret_within_very_many_layers_is_hidden() -> None:
    encoded = json.dumps({"password": "hunter2"}).encode()
    for layers in range(1, 13):
        encoded = base64.b64encode(encoded)
        shown = READING.shown(json.dumps({"data": encoded.decode(), "n": layers}).encode()).body
        assert encoded not in shown


def test_the_class_of_a_php_object_is_masked_by_a_pattern() -> None:
    body = b'O:7:"hunter2":1:{s:1:"p";s:7:"hunter3";}'
    assert b"hunter" not in Reading(mask=read_mask(["/hunter[0-9]/"])).shown(body).body


MAKES_TEXT = re.compile(
    r"from beantop\.jobs\.bodies\.(?:views|preview|texts|fields|members|job_error|plain) import"
    r" [^\n]*\b(views|preview|beginning|innermost|Texts|Fields|field_in_list|job_error|first_line|value_of)\b"
)

GIVEN_WHAT_MAY_BE_SHOWN = {"diff_lines.py"}


def test_each_module_that_makes_text_of_bodies_asks_what_may_be_shown() -> None:
    package = Path(beantop.__file__).parent
    careless = [
        file.name
        for part in ("app", "commands", "report", "monitor", "jobs")
        for file in (package / part).rglob("*.py")
        if file.parent.name != "bodies"
        and MAKES_TEXT.search(text := file.read_text())
        and not re.search(r"\.shown\(|shown_of\(", text)
    ]
    assert set(careless) == GIVEN_WHAT_MAY_BE_SHOWN


def test_a_long_name_is_read_once_not_for_each_of_its_members(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps, read = mask._STEPS, 0

    class Steps:
        def split(self, text: str) -> list[str]:
            nonlocal read
            read += len(text)
            return steps.split(text)

    monkeypatch.setattr(mask, "_STEPS", Steps())
    members = b",".join(b'"a%d":"x"' % at for at in range(1_000))
    body = b'{"%b":{%b}}' % (b"k" * 50_000, members)
    assert Reading(mask=Mask(("password",))).shown(body).body == body
    assert read < 10 * len(body)


def test_each_name_of_a_deep_path_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, read = mask._made_plain, 0

    def counted(name: str) -> str:
        nonlocal read
        read += 1
        return plain(name)

    monkeypatch.setattr(mask, "_known_plain", counted)
    body = b"{%b}" % b",".join(b'"m%d":1' % at for at in range(500))
    for level in range(100):
        body = b'{"level%d":%b}' % (level, body)
    assert Reading(mask=Mask(("password",))).shown(body).body == body
    assert read < 3 * 600


@pytest.mark.parametrize(("count", "note"), [(500, PARTLY), (5_000, "hidden: it is too large")])
def test_a_body_with_very_many_masked_values_is_hidden_as_a_whole(count: int, note: str) -> None:
    rows = [{"password": f"secret{at}", "at": f"place {at}"} for at in range(count)]
    shown = Reading(mask=Mask(("password",))).shown(json.dumps(rows).encode())
    assert shown.note.startswith(note)
    assert b"secret" not in shown.body
