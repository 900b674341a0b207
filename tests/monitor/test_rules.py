"""The rules that alerts and checks are made of."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beantop.monitor.history import History
from beantop.monitor.rules import (
    SERVER_FIELDS,
    TUBE_FIELDS,
    RuleError,
    Subject,
    parse_rule,
    server_values,
    tube_values,
)
from beantop.monitor.snapshot import Server, Tube


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
        ("tube", "ready ! 1", "after ready comes one of < <= = != >= >, not '!' (at character 7)"),
        ("tube", "ready", "comes one of < <= = != >= >, but nothing follows (at character 6)"),
        ("tube", "ready >", "ready is compared with a number such as 10 or 1.5k, but nothing follows"),
        ("tube", "ready > many", "not 'many' (at character 9)"),
        ("tube", "ready > 10s", "ready is not a duration, but 10s is (at character 9)"),
        ("tube", "drain > 10x", "no number ends in x: there are s m h d y and k M G T P E"),
        ("tube", "ready > 1 buried > 0", "comparisons are joined by and, or, not 'buried' (at character 11)"),
        ("tube", "ready > 1 and", "a field is missing at the end (at character 14)"),
        ("tube", "drain > 4h 2d", "'4h 2d' is not a duration: use 30s, 5m or 2d 4h (at character 9)"),
        ("tube", "drain > 2d 5", "comparisons are joined by and, or, not '5' (at character 12)"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence_with_its_place(of: Subject, rule: str, sentence: str) -> None:
    with pytest.raises(RuleError) as mistake:
        parse_rule(rule, of)
    assert sentence in str(mistake.value)


_words = st.sampled_from([*TUBE_FIELDS, ">", "<=", "=", "and", "or", "10", "5m", "1k", "-1", "x"])


@given(st.one_of(st.text(), st.lists(_words).map(" ".join)))
def test_anything_is_a_rule_or_a_mistake(text: str) -> None:
    subjects: tuple[Subject, ...] = ("tube", "server")
    for of in subjects:
        with suppress(RuleError):
            parse_rule(text, of).holds(lambda _: 1.0)


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
