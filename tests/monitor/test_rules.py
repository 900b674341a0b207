"""The rules that alerts and checks are made of."""

import math
import operator
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.beanstalk import Stats
from beantop.monitor.comparisons import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Pattern,
    compiled,
    is_from_body,
)
from beantop.monitor.fields import (
    JOB_FIELDS,
    SERVER_FIELDS,
    TUBE_FIELDS,
    Subject,
    Value,
    server_values,
    tube_values,
)
from beantop.monitor.history import History
from beantop.monitor.rules import RuleError, parse_rule
from beantop.monitor.snapshot import Server, Snapshot, Tube
from tests.beanstalkd import Beanstalkd


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("ready > 10", 11, True),
        ("ready>10", 10, False),
        ("ready >= 10", 10, True),
        ("ready < 10", 9, True),
        ("ready <= 10k", 10_000, True),
        ("ready == 1.5k", 1500, True),
        ("ready = 1.5k", 1500, True),
        ("ready=1", 2, False),
        ("ready != 2M", 2_000_000, False),
        ("net < -5", -6, True),
        ("drain > 10m", 601, True),
        ("pause >= 2h", 7200, True),
        ("drain > 1d", math.inf, True),
        ("drain > 1y", 365 * 86_400, False),
        ("drain >= 1.9y", 700 * 86_400, True),
        ("drain = 2d 4h", 187_200, True),
        ("drain = 1m23s", 83, True),
        ("drain < -5m", -301, True),
        ("total = 9007199254740993", 2**53, False),
        ("total = 9007199254740993", 2**53 + 1, True),
        ("total > 18446744073709551614", 2**64 - 1, True),
    ],
)
def test_a_comparison(rule: str, value: float, expected: bool) -> None:
    assert parse_rule(rule).holds(lambda _: value) is expected


def test_and_binds_stronger_than_or() -> None:
    rule = parse_rule("buried > 0 or ready > 5 and watching == 0")
    assert rule.holds({"buried": 1, "ready": 0, "watching": 1}.get)
    assert rule.holds({"buried": 0, "ready": 6, "watching": 0}.get)
    assert not rule.holds({"buried": 0, "ready": 6, "watching": 1}.get)
    assert rule.fields == ("buried", "ready", "watching")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("(ready > 10 or delayed > 10) and watching = 0", False),
        ("ready > 10 or delayed > 10 and watching = 0", True),
        ("((ready > 10) and (buried = 1))", True),
        ("ready > 10 AND (buried = 2 OR watching = 1)", True),
        ("(ready>10)and(buried=1)", True),
        ("buried > watching", False),
        ("buried = watching", True),
        ("ready > buried", True),
        ("drain < pause", True),
    ],
)
def test_brackets_and_fields_against_fields(rule: str, expected: bool) -> None:
    values = {"ready": 11, "delayed": 0, "buried": 1, "watching": 1, "drain": 5, "pause": 6}
    assert parse_rule(rule).holds(values.get) is expected


