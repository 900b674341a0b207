"""Bodies from the wild: what they are, what is shown of them, and that all of it is found."""

import pytest

from beantop.app.view.words import Words
from beantop.formatting import printable
from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.bodies.job_error import job_error
from beantop.jobs.bodies.texts import Texts
from beantop.jobs.bodies.views import views
from tests.jobs.producers import CLASSES, ERRORS
from tests.jobs.wild_bodies import WILD

ALL = {
    **{name: body for name, (body, *_) in WILD.items()},
    **{f"{name} (class)": body for name, (body, _) in CLASSES.items()},
    **{f"{name} (error)": body for name, (body, *_) in ERRORS.items()},
}


@pytest.mark.parametrize(
    ("body", "view", "class_name", "problem", "lines"), WILD.values(), ids=WILD
)
def test_what_is_met_in_the_wild_is_recognized_to_its_core(
    body: bytes, view: str, class_name: str, problem: str, lines: list[str]
) -> None:
    best = views(body)[0]
    shown = list(best.lines())
    assert (best.name, best.problem, job_class(body)) == (view, problem, class_name)
    assert [line for line in lines if line not in shown] == []
    assert job_error(body) is None


@pytest.mark.parametrize("body", ALL.values(), ids=ALL)
def test_each_line_of_each_view_is_found_and_highlighted(body: bytes) -> None:
    for view in views(body):
        if view.name.endswith("hex"):
            continue
        for line in map(printable, view.lines()):
            assert any(line in text for text in Texts(body))
            for word in filter(_is_plain, line.split()):
                words = Words(word)
                assert words.match(more=Texts(body, "", words.parts)), word
                assert words.find(line), word


def _is_plain(word: str) -> bool:
    """Whether a filter takes the word as it is, not as a sign of its own."""
    return not word.startswith(("!", "/")) and "|" not in word
