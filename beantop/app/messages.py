"""What screens wish for, and the app does."""

from dataclasses import dataclass

from textual.message import Message

from beantop.jobs.look import JobSeen


class PollWanted(Message):
    """Something was changed on the server: look at it now."""


class FactsWanted(Message):
    """A screen is on top again and wants to know how things stand."""


@dataclass
class TubeOpened(Message):
    """Show this tube."""

    name: str


@dataclass
class JobOpened(Message):
    """Show this job, as it was seen."""

    seen: JobSeen
