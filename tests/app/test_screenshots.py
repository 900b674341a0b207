"""The README shows the program as it is."""

import asyncio

from screenshots.take import HERE, take_all


def test_the_pictures_are_those_of_today() -> None:
    committed = {path.stem: path.read_text() for path in HERE.glob("*.svg")}
    assert committed == asyncio.run(take_all()), "run: python -m screenshots.take"
