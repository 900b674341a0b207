"""The columns of a list of jobs, and the order by them."""

from beantop.app.view.job_columns import LEFT, ORDERS
from beantop.app.view.job_filter import JobFilter
from beantop.jobs.job_info import OUT_OF_REACH, listed
from beantop.jobs.listing import JobRow


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
