"""The README shows the program as it is."""

import asyncio

from screenshots.take import HERE, take_all


def test_the_pictures_are_those_of_today() -> None:
    today = asyncio.run(take_all())
    assert {path.stem for path in HERE.glob("*.svg")} == today.keys()
    for name, picture in today.items():
        committed = (HERE / f"{name}.svg").read_text()
        assert committed.splitlines() == picture.splitlines(), "run: python -m screenshots.take"
