"""The columns of a list of jobs, and the order by them."""

from beantop.app.view.column import Column, sortable
from beantop.app.view.job_columns import COLUMNS, LETTERS, ORDERS, job_columns
from beantop.app.view.job_filter import JobFilter
from beantop.jobs.job_info import OUT_OF_REACH, listed
from beantop.jobs.listing import JobRow


def column(key: str) -> Column[JobRow]:
    return next(column for column in job_columns(200) if column.key == key)


LEFT = column("left")


def test_by_what_is_left_a_job_of_which_that_is_not_known_comes_after_a_late_one() -> None:
    ready = listed(1, {"state": "ready", "time-left": 0}, 0.0)
    late = listed(2, {"state": "reserved", "time-left": -5}, 0.0)
    delayed = listed(3, {"state": "delayed", "time-left": 60}, 0.0)
    in_order = sorted([ready, late, delayed], key=ORDERS["left"], reverse=True)
    assert [LEFT.cell(JobRow(job, None))[0] for job in in_order] == ["1m0s", "-5s", "–"]


def test_a_time_left_that_overflowed_is_overdue() -> None:
    late = listed(1, {"state": "reserved", "time-left": 18446743634413}, 0.0)
    assert LEFT.cell(JobRow(late, None)) == ("-5d 2h", "bad")
    assert JobFilter("left < -5d").keeps(late, ())


def test_what_a_parked_job_has_to_wait_is_not_a_time() -> None:
    parked = listed(1, {"state": "delayed", "time-left": OUT_OF_REACH - 10}, 0.0)
    assert LEFT.cell(JobRow(parked, None))[0] == "parked"


def test_each_column_that_sorts_has_a_letter_of_its_own_and_an_order() -> None:
    every = {column.key for column in sortable(job_columns(10_000))}
    assert every == LETTERS.keys() == ORDERS.keys()
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_a_wider_window_has_the_columns_of_a_narrower_one_in_the_same_order() -> None:
    for with_tube in (False, True):
        wide = [one.key for one in job_columns(200, with_tube=with_tube)]
        assert wide == [key for key in COLUMNS if with_tube or key != "tube"]
        for width in range(40, 200):
            keys = [one.key for one in job_columns(width, with_tube=with_tube)]
            assert keys == [key for key in wide if key in keys]
