"""The README shows the program as it is."""

import asyncio

import pytest

from screenshots.take import HERE, SHOTS, take


@pytest.mark.parametrize("name", SHOTS)
def test_the_picture_is_that_of_today(name: str) -> None:
    committed = (HERE / f"{name}.svg").read_text()
    assert committed == asyncio.run(take(name)), "run: python -m screenshots.take"
