"""What is wrong with a tube: its conditions in as many words as fit. Nothing is cut that could be said
in fewer words."""

from collections.abc import Sequence
from typing import NamedTuple

from beantop.app.view.cells import SIGN_STYLES
from beantop.app.view.lines import ELLIPSIS, Line, shorten_end, width_of, wrapped
from beantop.monitor.conditions import Condition

BETWEEN = " · "

STATUS_LINES = 2
"""Lines of the status area where one is too short."""


class Reason(NamedTuple):
    """A condition, and where it holds if that is not obvious."""

    condition: Condition
    where: str = ""
    """A prefix, as `2: ` for server 2."""

    def text(self, *, short: bool) -> str:
        return self.where + (self.condition.short if short else self.condition.sentence)


def reasons_of(conditions: Sequence[Condition]) -> list[Reason]:
    return [Reason(condition) for condition in conditions]


def reason_cell(reasons: Sequence[Reason], width: int) -> str:
    """Return as many whole reasons as fit into `width` cells, the first ones first. An ellipsis
    stands for what is left out: other reasons, or the last facts of the first.

    >>> found = reasons_of([Condition("W", "no worker for 5m, 7 ready", "no worker, 7 ready"),
    ...                     Condition("!", "17 buried for 2h 3m", "17 buried")])
    >>> reason_cell(found, 50), reason_cell(found, 40)
    ('no worker for 5m, 7 ready · 17 buried for 2h 3m', 'no worker for 5m, 7 ready · 17 buried')
    >>> reason_cell(found, 34), reason_cell(found, 28), reason_cell(found, 20)
    ('no worker, 7 ready · 17 buried', 'no worker for 5m, 7 ready …', 'no worker, 7 ready …')
    >>> reason_cell(found, 12), reason_cell(found, 7)
    ('no worker …', 'no wor…')
    """
    for count in range(len(reasons), 0, -1):
        more = f" {ELLIPSIS}" if count < len(reasons) else ""
        for texts in _forms(reasons[:count]):
            cell = BETWEEN.join(texts) + more
            if width_of([(cell, "")]) <= width:
                return cell
    return _first_facts(reasons[0].text(short=True), width) if reasons else ""


def _first_facts(text: str, width: int) -> str:
    """Return as many of the facts between commas as fit into `width` cells, and an ellipsis."""
    facts = text.split(", ")
    for count in range(len(facts) - 1, 0, -1):
        cell = f"{', '.join(facts[:count])} {ELLIPSIS}"
        if width_of([(cell, "")]) <= width:
            return cell
    return shorten_end(text, width)


def reason_words(
    before: Line, reasons: Sequence[Reason], width: int, most: int = STATUS_LINES
) -> Line:
    """Return all reasons with their signs, after `before`, in fewer words where else they would take
    more than `most` lines of `width` cells."""
    line = before
    for texts in _forms(reasons):
        line = [*before, *_signed(reasons, texts)]
        if len(wrapped(line, width)) <= most:
            break
    return line


def _forms(reasons: Sequence[Reason]) -> list[list[str]]:
    """Return the reasons in full, then all but the first in fewer words, then all in fewer words."""
    full = [reason.text(short=False) for reason in reasons]
    short = [reason.text(short=True) for reason in reasons]
    return [full, [*full[:1], *short[1:]], short]


def _signed(reasons: Sequence[Reason], texts: Sequence[str]) -> Line:
    line: Line = []
    for number, (reason, text) in enumerate(zip(reasons, texts, strict=True)):
        code = reason.condition.code
        between: Line = [(BETWEEN, "dim")] if number else []
        line += [*between, (f"{code} ", SIGN_STYLES[code]), (text, "warn")]
    return line
