"""What screens wish for, and the app does.

A wish to open something names the screen that has it: by the time it is heard another screen may be
on top, as when keys come faster than they are handled, and then it is not fulfilled.
"""

from dataclasses import dataclass
from typing import Any, Unpack

from textual.message import Message
from textual.screen import Screen

from beantop.jobs.job_cursor import JobCursor
from beantop.jobs.peek import JobRecord
from beantop.preferences import PreferenceChanges


class PollWanted(Message):
    """Something was changed on the server: poll it now."""


class Chosen(Message):
    """The user chose something that is to be the same the next time, as
    `self.post_message(Chosen(sort="-ready"))`. What was chosen before is in `view.state`."""

    def __init__(self, **choices: Unpack[PreferenceChanges]) -> None:
        super().__init__()
        self.choices = choices


@dataclass
class CopyWanted(Message):
    """The user wants this text in the clipboard; `what` says what it is."""

    text: str
    what: str


class Redrawn(Message):
    """A pane shows something else than before."""


class Resumed(Message):
    """A screen is on top, for the first time or again."""


@dataclass
class TubeOpened(Message):
    """Show this tube of the server of the screen."""

    screen: Screen[Any]
    name: str


@dataclass
class JobOpened(Message):
    """Show this job, as it was seen, and where it stands in a list."""

    screen: Screen[Any]
    seen: JobRecord
    cursor: JobCursor | None


@dataclass
class JobsOpened(Message):
    """Show the jobs of all tubes of the server of the screen."""

    screen: Screen[Any]


@dataclass
class ServerOpened(Message):
    """Show the tubes of the server of that number, or one of them."""

    screen: Screen[Any]
    number: int
    tube: str = ""


@dataclass
class AllTubesOpened(Message):
    """Show the tubes of all servers in one table."""

    screen: Screen[Any]
