"""The README shows the program as it is."""

import asyncio
import re

import pytest

from screenshots.take import HERE, take_all


def _text(picture: str) -> list[str]:
    """The words of a picture, line by line: they differ in fewer places than the SVG."""
    return [text.replace("&#160;", " ") for text in re.findall(r"<text [^>]*>([^<]*)", picture)]


@pytest.mark.long
@pytest.mark.usefixtures("finds_by_itself")
def test_the_pictures_are_those_of_today() -> None:
    today = asyncio.run(take_all())
    committed = {path.stem: path.read_text() for path in HERE.glob("*.svg")}
    assert committed.keys() == today.keys()
    for name, picture in today.items():
        assert _text(committed[name]) == _text(picture), name
        assert committed[name] == picture, f"{name}: run python -m screenshots.take"
