"""The filter of a list of jobs: a rule about their numbers, or words.

The name of a state selects that state; any other word is searched in ids and bodies.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import get_args

from beantop.app.view.words import Words, is_pattern, words_of
from beantop.beanstalk import State
from beantop.jobs.job_info import JobInfo
from beantop.monitor.rules import COMPARED_BY, Rule, RuleError, parse_rule

FIELDS: Mapping[str, Callable[[JobInfo], float | None]] = {
    "id": lambda job: job.id,
    "priority": lambda job: job.priority,
    "age": lambda job: job.age,
    "left": lambda job: job.left,
    "ttr": lambda job: job.ttr,
    "reserves": lambda job: job.reserves,
    "timeouts": lambda job: job.timeouts,
    "releases": lambda job: job.releases,
    "buries": lambda job: job.buries,
    "kicks": lambda job: job.kicks,
    "file": lambda job: job.file,
}
"""The fields of a job that a rule can compare; `monitor.rules` knows their names."""

WHAT_A_RULE_CAN_SAY = f"""\
The fields are {", ".join(FIELDS)}.
Compare them by {COMPARED_BY} with a number, as 10 or 1.5k, or a duration, as 30s, 5m, 2d 4h, 1.9y.
Join comparisons with and, or; the keys h and l select one state.
Text between slashes is searched in ids and bodies: /to=ada/."""

_STATES = frozenset(get_args(State))


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What the user wants to see: jobs by a rule, or by states and words."""

    text: str = ""
    rule: Rule | None = field(init=False, default=None)
    words: Words = field(init=False, repr=False, compare=False, default=Words(""))
    """The words to search in ids and bodies, if the text is not a rule."""
    _states: Words = field(init=False, repr=False, compare=False, default=Words(""))
    _mistake: str = field(init=False, default="")

    def __post_init__(self) -> None:
        words = words_of(self.text)
        if any(sign in word for word in words if not is_pattern(word) for sign in "<>="):
            try:
                object.__setattr__(self, "rule", parse_rule(self.text, "job"))
            except RuleError as error:
                mistake = f"{error.sentence}\n{WHAT_A_RULE_CAN_SAY}"
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
        return bool(self.words.text) and not self.problem

    def keeps(self, job: JobInfo, matched: Collection[int]) -> bool:
        """Whether the job is shown; `matched` holds the ids of jobs whose id or body matches.

        >>> job = JobInfo(17, "a", "ready", 5, *[None] * 10, 0.0)
        >>> [JobFilter(text).keeps(job, ()) for text in ("priority < 10", "17 ready", "ada", "id =")]
        [True, True, False, False]
        """
        if self.problem:
            return False
        if self.rule:
            return self.rule.holds(lambda name: FIELDS[name](job))
        if not self._states.match(job.state or ""):
            return False
        known_by_id = not self.words.excludes and self.words.match(str(job.id))
        return known_by_id or job.id in matched


def _means_states(word: str) -> bool:
    """Whether the word names a state, or several as `a|b`, with or without a leading `!`.

    >>> _means_states("delayed"), _means_states("!ready|buried"), _means_states("ready-made")
    (True, True, False)
    """
    return set(word.lower().removeprefix("!").split("|")) <= _STATES
