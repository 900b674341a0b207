"""The filter of a list of jobs: a rule about their numbers and the fields of their bodies, or words.

The name of a state selects that state; any other word is searched in ids and bodies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, get_args

from beantop.app.view.words import Words, is_pattern, words_of
from beantop.beanstalk import Job, State
from beantop.did_you_mean import similar
from beantop.jobs.bodies.fields import Fields
from beantop.jobs.bodies.job_class import job_class
from beantop.jobs.bodies.reading import Reading, Shown
from beantop.jobs.bodies.texts import Texts
from beantop.jobs.body_reader import Found, Passes
from beantop.jobs.job_info import JobInfo
from beantop.monitor.comparisons import COMPARED_BY, Condition, compiled, is_from_body
from beantop.monitor.fields import ALIASES, BODY, JOB_FIELDS, Value
from beantop.monitor.rules import Rule, RuleError, parse_rule

FIELDS: Mapping[str, Callable[[JobInfo], float | str | None]] = {
    "id": lambda job: job.id,
    "priority": lambda job: job.priority,
    "age": lambda job: job.age,
    "left": lambda job: job.left,
    "delay": lambda job: job.given_delay,
    "ttr": lambda job: job.ttr,
    "reserves": lambda job: job.reserves,
    "timeouts": lambda job: job.timeouts,
    "releases": lambda job: job.releases,
    "buries": lambda job: job.buries,
    "kicks": lambda job: job.kicks,
    "file": lambda job: job.file,
    "state": lambda job: job.state,
    "tube": lambda job: job.tube,
}
"""The fields of a job that `stats-job` reports; `monitor.fields` knows the names of all."""

WHAT_A_RULE_CAN_SAY = f"""\
The fields are {", ".join(JOB_FIELDS)}; any other name is a field of the body, as order_id > 5.
Compare them by {COMPARED_BY} with a number, as 10 or 1.5k, a duration, as 30s, 2d 4h, a size, as 64k, a text, as "Send*", or another field.
Join comparisons with and, or, and brackets.
Text between slashes is searched in ids and bodies: /to=ada/."""

MAX_ASKED = 100
"""Bodies whose fields are remembered for hints."""

MAX_SHARED = 1000
"""Conditions that are kept only once, however many bodies leave them."""

_STATES = frozenset(get_args(State))


class SeenFields:
    """Fields found in the bodies that were read for a filter."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        """The fields of the rule that at least one body has."""
        self.names: set[str] = set()
        """Names of fields, for hints."""
        self._asked = 0

    def note_names(self, fields: Fields) -> None:
        """Note the names of the fields of a body, unless enough bodies were noted."""
        if self._asked < MAX_ASKED:
            self._asked += 1
            self.names.update(fields.names)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What the user wants to see: jobs by a rule, or by states and words."""

    text: str = ""
    rule: Rule | None = field(init=False, default=None)
    words: Words = field(init=False, repr=False, compare=False, default=Words(""))
    """The words to search in ids and bodies, if the text is not a rule."""
    seen: SeenFields = field(init=False, repr=False, compare=False, default_factory=SeenFields)
    _states: Words = field(init=False, repr=False, compare=False, default=Words(""))
    _mistake: str = field(init=False, default="")
    _without_body: Condition | bool = field(init=False, repr=False, compare=False, default=False)
    """The part of the rule that remains while nothing is known of the body."""

    def __post_init__(self) -> None:
        words = words_of(self.text)
        if any(sign in word for word in words if not is_pattern(word) for sign in "<>="):
            try:
                rule = parse_rule(self.text, "job")
                object.__setattr__(self, "rule", rule)
                object.__setattr__(self, "_without_body", rule.condition.given(lambda name: None))
            except RuleError as error:
                hint = error.hint if error.hint.startswith(",") else ""  # the fields follow below
                mistake = f"{error.sentence}{hint}\n{WHAT_A_RULE_CAN_SAY}"
                object.__setattr__(self, "_mistake", mistake)
        else:
            of_states = [word for word in words if _means_states(word)]
            others = [word for word in words if word not in of_states]
            object.__setattr__(self, "_states", Words(" ".join(of_states)))
            object.__setattr__(self, "words", Words(" ".join(others)))

    @property
    def problem(self) -> str:
        """Why the text is not a valid filter, as lines; then no job passes. Empty if it is valid."""
        return self._mistake or self.words.problem

    @property
    def wants_bodies(self) -> bool:
        """Whether the bodies of all jobs must be read to decide which are shown."""
        if self.rule:
            return any(map(is_from_body, self.rule.fields))
        return bool(self.words.text) and not self.problem

    def keeps(self, job: JobInfo, matched: Mapping[int, Passes]) -> bool:
        """Whether the job is shown; `matched` holds what was found in the bodies that match.

        >>> job = JobInfo(17, "a", "ready", 5, *[None] * 10, 0.0)
        >>> texts = "priority < 10", "17 ready", "ada", "id =", "user = ada", "id = 17 or user = ada"
        >>> [JobFilter(text).keeps(job, {}) for text in texts]
        [True, True, False, False, False, True]
        """
        return self.test(matched)(job)

    def test(self, matched: Mapping[int, Passes]) -> Passes:
        """Return a function that decides as `keeps` does, for many jobs: each key that is typed decides
        about all of a list. `matched` may get more results meanwhile."""
        if self.problem:
            return never
        return self._test_by_rule(matched) if self.rule else self._test_by_words(matched)

    def _test_by_rule(self, matched: Mapping[int, Passes]) -> Passes:
        left = self._without_body  # the body is not known, or it does not decide
        otherwise = (always if left else never) if isinstance(left, bool) else _test_of(left)
        if not self.wants_bodies:
            return otherwise
        return lambda job: matched.get(job.id, otherwise)(job)

    def _test_by_words(self, matched: Mapping[int, Passes]) -> Passes:
        states = frozenset(state for state in ("", *_STATES) if self._states.match(state))
        words = self.words

        def has_id(job: JobInfo) -> bool:
            return words.match(str(job.id))

        by_id = never if words.excludes or not words.can_be_number else has_id
        by_id = by_id if words.text else always

        def passes(job: JobInfo) -> bool:
            return (job.id in matched or by_id(job)) and (job.state or "") in states

        if not words.has_patterns:
            return passes
        return lambda job: not words.problem and passes(job)

    def matcher(
        self, reading_of: Callable[[int], Reading]
    ) -> Callable[[Job[bytes]], Found[Passes]]:
        """Return what decides about bodies; `reading_of` returns how the body of a job is read. It may run
        in a thread."""
        if self.rule:
            return BodyMatcher(self.rule, self.seen, reading_of).match

        def matches(job: Job[bytes]) -> Found[Passes]:
            shown = reading_of(job.id).shown(job.body)
            texts = Texts(shown.body, shown.reading.decoder, self.words.parts)
            result = self.words.match(str(job.id), more=texts)
            is_sure = not texts.is_cut or (result and not self.words.excludes)
            return (always if result else False) if is_sure else None

        return matches

    @property
    def unknown_field(self) -> "UnknownField | None":
        """A field of the rule that none of the bodies read has; None if there is none.

        >>> JobFilter("prioritty > 5 or ttr = 1").unknown_field
        UnknownField(words='a field prioritty, did you mean priority?', is_mistyped=True)
        """
        for name in self.rule.fields if self.rule else ():
            path = name.removeprefix(BODY)
            if name in ("class", "error") and name not in self.seen.paths:
                article = "a" if name == "class" else "an"
                hint = f"for a field named {name}, write body.{name}"
                return UnknownField(f"{article} {name}; {hint}", is_mistyped=False)
            if path == name or path in self.seen.paths:
                continue
            names = sorted(self.seen.names)
            if close := similar(path, [*JOB_FIELDS, *ALIASES, *names]):
                return UnknownField(f"a field {path}, did you mean {close}?", is_mistyped=True)
            known = f"; there are {', '.join(names[:5])}" if names else ""
            return UnknownField(f"a field {path}{known}", is_mistyped=False)
        return None


