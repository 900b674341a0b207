"""The language of alert conditions and job filters: `buried > 0`, `drain > 10m and ready >= 1k`.

A rule is comparisons of a field with a number, joined by `and` and `or`; `and` binds tighter. A
number may end in k, M or G (thousand, million, billion). Fields in seconds also take durations as the
screen shows them: 30s, 2h, 2d 4h, 1.9y. A comparison with an unknown value is false. `parse_rule` raises `RuleError` and nothing else.
"""

import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from beantop.formatting import THOUSANDS, exact, read_duration
from beantop.monitor.history import History
from beantop.monitor.rates import drain_time
from beantop.monitor.snapshot import Server, Tube

Subject: TypeAlias = Literal["tube", "server", "job"]

Values: TypeAlias = Callable[[str], float | None]
"""Returns the value of a field; None if unknown."""


class RuleError(ValueError):
    """A rule that cannot be read, with a sentence, a hint at what was meant, and the place of the
    mistake."""

    def __init__(self, sentence: str, at: int, hint: str = "") -> None:
        super().__init__(f"{sentence}{hint} (at character {at + 1})")
        self.sentence = sentence
        self.at = at
        """Index of the first wrong character, from 0."""


TUBE_FIELDS: Mapping[str, Callable[[Tube, History], float | None]] = {
    "ready": lambda tube, _: tube.ready,
    "urgent": lambda tube, _: tube.urgent,
    "reserved": lambda tube, _: tube.reserved,
    "delayed": lambda tube, _: tube.delayed,
    "buried": lambda tube, _: tube.buried,
    "total": lambda tube, _: tube.total_jobs,
    "in": lambda tube, history: history.tube_rates(tube.name).put,
    "out": lambda tube, history: history.tube_rates(tube.name).delete,
    "net": lambda tube, history: history.tube_rates(tube.name).net,
    "using": lambda tube, _: tube.using,
    "watching": lambda tube, _: tube.watching,
    "waiting": lambda tube, _: tube.waiting,
    "pause": lambda tube, _: tube.pause_time_left,
    "drain": lambda tube, history: _drain(tube, history),
}
"""Fields of a tube: counts of jobs and connections, jobs per second, seconds left of a pause, and
seconds until no job is ready (infinite if that never happens)."""

SERVER_FIELDS: Mapping[str, Callable[[Server, History], float | None]] = {
    "ready": lambda server, _: server.ready,
    "urgent": lambda server, _: server.stats.get("current-jobs-urgent"),
    "reserved": lambda server, _: server.reserved,
    "delayed": lambda server, _: server.delayed,
    "buried": lambda server, _: server.buried,
    "total": lambda server, _: server.total_jobs,
    "in": lambda _, history: history.server_rates().put,
    "out": lambda _, history: history.server_rates().delete,
    "net": lambda _, history: history.server_rates().net,
    "timeouts": lambda _, history: history.server_rates().timeout,
    "connections": lambda server, _: server.connections,
    "producers": lambda server, _: server.stats.get("current-producers"),
    "workers": lambda server, _: server.stats.get("current-workers"),
    "waiting": lambda server, _: server.waiting,
    "tubes": lambda server, _: server.stats.get("current-tubes"),
    "uptime": lambda server, _: server.uptime,
}
"""Fields of a server; its rates are jobs, and job timeouts, per second."""

JOB_FIELDS = dict.fromkeys(
    [
        "id",
        "priority",
        "age",
        "left",
        "ttr",
        "reserves",
        "timeouts",
        "releases",
        "buries",
        "kicks",
        "file",
    ]
)
"""Fields of a job; their values come from the list of jobs."""

SECONDS = frozenset({"pause", "drain", "uptime", "age", "left", "ttr"})
"""Fields in seconds."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "==": operator.eq, "!=": operator.ne,
    ">=": operator.ge, ">": operator.gt,
}  # fmt: skip

COMPARED_BY = "< <= = != >= >"
"""The comparison operators, for sentences; `==` and `=` are the same."""

UNITS = f"s m h d y and {' '.join(THOUSANDS)}"
"""The units of numbers, for sentences."""

_PART_OF_DURATION = re.compile(r"(?:[0-9.]+(?:[smhd]|[kMGTPE]?y))+")

_TOKEN = re.compile(r"\s*(?P<token>[<>=!]+|[A-Za-z_][A-Za-z_-]*|-?[0-9][\w.]*|\S)", re.ASCII)
_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)([A-Za-z]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of a field with a number."""

    field: str
    comparison: str
    number: float

    def holds(self, value_of: Values) -> bool:
        """Return whether it is true; False for an unknown value."""
        value = value_of(self.field)
        return value is not None and _COMPARISONS[self.comparison](value, self.number)


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule. It holds if all comparisons of one of its `cases` are true."""

    text: str
    """The rule as the user wrote it."""
    cases: tuple[tuple[Comparison, ...], ...]

    def holds(self, value_of: Values) -> bool:
        """Return whether the rule holds.

        >>> rule = parse_rule("ready > 1k and watching == 0 or buried > 0")
        >>> rule.holds({"ready": 1200, "watching": 0, "buried": 0}.get)
        True
        >>> rule.holds({"ready": 1200, "watching": None, "buried": None}.get)
        False
        """
        return any(all(part.holds(value_of) for part in case) for case in self.cases)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it uses, each once, in order."""
        return tuple(dict.fromkeys(part.field for case in self.cases for part in case))