JOB: dict[str, Value] = {
    "id": 2**64 - 1,
    "priority": 1024,
    "age": 7200,
    "delay": 600,
    "ttr": 60,
    "state": "buried",
    "tube": "emails-eu",
    "size": 65_536,
    "class": "App\\Jobs\\SendMail",
    "body.order_id": "9007199254740993",
    "body.user": "Ada",
    "body.user.name": "Ada Straße",
    "body.items.0.sku": "A-17",
    "body.price": "1.50",
    "body.paid": "true",
    "body.id": "7",
    "body.first name": "Ada",
    "body.took": "400",
    "body.@type": "mail",
    "body.größe": "5",
    "body.limit": "65536",
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("pri = 1024", True),
        ("pri != priority", False),
        ("delay >= 10m and age > ttr", True),
        ("state = buried", True),
        ("state != BURIED", False),
        ("state = b*", True),
        ("tube = emails*", True),
        ("tube != emails", True),
        ("class = SendMail", True),
        ("class = sendmail", True),
        ("class = Send*", True),
        ("class = Mail", False),
        ('class = "App\\Jobs\\*"', True),
        ("class != Charge*", True),
        ("size = 64k", True),
        ("size = 64KB", True),
        ("size = 64 K", True),
        ("size = 64 KiB and pri = 1024", True),
        ("size > 1M", False),
        ("size > 1.5 MB or size < 65537", True),
        ("order_id = 9007199254740993", True),
        ("order_id = 9007199254740992", False),
        ("order_id > 9007199254740992", True),
        ("order_id < id", True),
        ("id > order_id", True),
        ("id != body.id", True),
        ("body.id = 7", True),
        ("id = 7", False),
        ("size = body.limit", True),
        ("user = ada", True),
        ("user = 'ADA'", True),
        ("user != ada", False),
        ("user = 5", False),
        ("user != 5", True),
        ("user > 5", False),
        ("user.name = *strasse", True),
        ("user.name = 'ada stra?e'", False),
        ("user.name = 'ada stra*e'", True),
        ("items.0.sku = a*", True),
        ("items.0.sku = A-1?", True),
        ("price = 1.5", True),
        ("price = 1.50*", True),
        ("paid = true", True),
        ("missing = 5", False),
        ("missing != 5", False),
        ("missing != x", False),
        ("missing != body.user", False),
        ("user = body.user", True),
        ("user != body.paid", True),
        ("'first name' = ada", True),
        ("took > 5m", True),
        ("took = 400", True),
        ("@type = mail", True),
        ("größe = 5", True),
        ("user=ada", True),
        ("(user=ada)and(price>1)", True),
    ],
)
def test_a_rule_about_a_job(rule: str, expected: bool) -> None:
    assert parse_rule(rule, "job").holds(JOB.get) is expected


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("user = ada or id = 1", True),
        ("user = eve and id = 1", False),
        ("user = ada and id = 1", AllOf((Comparison("id", "=", 1),))),
        ("user = eve or id = 1", AnyOf((Comparison("id", "=", 1),))),
        ("order_id < id", Comparison("id", ">", "9007199254740993")),
        ("id >= order_id", Comparison("id", ">=", "9007199254740993")),
        ("missing < id", False),
        ("age > 5", Comparison("age", ">", 5)),
        ("size > 1 and class = Send*", True),
    ],
)
def test_what_a_body_leaves_of_a_rule(rule: str, left: Condition | bool) -> None:
    known = {name: value for name, value in JOB.items() if is_from_body(name)}
    condition = parse_rule(rule, "job").condition
    given = condition.given(known.get)
    assert given == left
    assert (given if isinstance(given, bool) else given.holds(JOB.get)) is condition.holds(JOB.get)


def test_a_field_that_could_not_be_read_leaves_a_rule_open() -> None:
    condition = parse_rule("user = ada and nobody = knows", "job").condition
    assert condition.given(JOB.get) is False
    assert condition.given(JOB.get, {"body.nobody"}) is True


@pytest.mark.parametrize("comparison", ["> 0", "< 0", ">= 0", "<= 0", "== 0", "!= 0"])
def test_what_is_not_known_fulfils_nothing(comparison: str) -> None:
    tube, history = Tube("a", 0.0), History()
    for field in TUBE_FIELDS:
        assert not parse_rule(f"{field} {comparison}").holds(tube_values(tube, history))
    for field in SERVER_FIELDS:
        rule = parse_rule(f"{field} {comparison}", "server")
        assert not rule.holds(server_values(Server(), history))


