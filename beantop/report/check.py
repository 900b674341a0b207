"""Check rules once, and say the result as a monitoring plugin does."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from beantop.beanstalk import Address
from beantop.beanstalk.blocking import BlockingPipeline
from beantop.config.tube_pattern import is_pattern
from beantop.formatting import plural, printable
from beantop.monitor.alerts import AlertRule, Level
from beantop.monitor.field_words import values_in_words
from beantop.monitor.fields import Numbers, server_values, tube_values
from beantop.monitor.history import History
from beantop.monitor.job_percentiles import TIMES
from beantop.monitor.sampled import AGES, jobs_of
from beantop.monitor.snapshot import Snapshot, Tube
from beantop.report.first_jobs import Ages, Head, first_ages
from beantop.report.perfdata import Datum, ranges
from beantop.report.polls import poll

RATES = ("in", "out", "net", "drain", "timeouts", "cpu")
"""Fields that take two polls."""

LEARNED = (*TIMES, "binlog-age")
"""Fields that are known only to a program that keeps watching."""

MAX_AGED = 500
"""Tubes whose first jobs are asked for at most: each costs the server a peek."""

MAX_SAID = 5
"""Subjects that the sentence names."""

MAX_LINE = 8000
"""Characters of the line: Nagios reads 8,192 bytes. Values that do not fit are left out."""


class State(IntEnum):
    """A result, with its exit code."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


WORST = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)
"""The states, the worst first."""

_STATES: Mapping[Level, State] = {"warning": State.WARNING, "critical": State.CRITICAL}


class Result(NamedTuple):
    """The result of a check."""

    state: State
    sentence: str
    data: Sequence[Datum] = ()

    @property
    def line(self) -> str:
        """The line that the monitoring system reads.

        >>> Result(State.OK, "emails: ready 5", [Datum("emails:ready", "ready", 5)]).line
        "BEANSTALK OK - emails: ready 5 | 'emails:ready'=5;;;0"
        """
        said = printable(self.sentence).replace("|", "¦")
        line = f"BEANSTALK {self.state.name} - {said}"
        separator = " | "
        for datum in map(str, self.data):
            if len(line) + len(separator) + len(datum) > MAX_LINE:
                break
            line, separator = f"{line}{separator}{datum}", " "
        return line


class Finding(NamedTuple):
    """What one rule says of a tube, or of the server."""

    state: State
    subject: str
    """The tube, or ""."""
    fields: tuple[str, ...]
    sentence: str
    warning: str = ""
    """What is also said if something else is wrong: that the tube may be mistyped."""


@dataclass(frozen=True)
class Observation:
    """What one run learned of a server."""

    snapshot: Snapshot
    history: History = field(default_factory=History)
    """Both polls, if there were two."""
    ages: Ages = field(default_factory=dict)


def why_refused(rules: Sequence[AlertRule]) -> str:
    """Return why the rules cannot be checked in one run, as a sentence; "" if they can.

    >>> from beantop.monitor.rules import parse_rule
    >>> why_refused([AlertRule(parse_rule("wait-p95 > 30s"), "emails")])
    'wait-p95 cannot be known in one run; `beantop alert` keeps watching'
    """
    used = dict.fromkeys(name for rule in rules for name in rule.when.fields if name in LEARNED)
    names = " and ".join(used)
    return f"{names} cannot be known in one run; `beantop alert` keeps watching" if used else ""


def takes_two_polls(rules: Sequence[AlertRule]) -> bool:
    return any(name in RATES for rule in rules for name in rule.when.fields)


def observe(
    address: Address, rules: Sequence[AlertRule], over: float, timeout: float
) -> Observation:
    """Poll a server for these rules; twice, `over` seconds apart, if a rule has rates. Raises `Error`, and
    `ValueError` if too much is asked."""

    def choose(names: list[str]) -> list[str]:
        return [name for name in names if any(rule.is_about(name) for rule in rules)]

    history = History()
    with BlockingPipeline(address, timeout) as connection:
        snapshot = poll(connection, timeout, choose)
        history.add(snapshot, over)
        if takes_two_polls(rules):
            time.sleep(over)
            snapshot = poll(connection, timeout, choose)
            history.add(snapshot, over)
        heads = heads_needed(rules, snapshot)
        ages = first_ages(connection, heads, timeout) if heads else {}
    return Observation(snapshot, history, ages)


def heads_needed(rules: Sequence[AlertRule], snapshot: Snapshot) -> list[Head]:
    """Return the first jobs whose ages the rules ask for. Raises `ValueError` if these are too many."""
    heads: dict[Head, None] = {}
    for rule in rules:
        for tube in snapshot.tubes.values() if rule.sampled_states else ():
            if rule.is_about(tube.name):
                states = (state for state in rule.sampled_states if jobs_of(tube, state))
                heads |= dict.fromkeys((tube.name, state) for state in states)
    if len({tube for tube, _ in heads}) > MAX_AGED:
        raise ValueError(
            f"the ages of jobs are asked for in more than {MAX_AGED} tubes; name fewer of them,"
            " or use `beantop alert`"
        )
    return list(heads)


