"""Which jobs of a list are shown: by a rule about their numbers, or by words in id and body."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from beantop.app.tables.tube_filter import NameTest, parse_filter
from beantop.jobs.listed import ListedJob
from beantop.monitor.rules import Rule, RuleError, parse_rule

FIELDS: Mapping[str, Callable[[ListedJob], float | None]] = {
    "priority": lambda job: job.priority,
    "age": lambda job: job.age,
    "left": lambda job: job.time_left if job.state in ("reserved", "delayed") else None,
    "ttr": lambda job: job.ttr,
    "reserves": lambda job: job.reserves,
    "timeouts": lambda job: job.timeouts,
    "releases": lambda job: job.releases,
    "buries": lambda job: job.buries,
    "kicks": lambda job: job.kicks,
    "file": lambda job: job.file,
}
"""What a rule can ask of a job: `monitor.rules` knows their names."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What the user wants to see."""

    text: str = ""
    rule: Rule | None = field(init=False, default=None)
    problem: str = field(init=False, default="")
    """What is wrong with the text."""
    matches: NameTest = field(init=False, repr=False, compare=False, default=lambda name: True)
    """The test for an id or a body, where the text is no rule."""

    def __post_init__(self) -> None:
        if any(sign in self.text for sign in "<>="):
            try:
                object.__setattr__(self, "rule", parse_rule(self.text, "job"))
            except RuleError as error:
                object.__setattr__(self, "problem", str(error))
        else:
            matches, problem = parse_filter(self.text)
            object.__setattr__(self, "matches", matches)
            object.__setattr__(self, "problem", problem)

    @property
    def wants_bodies(self) -> bool:
        """Whether the bodies of all jobs must be read to know what is shown."""
        return bool(self.text.strip()) and not self.rule and not self.problem

    def keeps(self, job: ListedJob, matched: Collection[int]) -> bool:
        """Whether the job is shown; `matched` are the ids of those whose bodies match.

        >>> job = ListedJob(17, "a", "ready", 5, *[None] * 10, 0.0)
        >>> JobFilter("priority < 10").keeps(job, ()), JobFilter("ada").keeps(job, ())
        (True, False)
        """
        if self.problem or not self.text.strip():
            return True
        if self.rule:
            return self.rule.holds(lambda name: FIELDS[name](job))
        return job.id in matched or self.matches(str(job.id))
