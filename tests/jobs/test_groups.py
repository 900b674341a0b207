"""Groups of jobs."""

import pytest

from beantop.jobs.groups import AGE_WORDS, GROUPINGS, SIZE_WORDS, Group, facts_of, groups_of
from beantop.jobs.job_info import JobInfo

MAIL = b'{"displayName": "App\\\\Jobs\\\\SendMail", "job": "x", "id": %d}'


def job(id: int, **fields: object) -> JobInfo:
    known = {
        "tube": "emails", "state": "buried", "priority": 5, "age": 10, "reserves": 1, "seen_at": 100.0,
    }  # fmt: skip
    values = dict.fromkeys(JobInfo._fields) | {"id": id} | known | fields
    return JobInfo(**values)  # type: ignore[arg-type]  # as the fields demand


JOBS = [
    job(1, age=5000, reserves=3),
    job(2, age=50, state="ready"),
    job(3, age=700_000, tube="push", priority=None),
    job(4, age=None, state=None, reserves=None),
]
FACTS = {1: facts_of(MAIL % 1), 2: facts_of(MAIL % 2), 3: facts_of(b"ping"), 4: facts_of(b"ping")}


def grouped(by: str, now: float = 100.0) -> dict[tuple[str, ...], Group]:
    return {group.key: group for group in groups_of(JOBS, FACTS, GROUPINGS[by], now)}


def test_a_group_has_counts_ages_and_reserves() -> None:
    mail, other = grouped("class", now=107.9).values()
    assert (mail.key, mail.ids, mail.count) == (("App\\Jobs\\SendMail",), [1, 2], 2)
    assert (mail.states, mail.reserves) == ({"buried": 1, "ready": 1}, 4)
    assert (mail.oldest, mail.newest) == (5007, 57)
    assert (other.key, other.ids, other.states) == (("",), [3, 4], {"buried": 1, None: 1})
    assert (other.oldest, other.newest) == (700_007, 700_007)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("class", {("App\\Jobs\\SendMail",): [1, 2], ("",): [3, 4]}),
        ("tube", {("emails",): [1, 2, 4], ("push",): [3]}),
        ("state", {("buried",): [1, 3], ("ready",): [2], ("",): [4]}),
        ("priority", {("5",): [1, 2, 4], ("",): [3]}),
        ("age", {("1h to 6h",): [1], ("under 1m",): [2], ("7d and more",): [3], ("",): [4]}),
        ("size", {("under 128 B",): [1, 2, 3, 4]}),
    ],
)
def test_each_job_is_in_the_group_of_its_words(
    by: str, expected: dict[tuple[str, ...], list[int]]
) -> None:
    assert {key: group.ids for key, group in grouped(by).items()} == expected


def test_only_bodies_that_are_there_twice_are_a_group_of_equal_bodies() -> None:
    ((key, group),) = grouped("same").items()
    assert (key[0], group.ids) == ("ping", [3, 4])


def test_a_job_whose_body_was_not_read_is_in_no_group_of_bodies() -> None:
    read = {1: FACTS[1]}
    assert [group.ids for group in groups_of(JOBS, read, GROUPINGS["class"], 100.0)] == [[1]]
    by_tube = groups_of(JOBS, {}, GROUPINGS["tube"], 100.0)
    assert [group.ids for group in by_tube] == [[1, 2, 4], [3]]


@pytest.mark.parametrize(("by", "words"), [("age", AGE_WORDS), ("size", SIZE_WORDS)])
def test_ranges_have_a_natural_order(by: str, words: tuple[str, ...]) -> None:
    order = GROUPINGS[by].order
    assert order
    assert [order((word,)) for word in ("", *words)] == list(range(-1, len(words)))


def test_fields_that_differ_only_far_behind_are_not_one_group() -> None:
    bodies = [b'{"url": "%s%s"}' % (b"x" * 100, end) for end in (b"A", b"B", b"B")]
    bodies += [b'{"url": ""}', b'{"url": null}', b"{}"]
    values = [facts_of(body, path="url").field for body in bodies]
    assert values[0] != values[1] == values[2]
    assert values[0].startswith("x" * 100 + "… ")
    assert values[3:] == ['""', "null", ""]
