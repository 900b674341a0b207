"""File operations with a time limit."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event

import pytest

from beantop.jobs import aside
from beantop.jobs.aside import MAX_WAITING, Aside, in_time, in_time_async
from tests.beanstalkd import wait_until


@contextmanager
def held() -> Iterator[Event]:
    """Blocks like a file on a dead disk."""
    answers = Event()
    try:
        yield answers
    finally:
        answers.set()


def fail() -> None:
    raise FileNotFoundError(2, "No such file or directory")


def test_a_result_and_an_error_come_from_the_thread() -> None:
    assert in_time(lambda: 7) == 7
    with pytest.raises(FileNotFoundError):
        in_time(fail)

    async def main() -> None:
        assert await in_time_async(lambda: 7) == 7
        with pytest.raises(FileNotFoundError):
            await in_time_async(fail)

    asyncio.run(main())


def test_what_does_not_answer_is_an_error_of_a_file() -> None:
    async def main() -> None:
        await in_time_async(answers.wait, 0.05)

    with held() as answers, pytest.raises(OSError, match=r"did not answer within 0.05 s"):
        in_time(answers.wait, 0.05)
    with held() as answers, pytest.raises(OSError, match=r"did not answer within 0.05 s"):
        asyncio.run(main())


def test_everything_else_goes_on_meanwhile() -> None:
    async def main() -> None:
        waiting = asyncio.create_task(in_time_async(answers.wait))
        await asyncio.sleep(0)
        answers.set()  # the event loop does, so it does not wait
        assert await waiting

    with held() as answers:
        asyncio.run(main())


def test_work_is_done_in_its_order() -> None:
    done: list[int] = []
    ours = Aside()
    for number in range(100):
        ours.do(partial(done.append, number))
    assert ours.settle(10)
    assert done == list(range(100))


def test_what_is_held_up_is_late_and_does_not_grow_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[int] = []
    ours = Aside()
    assert ours.settle(0)
    with held() as answers:
        ours.do(answers.wait)
        for number in range(2 * MAX_WAITING):
            ours.do(partial(done.append, number))
        assert not ours.settle(0)
        monkeypatch.setattr(aside, "PATIENCE", 0.0)
        wait_until(lambda: ours.is_late, "it is late")
    assert ours.settle(10)
    wait_until(lambda: not ours.is_late, "nothing is late")
    assert len(done) < MAX_WAITING
