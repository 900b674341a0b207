"""Which jobs of a list are shown."""

import pytest

from beantop.app.view.job_filter import FIELDS, JobFilter, always
from beantop.beanstalk import State
from beantop.jobs.body_reader import Passes
from beantop.jobs.job_info import JobInfo, listed
from beantop.monitor.fields import FROM_BODY, JOB_FIELDS


def job(id: int, state: State = "ready") -> JobInfo:
    return listed(id, {"state": state}, 0.0)


def test_ids_can_be_compared() -> None:
    only = JobFilter("id >= 4000 and id < 4100")
    assert [id for id in (3999, 4000, 4099, 4100) if only.keeps(job(id), {})] == [4000, 4099]


def test_ids_that_no_float_can_tell_apart_are_told_apart() -> None:
    largest, before = 2**64 - 1, 2**64 - 2
    for text in (f"id = {largest}", f"id > {before}", f"id != {before}"):
        assert [JobFilter(text).keeps(job(id), {}) for id in (before, largest)] == [False, True]


@pytest.mark.parametrize("shown", ["1y", "1.9y", "1y 0d", "2d 4h", "2d4h", "1m32s", "42s"])
def test_a_time_can_be_typed_as_it_is_shown(shown: str) -> None:
    only = JobFilter(f"age >= {shown} and id > 0")
    assert not only.problem
    assert only.keeps(listed(1, {"state": "ready", "age": 700 * 86_400}, 0.0), {})


def test_a_rule_can_ask_for_all_that_its_language_knows_of_a_job() -> None:
    assert {*FIELDS, *FROM_BODY} == set(JOB_FIELDS)


def test_the_name_of_a_state_is_no_word_of_bodies() -> None:
    only = JobFilter("Delayed plain")
    assert only.words.text == "plain"
    assert only.keeps(job(1, "delayed"), {1: always})
    assert not only.keeps(job(1, "ready"), {1: always})
    assert not only.keeps(job(1, "delayed"), {})


def test_states_alone_need_no_bodies() -> None:
    only = JobFilter("!ready|buried")
    assert not only.wants_bodies
    assert only.keeps(job(1, "delayed"), {})
    assert not only.keeps(job(1, "buried"), {})


def test_a_word_that_must_not_be_there_takes_the_bodies_to_know() -> None:
    only = JobFilter("!ocelot")
    assert not only.keeps(job(1), {})
    assert only.keeps(job(1), {1: always})


def test_results_that_come_later_are_seen_by_a_test_that_was_made_before() -> None:
    matched: dict[int, Passes] = {}
    for text in ("ocelot", "!ocelot", "/oce.ot/", "user = ada"):
        passes = JobFilter(text).test(matched)
        assert not passes(job(1))
        matched[1] = always
        assert passes(job(1))
        matched.clear()
        assert not passes(job(1))


def test_a_word_of_letters_is_in_no_id_and_a_word_of_digits_may_be() -> None:
    for text, shown in (("7", True), ("a|7", True), ("7 a", False), ("seven", False), ("", True)):
        assert JobFilter(text).test({})(job(17)) is shown, text


def test_between_slashes_a_sign_of_comparison_is_a_text() -> None:
    only = JobFilter("/to=ada/")
    assert not only.problem
    assert only.words.match('"to=ada"')


def test_between_slashes_blanks_belong_to_the_regular_expression() -> None:
    only = JobFilter('ready /"id": 1[0-9], "error" >/ !/a b/')
    assert only.words.text == '/"id": 1[0-9], "error" >/ !/a b/'
    assert only.words.match('{"id": 17, "error" > 3}')
    assert not only.words.match('{"id": 17, "error" > 3} a b')
    assert not only.words.match('{"id": 7, "error" > 3}')


def test_a_rule_that_cannot_be_read_keeps_nothing_and_tells_what_can_be_said() -> None:
    only = JobFilter("ttr = 120 | x")
    assert not only.keeps(job(1), {1: always})
    first, *more = only.problem.splitlines()
    assert first == "'and' or 'or' is missing before '|'"
    assert "id, priority, age" in more[0]
    assert "< <= = != >= >" in more[1]