class UnknownField(NamedTuple):
    """A field that a filter asks for and no body has."""

    words: str
    """The end of a sentence such as "no body has …", with a hint; the names in it are not yet safe to show."""
    is_mistyped: bool
    """Whether a known field has a similar name; the words then end the sentence, with a question mark."""


class BodyMatcher:
    """Compares the fields of bodies."""

    def __init__(self, rule: Rule, seen: SeenFields, reading_of: Callable[[int], Reading]) -> None:
        self._condition = rule.condition
        self._names = rule.fields
        self._paths = [name.removeprefix(BODY) for name in rule.fields if name.startswith(BODY)]
        self._seen, self._reading_of = seen, reading_of
        self._shared: dict[Condition, Passes] = {}

    def match(self, job: Job[bytes]) -> Found[Passes]:
        """Return the part of the rule that remains once the body is known; None if a part of the
        body that matters cannot be read."""
        values, unsure = self._read(job)
        left = self._condition.given(values.get)
        if unsure and left != self._condition.given(values.get, unsure):
            return None
        if isinstance(left, bool):
            return always if left else False
        if (known := self._shared.get(left)) is None:
            known = _test_of(left)
            if len(self._shared) < MAX_SHARED:
                self._shared[left] = known
        return known

    def _read(self, job: Job[bytes]) -> tuple[Mapping[str, Value], set[str]]:
        """Return the values of the fields that the rule uses, and the names of those that may be in a
        part that cannot be decoded."""
        values: dict[str, Value] = {"size": len(job.body)}
        shown = self._reading_of(job.id).shown(job.body)
        unsure: set[str] = set()
        if "class" in self._names:
            values["class"] = job_class(shown.body, shown.reading) or None
            if values["class"]:
                self._seen.paths.add("class")
        if "error" in self._names and (error := _error_in(shown)):
            values["error"] = error
            self._seen.paths.add("error")
        if not self._paths:
            return values, unsure
        fields = Fields(shown.body, shown.reading.decoder)
        for path in self._paths:
            values[BODY + path] = value = fields.get(path)
            if value is not None or (path not in self._seen.paths and fields.has(path)):
                self._seen.paths.add(path)
            elif fields.is_cut:
                unsure.add(BODY + path)
        self._seen.note_names(fields)
        return values, unsure


def _error_in(shown: Shown) -> str:
    """Return the error in a body, with its class before it; "" if it has none."""
    from beantop.jobs.bodies.job_error import job_error  # slow to load, and rarely needed

    error = job_error(shown.body, shown.reading.decoder)
    return error.text if error else ""


def always(job: JobInfo) -> bool:
    """Let a job pass, whatever its numbers are."""
    return True


def never(job: JobInfo) -> bool:
    """Let no job pass."""
    return False


def _test_of(condition: Condition) -> Passes:
    """Return a function that compares the fields that `stats-job` reports; others are unknown."""
    return compiled(condition, FIELDS)


def _means_states(word: str) -> bool:
    """Whether the word names a state, or several as `a|b`, with or without a leading `!`.

    >>> _means_states("delayed"), _means_states("!ready|buried"), _means_states("ready-made")
    (True, True, False)
    """
    return set(word.lower().removeprefix("!").split("|")) <= _STATES