@pytest.mark.parametrize(
    ("of", "rule", "sentence"),
    [
        ("tube", "", "a field is missing at the end (at character 1)"),
        ("tube", "burried > 0", "a tube has no field burried, did you mean buried? (at character 1)"),
        ("tube", "ready > 1 and x > 2", "a tube has no field x; there are ready, urgent"),
        ("tube", "timeouts > 1", "timeouts is a field of servers, not of tubes"),
        ("server", "watching > 1", "watching is a field of tubes, not of servers"),
        ("tube", "ready ! 1", "ready must be followed by one of < <= = != >= >, not '!' (at character 7)"),
        ("tube", "ready", "must be followed by one of < <= = != >= >, but nothing follows (at character 6)"),
        ("tube", "ready >", "ready is compared with a number such as 10 or 1.5k, but nothing follows"),
        ("tube", "ready > many", "not 'many' (at character 9)"),
        ("tube", "ready > 10s", "ready is not a duration, but 10s is (at character 9)"),
        ("tube", "drain > 10x", "no number ends in x: there are s m h d y and k M G T P E"),
        ("tube", "ready > 1 buried > 0", "'and' or 'or' is missing before 'buried' (at character 11)"),
        ("tube", "ready > 1 and", "a field is missing at the end (at character 14)"),
        ("tube", "drain > 4h 2d", "'4h 2d' is not a duration: use 30s, 5m or 2d 4h (at character 9)"),
        ("tube", "drain > 2d 5", "'and' or 'or' is missing before '5' (at character 12)"),
        ("tube", "(ready > 1", "this bracket is not closed (at character 1)"),
        ("tube", "(ready > 1 buried > 2)", "'or' is missing before 'buried' (at character 12)"),
        ("tube", "ready > 1)", "this bracket was not opened (at character 10)"),
        ("tube", "()", "a comparison begins with a field, not ')' (at character 2)"),
        ("tube", "5 > ready", "a comparison begins with a field, not '5' (at character 1)"),
        ("tube", "ready > burried", "a tube has no field burried, did you mean buried? (at character 9)"),
        ("tube", "ready > drain", "ready cannot be compared with drain (at character 9)"),
        ("tube", "ready > 1k or buried > workers", "workers is a field of servers, not of tubes"),
        ("tube", "(" * 60 + "ready > 1", "more than 50 brackets are nested"),
        ("server", "draining = yes", "draining is compared with a number such as 1 or 0, not 'yes'"),
        ("server", "cpu > ninety", "cpu is compared with a number such as 0.5 or 50%, not 'ninety'"),
        ("server", "cpu > much", "cpu is compared with a number such as 0.5 or 50%, not 'much'"),
        ("server", "binlog-size > 5x", "no number ends in x: there are B K M G T P E"),
        ("job", "state = burried", "no state is burried, did you mean buried? (at character 9)"),
        ("job", "state > ready", "state is a text: compare it by = or != (at character 7)"),
        ("job", "tube = ", "tube is compared with a text or a number, but nothing follows"),
        ("job", 'user = "ada', "this text has no closing quote (at character 8)"),
        ("job", "user > 'ada'", "a text is compared by = or !=, not by > (at character 8)"),
        ("job", "id = 'ada'", "id is compared with a number such as 10 or 1.5k, not \"'ada'\""),
        ("job", "id = state", "id cannot be compared with state (at character 6)"),
        ("job", "user = ada lovelace", "'and' or 'or' is missing before 'lovelace'"),
        ("job", "<= 5", "a comparison begins with a field, not '<='"),
        ("job", "size > 5x", "no number ends in x: there are B K M G T P E"),
        ("job", "order_id > 5x", "no number ends in x: there are s m h d y and k M G T P E"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence_with_its_place(of: Subject, rule: str, sentence: str) -> None:
    with pytest.raises(RuleError) as mistake:
        parse_rule(rule, of)
    assert sentence in str(mistake.value)


_words = st.sampled_from([
    *TUBE_FIELDS, *JOB_FIELDS, "body.x", "a.b", "x", ">", "<=", "=", "!=", "and", "or", "(", ")",
    "10", "5m", "1k", "-1", "64KB", "50%", "'x y'", '"*?"', "'", '"', "*", "[", "\\",
])  # fmt: skip


@given(st.one_of(st.text(), st.lists(_words).map(" ".join)))
def test_anything_is_a_rule_or_a_mistake(text: str) -> None:
    for of in get_args(Subject):
        for value in (1.0, "1", "ada\n*", None):
            with suppress(RuleError):
                rule = parse_rule(text, of)
                rule.holds(lambda _, value=value: value)  # type: ignore[misc]
                rule.condition.given(lambda _, value=value: value)  # type: ignore[misc]


class Written(NamedTuple):
    """A rule as text, and what an evaluator that knows nothing of the reader says of it."""

    text: str
    holds: Callable[[dict[str, int]], bool]


def compared(field: str, comparison: str, other: int | str) -> Written:
    signs = {
        "<": operator.lt,
        "<=": operator.le,
        "=": operator.eq,
        "!=": operator.ne,
        ">": operator.gt,
    }

    def holds(values: dict[str, int]) -> bool:
        return bool(signs[comparison](values[field], values.get(str(other), other)))

    return Written(f"{field} {comparison} {other}", holds)


_names = st.sampled_from(["ready", "buried", "delayed"])
_comparisons = st.builds(
    compared, _names, st.sampled_from(["<", "<=", "=", "!=", ">"]), st.integers(0, 3) | _names
)


def combined(inner: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    """Rules in brackets; and chains of these, in which `and` binds tighter than `or`."""

    def chain(first: Written, rest: list[tuple[bool, Written]]) -> Written:
        text, groups = first.text, [[first]]
        for is_and, part in rest:
            text += f" {'and' if is_and else 'or'} {part.text}"
            if is_and:
                groups[-1].append(part)
            else:
                groups.append([part])
        return Written(
            f"({text})",
            lambda values: any(all(one.holds(values) for one in group) for group in groups),
        )

    return st.builds(chain, inner, st.lists(st.tuples(st.booleans(), inner), max_size=3))


@given(
    combined(st.recursive(_comparisons, combined, max_leaves=8)),
    st.fixed_dictionaries({name: st.integers(0, 3) for name in ("ready", "buried", "delayed")}),
)
def test_brackets_and_precedence_mean_what_they_say(rule: Written, values: dict[str, int]) -> None:
    fields = {name: operator.itemgetter(name) for name in values}
    for text in (rule.text, rule.text[1:-1]):
        parsed = parse_rule(text)
        assert parsed.holds(values.get) is rule.holds(values)
        assert compiled(parsed.condition, fields)(values) is rule.holds(values)


@given(st.text("ab*?\\[.", max_size=12), st.text("ab[.\\", max_size=12))
def test_a_pattern_means_what_a_slow_evaluator_says(pattern: str, text: str) -> None:
    def fits(left: str, rest: str) -> bool:
        if left[:1] == "*":
            return fits(left[1:], rest) or (rest != "" and fits(left, rest[1:]))
        if not left or not rest:
            return left == rest
        return left[0] in ("?", rest[0]) and fits(left[1:], rest[1:])

    assert Pattern(pattern).matches(text) is fits(pattern, text)


def test_a_pattern_of_many_wildcards_reads_a_megabyte() -> None:
    assert not Pattern("*a" * 1000 + "*b*").matches("a" * 2**20)


def test_a_number_without_end_is_more_than_any() -> None:
    for number in ("9" * 5000, "9" * 5000 + "d"):
        assert parse_rule(f"drain < {number}").holds(lambda _: 2.0**64)


@given(st.lists(_words, min_size=3).map(" ".join))
def test_a_rule_reads_its_own_text_the_same(text: str) -> None:
    try:
        rule = parse_rule(text)
    except RuleError:
        return
    assert parse_rule(rule.text) == rule


def test_a_tube_that_never_drains_takes_longer_than_any_time() -> None:
    unwatched = Tube("a", 0.0, ready=5, watching=0)
    paused = Tube("a", 0.0, ready=5, watching=1, pause_time_left=9)
    empty = Tube("a", 0.0, ready=0, watching=0)
    rule = parse_rule("drain > 365d")
    assert rule.holds(tube_values(unwatched, History()))
    assert not rule.holds(tube_values(paused, History()))
    assert not rule.holds(tube_values(empty, History()))


def server_rule(rule: str, *servers: Server) -> bool:
    """Whether a rule holds after these polls of a server."""
    history = History()
    for server in servers:
        history.add(Snapshot(server.taken_at, 0.0, server, {}), 1.0)
    return parse_rule(rule, "server").holds(server_values(servers[-1], history))


@pytest.mark.parametrize(
    ("rule", "stats", "expected"),
    [
        ("draining = 1", {"draining": "true"}, True),
        ("draining = 0", {"draining": "false"}, True),
        ("draining = 0", {}, False),
        ("binlog-files = 3", {"binlog-oldest-index": 5, "binlog-current-index": 7}, True),
        ("binlog-files = 0", {"binlog-oldest-index": 0, "binlog-current-index": 0}, True),
        ("binlog-files >= 0", {"binlog-current-index": 7}, False),
        (
            "binlog-size = 30MB",
            {"binlog-oldest-index": 5, "binlog-current-index": 7, "binlog-max-size": 10 * 2**20},
            True,
        ),
        ("binlog-size = 0", {"binlog-current-index": 0, "binlog-max-size": 10}, False),
        ("urgent > waiting", {"current-jobs-urgent": 2, "current-waiting": 1}, True),
        ("workers = 0 and producers > 0", {"current-workers": 0, "current-producers": 2}, True),
    ],
)
def test_a_rule_about_a_server(rule: str, stats: Stats, expected: bool) -> None:
    assert server_rule(rule, Server(1.0, stats)) is expected


def test_processor_time_is_the_share_of_one_core_between_polls() -> None:
    before = Server(0.0, {"id": "a", "rusage-utime": "1.0", "rusage-stime": "1.0"})
    after = Server(10.0, {"id": "a", "rusage-utime": "8.0", "rusage-stime": "3.0"})
    assert server_rule("cpu = 90% and cpu = 0.9", before, after)
    assert not server_rule("cpu >= 0", after)
    assert not server_rule("cpu >= 0", before, Server(10.0, {**after.stats, "id": "b"}))


def test_the_oldest_file_of_a_binlog_is_as_old_as_it_was_seen() -> None:
    polls = [
        Server(at, {"id": id, "binlog-oldest-index": oldest, "binlog-current-index": 9})
        for at, id, oldest in ((0.0, "a", 4), (5.0, "a", 5), (65.0, "a", 5), (70.0, "b", 5))
    ]
    assert server_rule("binlog-age = 1m", *polls[:3])
    assert server_rule("binlog-age = 0", *polls)
    assert not server_rule("binlog-age >= 0", Server(0.0, {"binlog-oldest-index": 0}))


def test_the_fields_of_a_real_server_are_known(server: Beanstalkd) -> None:
    with server.client() as client:
        polls = Server(0.0, client.stats()), Server(1.0, client.stats())
    unknown = [field for field in SERVER_FIELDS if not server_rule(f"{field} >= -1k", *polls)]
    assert unknown == ["binlog-age"]  # it was started without a binlog
