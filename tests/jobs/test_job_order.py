"""Lists of very many jobs, which are put in order only now and then."""

import pytest

from beantop.beanstalk import State
from beantop.jobs import job_order
from beantop.jobs.job_info import JobInfo, listed
from beantop.jobs.job_order import QUIET_RESTS, RESTS, JobOrder, ListQuery


def job(id: int, state: State = "ready", age: int = 0) -> JobInfo:
    return listed(id, {"tube": "a", "state": state, "age": age}, 0.0)


def jobs(*some: JobInfo) -> dict[int, JobInfo]:
    return {job.id: job for job in some}


def test_a_wish_is_for_some_jobs_in_some_order() -> None:
    some = [job(3, age=5), job(1, "buried", 7), job(2, age=9)]
    assert ListQuery().of(some) == [1, 2, 3]
    assert ListQuery(by_id=False).of(some) == [3, 1, 2]
    assert ListQuery("ready").of(some) == [2, 3]
    assert ListQuery(keeps=lambda job: job.id > 1, order=lambda job: job.age or 0).of(some) == [
        3,
        2,
    ]
    assert ListQuery(order=lambda job: job.age or 0, descending=True).of(some) == [2, 1, 3]


def test_what_took_long_to_order_stays_so_for_a_while_without_those_that_went() -> None:
    clock = [0.0]

    def slowly(_: JobInfo) -> bool:
        clock[0] += 1.0
        return True

    order, wish = JobOrder(lambda: clock[0]), ListQuery(keeps=slowly)
    assert order.ids(wish, jobs(job(1), job(2))) == [1, 2]
    clock[0] = 2 * RESTS
    assert order.ids(wish, jobs(job(0), job(2), job(3))) == [2]
    clock[0] = 2 * RESTS + 0.1
    assert order.ids(wish, jobs(job(0), job(2), job(3))) == [0, 2, 3]


def test_on_demand_a_list_is_put_in_order_before_it_is_time() -> None:
    order = JobOrder(lambda: 0.0)
    assert order.ids(ListQuery(), jobs(job(1))) == [1]
    order.invalidate()
    assert order.ids(ListQuery(), jobs(job(1), job(2))) == [1, 2]


def test_a_long_list_to_which_nothing_comes_is_seldom_put_in_order_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(job_order, "LONG", 2)
    clock, asked = [0.0], 0

    def slowly(_: JobInfo) -> bool:
        nonlocal asked
        clock[0] += 1.0
        asked += 1
        return True

    order, wish, found = JobOrder(lambda: clock[0]), ListQuery(keeps=slowly), jobs(job(1), job(2))
    for second in range(round(2 * QUIET_RESTS)):
        clock[0] = max(clock[0], second)
        assert order.ids(wish, found) == [1, 2]
    assert asked == len(found)


def test_another_wish_is_fulfilled_at_once() -> None:
    order = JobOrder(lambda: 0.0)
    found = jobs(job(1), job(2, "buried"))
    assert order.ids(ListQuery(), found) == [1, 2]
    assert order.ids(ListQuery("buried"), found) == [2]