def parse_rule(text: str, of: Subject = "tube") -> Rule:
    """Parse a rule about a tube, a server or a job.

    >>> parse_rule("drain > 10m").cases
    ((Comparison(field='drain', comparison='>', number=600),),)
    >>> parse_rule("burried > 0")
    Traceback (most recent call last):
    beantop.monitor.rules.RuleError: a tube has no field burried, did you mean buried? (at character 1)
    """
    return Rule(text.strip(), _Reader(text, of).cases())


def parse_duration(text: str) -> float:
    """Return the seconds in `30s`, `5m`, `2h`, `2d 4h`, `1y`, or a bare number. Raises ValueError.

    >>> parse_duration("1.5h"), parse_duration("30")
    (5400.0, 30.0)
    """
    try:
        seconds = read_duration(text)
    except ValueError:
        seconds = -1
    if seconds < 0:
        raise ValueError(f"{_cut(text)!r} is not a duration such as 30s, 5m or 2h")
    return float(seconds)


def tube_values(tube: Tube, history: History) -> Values:
    """The fields of a tube, each computed on demand."""
    return lambda field: TUBE_FIELDS[field](tube, history)


def server_values(server: Server, history: History) -> Values:
    """The fields of a server, each computed on demand."""
    return lambda field: SERVER_FIELDS[field](server, history)


def nearest(word: str, words: Collection[str]) -> str:
    """Return a hint at the word that was meant, as the end of a sentence.

    >>> nearest("intervall", {"interval": 1, "theme": 2})
    ', did you mean interval?'
    >>> nearest("x", {"interval": 1, "theme": 2})
    '; there are interval, theme'
    """
    from difflib import get_close_matches  # slow to import, and only needed for mistakes

    close = get_close_matches(word.lower(), words, 1)
    return f", did you mean {close[0]}?" if close else f"; there are {', '.join(words)}"


class _Reader:
    """Reads the words of a rule one by one."""

    def __init__(self, text: str, of: Subject) -> None:
        found = _TOKEN.finditer(text)
        self._tokens = [(match["token"], match.start("token")) for match in found]
        self._tokens.append(("", len(text)))
        self._of = of

    def cases(self) -> tuple[tuple[Comparison, ...], ...]:
        cases = [[self._comparison()]]
        while self._tokens[0][0]:
            word, at = self._tokens.pop(0)
            match word:
                case "and":
                    cases[-1].append(self._comparison())
                case "or":
                    cases.append([self._comparison()])
                case _:
                    raise RuleError(f"comparisons are joined by and, or{_not(word)}", at)
        return tuple(map(tuple, cases))

    def _comparison(self) -> Comparison:
        field = self._field()
        comparison, at = self._tokens[0]
        if comparison not in _COMPARISONS:
            raise RuleError(f"after {field} comes one of {COMPARED_BY}{_not(comparison)}", at)
        del self._tokens[0]
        number = self._number(field)
        del self._tokens[0]
        return Comparison(field, comparison, number)

    def _field(self) -> str:
        field, at = self._tokens[0]
        fields: Mapping[Subject, Mapping[str, object]] = {
            "tube": TUBE_FIELDS,
            "server": SERVER_FIELDS,
            "job": JOB_FIELDS,
        }
        known = fields[self._of]
        if field in known:
            del self._tokens[0]
            return field
        if not field:
            raise RuleError("a field is missing at the end", at)
        for other in (other for other, names in fields.items() if field in names):
            raise RuleError(f"{field} is a field of {other}s, not of {self._of}s", at)
        raise RuleError(f"a {self._of} has no field {_cut(field)}", at, nearest(field, known))

    def _number(self, field: str) -> float:
        word, at = self._tokens[0]
        match = _NUMBER.fullmatch(word)
        if match and match[2] in ("", *THOUSANDS):
            return exact(match[1]) * THOUSANDS.get(match[2], 1)
        if _PART_OF_DURATION.fullmatch(word.removeprefix("-")):
            if field not in SECONDS:
                raise RuleError(f"{field} is not a duration, but {_cut(word)} is", at)
            return self._duration()
        if match:
            raise RuleError(f"no number ends in {_cut(match[2])}: there are {UNITS}", at)
        example = "30s, 5m or 2h" if field in SECONDS else "10 or 1.5k"
        raise RuleError(f"{field} is compared with a number such as {example}{_not(word)}", at)

    def _duration(self) -> float:
        """Return the seconds in the next words, as `2h` or `2d 4h`, and stop at the last of them."""
        word, at = self._tokens[0]
        while _PART_OF_DURATION.fullmatch(self._tokens[1][0]):
            del self._tokens[0]
            word += f" {self._tokens[0][0]}"
        try:
            return read_duration(word)
        except ValueError as error:
            raise RuleError(f"{error}: use 30s, 5m or 2d 4h", at) from None


def _not(word: str) -> str:
    return f", not {_cut(word)!r}" if word else ", but nothing follows"


def _cut(word: str) -> str:
    return word if len(word) <= 30 else word[:29] + "…"


def _drain(tube: Tube, history: History) -> float | None:
    if tube.ready == 0:
        return 0.0
    drain = drain_time(tube, history.tube_rates(tube.name))
    if drain is None or drain == "paused":
        return None
    return float("inf") if isinstance(drain, str) else drain
