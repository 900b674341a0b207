"""The demo's server answers like beanstalkd, to the byte, at any time."""

import pytest

from tests.demo.comparison import compare, steps


@pytest.mark.timeout(240)  # 10 s, but all of it is talk between processes: a busy machine is slow
@pytest.mark.parametrize("conversations", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_random_conversations_are_answered_as_by_the_original(conversations: int) -> None:
    steps.clear()
    compare(conversations=conversations)
    assert steps.total() >= 150 * conversations  # so that it cannot silently do less
