"""What screens wish for, and the app does."""

from dataclasses import dataclass
from typing import Unpack

from textual.message import Message

from beantop.jobs.look import JobSeen
from beantop.state import Choices


class PollWanted(Message):
    """Something was changed on the server: look at it now."""


class Chosen(Message):
    """The user chose something that is to be the same the next time, as
    `self.post_message(Chosen(sort="-ready"))`. What was chosen before is in `facts.state`."""

    def __init__(self, **choices: Unpack[Choices]) -> None:
        super().__init__()
        self.choices = choices


class FactsWanted(Message):
    """A screen is on top again and wants to know how things stand."""


class PutBackWanted(Message):
    """What was deleted last is to be put back."""


class TrashWanted(Message):
    """All that was deleted is to be shown."""


@dataclass
class TubeOpened(Message):
    """Show this tube."""

    name: str


@dataclass
class JobOpened(Message):
    """Show this job, as it was seen."""

    seen: JobSeen


@dataclass
class ServerOpened(Message):
    """Show the tubes of the server of that number, or one of them."""

    number: int
    tube: str = ""


class AllTubesOpened(Message):
    """Show the tubes of all servers in one table."""
