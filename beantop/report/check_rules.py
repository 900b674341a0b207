"""The rules of `beantop check`, as they are written on the command line.

`emails: oldest > 10m warn, > 1h crit` names the tubes, and then conditions with their levels. Without
tubes a rule is about the server. A condition that begins with a comparison is about the field of the one
before it; without a level it is critical.
"""

import re
from collections.abc import Iterator

from beantop.config.values import tubes as read_tubes
from beantop.monitor.alerts import AlertRule, Level
from beantop.monitor.comparisons import COMPARISONS
from beantop.monitor.rules import parse_rule

_LEVELS: dict[str, Level] = {
    "warn": "warning",
    "warning": "warning",
    "crit": "critical",
    "critical": "critical",
}

_CLAUSE = re.compile(rf"(.*?)(?:\s({'|'.join(_LEVELS)}))?", re.IGNORECASE | re.DOTALL)


def is_rule(text: str) -> bool:
    """Return whether an argument is meant as a rule, not as a server.

    >>> is_rule("emails: ready > 1k"), is_rule("emails: ready"), is_rule("queue-1:11300")
    (True, True, False)
    """
    return any(sign in text for sign in "<>=") or ": " in text


def parse_check(text: str) -> list[AlertRule]:
    """Read the rules that one argument holds. Raises `ValueError`.

    >>> [(rule.tubes, rule.when.text, rule.level) for rule in parse_check("a, b-*: in > 9 warn, > 99")]
    [(('a', 'b-*'), 'in > 9', 'warning'), (('a', 'b-*'), 'in > 99', 'critical')]
    >>> [(rule.tubes, rule.level) for rule in parse_check("workers < 1 crit")]
    [(None, 'critical')]
    """
    before, colon, after = text.partition(":")
    tubes = _tubes(before) if colon else None
    rules = []
    for condition, level in _clauses(after if colon else text):
        try:
            rule = parse_rule(condition, "tube" if colon else "server")
        except ValueError as error:
            hint = "" if colon else _hint_at_colon(text)
            raise ValueError(f"the rule {text!r}: {condition!r}: {error}{hint}") from None
        rules.append(AlertRule(rule, tubes, level=level))
    return rules


def _hint_at_colon(text: str) -> str:
    """Return what a rule without a colon was probably meant to be, as the end of a sentence."""
    tubes, _, condition = text.partition(" ")
    try:
        parse_rule(condition)
    except ValueError:
        return ""
    return f"; a colon follows the tubes: {f'{tubes}: {condition}'!r}"


def _tubes(text: str) -> tuple[str, ...]:
    names = re.split(r"[,\s]+", text.strip())
    try:
        read_tubes(names)
    except ValueError as error:
        raise ValueError(f"the rule for {text!r} {error}") from None
    return tuple(names)


def _clauses(text: str) -> Iterator[tuple[str, Level]]:
    """Yield each condition with its level."""
    field = ""
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause.strip())
        assert match  # any text matches
        condition = match[1].strip()
        if any(condition.startswith(sign) for sign in COMPARISONS):
            condition = f"{field} {condition}".strip()
        field = re.split(r"[\s<>=!]", condition.lstrip("( "), maxsplit=1)[0]
        yield condition, _LEVELS[(match[2] or "crit").lower()]