def judge(rules: Sequence[AlertRule], seen: Observation, absent: State = State.OK) -> Result:
    """Return the result of the rules. A tube that does not exist counts as an empty one; `absent` is the
    least bad state if a named tube does not exist, or if no tube matches a pattern."""
    findings: list[Finding] = []
    data: dict[str, Datum] = {}
    for rule in rules:
        findings += _missing(rule, seen.snapshot, absent)
        for subject, value_of in _subjects(rule, seen):
            findings.append(_finding(rule, subject, value_of, seen))
            _note_data(data, rule, subject, value_of)
    if seen.snapshot.left_out and any(rule.patterns for rule in rules):
        findings.append(Finding(State.UNKNOWN, "", (), f"only {seen.snapshot.listed} were read"))
    state = next(
        (state for state in WORST if any(one.state is state for one in findings)), State.OK
    )
    return Result(state, _sentence(findings, state), list(data.values()))


def _subjects(rule: AlertRule, seen: Observation) -> Iterator[tuple[str, Numbers]]:
    """Yield the tubes that a rule is about, with their values, or the server."""
    snapshot, history = seen.snapshot, seen.history
    if rule.tubes is None:
        yield "", server_values(snapshot.server, history)
        return
    for name, tube in sorted(snapshot.tubes.items()):
        if rule.is_about(name):
            yield name, _values(tube, seen)
    for name in rule.unmatched(snapshot.tubes):
        if not is_pattern(name):
            yield name, lambda field: None if field in AGES or snapshot.left_out else 0


def _values(tube: Tube, seen: Observation) -> Numbers:
    known = tube_values(tube, seen.history)
    return lambda field: _age(tube, field, seen.ages) if field in AGES else known(field)


def _age(tube: Tube, field: str, ages: Ages) -> float | None:
    """Return the age of the oldest first job; None if there is none, or if one is not known."""
    heads = [(tube.name, state) for state in AGES[field] if jobs_of(tube, state) != 0]
    if any(head not in ages for head in heads):
        return None
    known = [age for head in heads if (age := ages[head]) is not None]
    return max(known, default=None)


def _missing(rule: AlertRule, snapshot: Snapshot, absent: State) -> Iterator[Finding]:
    for name in rule.unmatched(snapshot.tubes) if not snapshot.left_out else ():
        why = f"no tube matches {name}" if is_pattern(name) else f"there is no tube {name}"
        if absent is not State.OK or is_pattern(name):
            yield Finding(absent, name, (), why)


def _finding(rule: AlertRule, subject: str, value_of: Numbers, seen: Observation) -> Finding:
    tube = seen.snapshot.tubes.get(subject)
    is_missing = subject and tube is None and not seen.snapshot.left_out
    shown = f"{subject} (no such tube)" if is_missing else subject
    fields, place = rule.when.fields, f"{shown}: " if shown else ""
    values = values_in_words((name, value_of(name)) for name in fields)
    if rule.when.holds(value_of):
        said = f"{place}{rule.when.text} ({values})"
        return Finding(_STATES[rule.level], subject, fields, said)
    unknown = [
        name for name in fields if value_of(name) is None and not _may_be_none(name, tube, seen)
    ]
    if unknown:
        return Finding(State.UNKNOWN, subject, fields, f"{place}{', '.join(unknown)} unknown")
    return Finding(State.OK, subject, fields, f"{place}{values}", shown if is_missing else "")


def _may_be_none(name: str, tube: Tube | None, seen: Observation) -> bool:
    """Return whether a field has no value although all is known: the age of no job, the drain of a paused
    tube."""
    if name == "drain":
        return tube is not None and tube.paused
    if name not in AGES:
        return False
    return tube is None or all(
        jobs_of(tube, state) == 0 or (tube.name, state) in seen.ages for state in AGES[name]
    )


def _note_data(data: dict[str, Datum], rule: AlertRule, subject: str, value_of: Numbers) -> None:
    """Add the values of a rule. A field that several rules of one level compare has no range for it, unless
    all say the same."""
    limits = ranges(rule.when.condition)
    for name in rule.when.fields:
        label, limit = f"{subject}:{name}" if subject else name, limits.get(name, "")
        before = data.get(label) or Datum(label, name, value_of(name))
        warning, critical = before.warning, before.critical
        if rule.level == "warning":
            warning = limit if warning in ("", limit) else ""
        else:
            critical = limit if critical in ("", limit) else ""
        data[label] = Datum(label, name, before.value, warning, critical)


def _sentence(findings: Iterable[Finding], state: State) -> str:
    """Return what is wrong, the worst first; the values if nothing is."""
    known, said = set[tuple[str, tuple[str, ...]]](), []
    for one in sorted(findings, key=lambda one: WORST.index(one.state)):
        if one.state is State.OK and state is not State.OK:
            if one.warning and all(subject != one.subject for subject, _ in known):
                said.append(one.warning)
                known.add((one.subject, ()))
            continue
        key = one.subject, one.fields
        if key not in known or not one.fields:
            said.append(one.sentence)
        known.add(key)
    more = len(said) - MAX_SAID
    rest = [f"and {plural(more, 'other')}"] if more > 0 else []
    return "; ".join([*dict.fromkeys(said[:MAX_SAID]), *rest])
