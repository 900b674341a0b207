"""The program left open: nothing grows with the time. By hand, for an hour and more:
`python -m tests.app.fast_forward 3600`."""

import asyncio

import pytest

from tests.app.fast_forward import live_through


@pytest.mark.long
def test_nothing_piles_up_while_it_is_left_open() -> None:
    first, *_, last = asyncio.run(live_through(75, step=25))
    assert last.objects < first.objects * 1.01
