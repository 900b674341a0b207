"""Questions that actions ask, as values: dialogs show them, a command line answers them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from beantop.app.view.lines import Line
from beantop.beanstalk import State
from beantop.formatting import parse_duration, read_whole, without_commas

if TYPE_CHECKING:
    from beantop.jobs.trash.deletion import Summary

Answer_co = TypeVar("Answer_co", covariant=True)


About: TypeAlias = Literal["change", "create", "finish", "undo", "how many", "how long", "rate"]
"""What a question is about. A command line answers each by another option."""


@dataclass(frozen=True)  # with slots, Python 3.11 cannot subclass a subscripted Generic
class Question(Generic[Answer_co]):
    """A title, lines that say what is at stake, and an answer of one type; None is no answer."""

    title: str
    lines: Sequence[Line]
    about: About = field(default="change", kw_only=True)
    count: int = field(default=1, kw_only=True)
    """The number of jobs or tubes that are changed."""


@dataclass(frozen=True)
class Confirm(Question[bool]):
    """Yes or no; `yes` and `no` say what each answer does."""

    yes: str
    no: str = "Cancel"


@dataclass(frozen=True)
class AskNumber(Question[int]):
    """A number from `least` to `most`; `read` turns what was typed into it."""

    read: Callable[[str], int | None]
    most: int
    hint: str
    """What an empty line shows."""
    least: int = 1
    usual: int | None = None
    """The number that `y` takes while nothing is typed; None if there is none."""
    usually: str = ""
    """What `y` does: "kick all 12"."""
    yes: str = "confirm"
    """What `enter` does."""
    word: str = ""
    """A word that stands for `most`: "all"; "" for none."""
    too_many: str = ""
    """A sentence: what is said when a larger number is lowered to `most`; "" to refuse it."""


@dataclass(frozen=True)
class Offer:
    """One more answer to a question, with a key of its own. It must lead to another question."""

    key: str
    """A letter that occurs in no answer that can be typed."""
    label: str


@dataclass(frozen=True)
class OrElse(Question[Answer_co | Offer]):
    """A question with an offer."""

    question: Question[Answer_co]
    offer: Offer


def or_else(question: Question[Answer_co], offer: Offer) -> OrElse[Answer_co]:
    """Return the question with the offer."""
    about, count = question.about, question.count
    return OrElse(question.title, question.lines, question, offer, about=about, count=count)


@dataclass(frozen=True)
class AskText(Question[str]):
    """A text in which `check` finds nothing wrong: it returns a sentence, or ""."""

    hint: str
    yes: str
    """What `enter` does."""
    check: Callable[[str], str] = lambda text: ""
    complete: Callable[[str], str] | None = None
    """Returns the text that begins with what was typed, or ""."""
    text: str = ""
    """What is in the line already."""
    answered: Callable[[str], str] | None = None
    """Returns the title of the question whether to do it with this text; None to keep `title`."""


@dataclass(frozen=True)
class PickState(Question[State]):
    """One of the states in `counts`, which are shown with their numbers of jobs."""

    counts: Mapping[State, int | None]


@dataclass(frozen=True)
class PickDeletion(Question["Summary"]):
    """One of the deletions in the trash, the newest first."""

    deletions: "Sequence[Summary]"
    now: float
    """Unix time."""


@dataclass(frozen=True)
class Read(Question[None]):
    """Something to be read and closed again."""


def read_count(text: str) -> int | None:
    """Read a number of jobs as people type it.

    >>> read_count("8"), read_count("1,204"), read_count("1,2"), read_count("2h"), read_count("9" * 5_000)
    (8, 1204, None, None, None)
    """
    return read_whole(without_commas(text.strip()))


def read_rate(text: str) -> int | None:
    """Read a number of jobs per second as people type it.

    >>> read_rate("50/s"), read_rate("50"), read_rate("1,000 / S"), read_rate("50/m")
    (50, 50, 1000, None)
    """
    return read_count(text.lower().replace(" ", "").removesuffix("/s"))


def read_seconds(text: str) -> int | None:
    """Read a duration as people type it, in whole seconds, at least as long as that.

    >>> read_seconds("90"), read_seconds("10M"), read_seconds("1.5h"), read_seconds("1,5h")
    (90, 600, 5400, None)
    >>> read_seconds("0.4s"), read_seconds("0")
    (1, 0)
    """
    try:
        return ceil(parse_duration(without_commas(text.lower())))
    except ValueError:
        return None
