"""The user of actions who typed a command: options answer the questions."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from beantop.app.action_context import Progress
from beantop.app.actions.confirmation import PRODUCTION
from beantop.app.questions import AskNumber, AskText, Confirm, OrElse, Question
from beantop.ending import ended_by
from beantop.exit_codes import INCOMPLETE, OK
from beantop.report.output import say

T = TypeVar("T")

UNDO = "beantop undo"

PROGRESS_EVERY = 2.0
"""Seconds between two lines about the progress, on a terminal."""

LAST_BATCH = 8.0
"""Seconds for the batch that is on its way when a signal stops an action."""


@dataclass(frozen=True)
class Answers:
    """What the options of a command line answer."""

    yes: bool = False
    """Whether to change any number of jobs."""
    yes_to: int | None = None
    """Change the jobs if they are that many; None if no number was given."""
    text: str = ""
    """A destination, or a new priority and delay."""
    creates: bool = False
    """Whether a tube that does not exist may be created."""
    number: int | None = None
    """How many jobs of a tube to kick at most; None for all."""
    rate: int | None = None
    """Jobs per second of a careful kick."""
    undoes: bool = False
    """Whether to finish what was cut off, too."""
    only_asks: bool = False
    """Whether this is a dry run: note the question and decline it."""


class CommandUser:
    """Answers questions from options. It cannot be asked anything else."""

    undo = UNDO
    remembers = False

    def __init__(self, answers: Answers, tell: Callable[[int, str], int]) -> None:
        """`tell` says a sentence, given an exit code."""
        self.why_off = ""
        self.has_begun = False
        """Whether anything may have been changed."""
        self.is_unanswered = False
        """Whether an option was missing."""
        self.has_failed = self.has_changed = False
        self.asked: Question[Any] | None = None
        """The last question before a change."""
        self.number = 0
        """The number of jobs or tubes that it was about."""
        self.ended: int | None = None
        """The exit code for the signal that stopped the action, if one did."""
        self._answers, self._tell = answers, tell
        self._text_is_used = False

    async def ask(self, question: Question[T]) -> T | None:
        """Return the answer; None, after naming the option that would answer it, if there is none."""
        answer: Any = self._answer(question)
        return answer  # type: ignore[no-any-return]  # the types of questions are those of answers

    def _answer(self, question: Question[Any]) -> object:
        match question:
            case OrElse():
                return self._answer(question.question)
            case Confirm():
                return self._agrees(question, question.count) or None
            case AskNumber(about="how many"):
                number = min(self._answers.number or question.most, question.most)
                exactly = question.usual is None and not question.word
                return number if self._agrees(question, number, exactly=exactly) else None
            case AskNumber(about="rate"):
                return self._answers.rate if self._agrees(question, question.count) else None
            case AskNumber():
                exactly = not question.word
                agreed = self._agrees(question, question.most, exactly=exactly)
                return question.most if agreed else None
            case AskText():
                return self._text_for(question)
        return self._lacks(question, "no option answers this; use the dashboard") or None

    def _text_for(self, question: AskText) -> str | None:
        """Return the text of the command line, once: asked again, there is no other."""
        text = self._answers.text
        if self._text_is_used:
            return None
        self._text_is_used = True
        if why_not := question.check(text):
            self.is_unanswered = True
            self.fail(why_not)
            return None
        if question.answered:
            question = replace(question, title=question.answered(text))
        return text if self._agrees(question, question.count) else None

    def _agrees(self, question: Question[Any], count: int, *, exactly: bool = False) -> bool:
        """Return whether the options agree to this change of `count` jobs, and tell what the question warns
        of. The number must be given if the screen wants it typed: `exactly`."""
        if question.about != "create":
            self.asked, self.number = question, count
        if self._answers.only_asks:
            return question.about == "create"
        if why_not := self._why_not(question, count, exactly=exactly):
            return self._lacks(question, why_not)
        for sentence in _told(question):
            self.say(sentence)
        return True

    def _why_not(self, question: Question[Any], count: int, *, exactly: bool) -> str:
        """Return what is to be added, or done first; "" if the options agree."""
        given = self._answers
        if question.about == "create":
            return "" if given.creates else "add --create"
        if question.about == "finish" and not given.undoes:
            return f"run {UNDO} first"
        if given.yes_to is not None:
            says = f"--yes-to says {given.yes_to}, but it would be {count}"
            return "" if given.yes_to == count else says
        if exactly:
            where = "in production, " if _is_in_production(question) else ""
            return f"{where}add --yes-to {count}"
        is_named = count == 1 and question.about not in ("undo", "finish")
        return "" if given.yes or is_named else f"add --yes, or --yes-to {count}"

    def _lacks(self, question: Question[Any], why: str) -> bool:
        """Say why nothing is done: what to add, or do first. Return False."""
        self.is_unanswered = True
        parts = [question.title, *_sentences(question)]
        self.fail(f"{' '.join(parts)} Nothing was changed: {why}.")
        return False

    def say(self, sentence: str) -> None:
        self._tell(OK, sentence)

    def fail(self, sentence: str) -> None:
        self.has_failed = True
        self._tell(INCOMPLETE, sentence)

    def poll_now(self) -> None:
        self.has_changed = True

    async def wait_for(self, work: Coroutine[Any, Any, T], progress: Progress) -> T:
        """Wait for the work. A signal stops it after the current batch."""

        def stop(code: int) -> None:
            self.ended = code
            progress.stop()

        self.has_begun = True
        telling = asyncio.create_task(self._tell_progress(progress))
        try:
            with ended_by(stop, seconds=LAST_BATCH):
                return await work
        finally:
            telling.cancel()

    async def _tell_progress(self, progress: Progress) -> None:
        """Tell people how far it is, from time to time."""
        while sys.stderr.isatty():
            await asyncio.sleep(PROGRESS_EVERY)
            lines = ("".join(text for text, _ in line).strip() for line in progress.lines())
            say(" · ".join(filter(None, lines)))

    def run_program(
        self,
        variables: Sequence[str],
        usual: str,
        file: str,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        return "a command runs no editor"


def _is_in_production(question: Question[Any]) -> bool:
    """Return whether a line of the question says so."""
    return any(PRODUCTION in line for line in question.lines)


def _told(question: Question[Any]) -> list[str]:
    """Return what is told before a change that the options agree to: what is undone, and the warnings."""
    if question.about == "create":
        return []
    first = "".join(text for text, _ in question.lines[0]).split() if question.lines else []
    undone = [f"{' '.join(first).capitalize()}."] if question.about == "undo" else []
    return [*undone, *_sentences(question)]


def _sentences(question: Question[Any]) -> list[str]:
    """Return what a question warns of."""
    texts = (text.strip() for line in question.lines for text, style in line if style == "warn")
    sentences: list[str] = []
    for text in texts:  # a long one is on several lines
        if sentences and not sentences[-1].endswith((".", "?")):
            sentences[-1] += f" {text}"
        else:
            sentences.append(text)
    return [text if text.endswith((".", "?")) else f"{text}." for text in sentences]
