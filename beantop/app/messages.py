"""Messages that screens post for the app.

Requests to open something name the screen that posts them. The app ignores a request if another
screen is on top when it handles it, which happens when keys arrive faster than they are handled.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from textual.message import Message
from textual.screen import Screen

from beantop.app.view.highlight import Find, nothing
from beantop.jobs.job_cursor import JobCursor
from beantop.jobs.listing import JobList
from beantop.jobs.peek import JobRecord
from beantop.preferences import PreferenceChanges

if TYPE_CHECKING:
    from beantop.jobs.groups import Grouping


class PollWanted(Message):
    """Poll the server now, since something was changed there."""


class Chosen(Message):
    """The user made a choice to be remembered, as in `self.post_message(Chosen(sort="-ready"))`.

    Earlier choices are in `view.state`.
    """

    def __init__(self, **choices: Unpack[PreferenceChanges]) -> None:
        super().__init__()
        self.choices = choices


@dataclass
class CopyWanted(Message):
    """Copy this text to the clipboard; `what` describes it to the user."""

    text: str
    what: str


class Redrawn(Message):
    """A pane has changed."""


class Resumed(Message):
    """A screen came to the top, for the first time or again."""


@dataclass
class TubeOpened(Message):
    """Show a tube of the screen's server."""

    screen: Screen[Any]
    name: str


@dataclass
class JobOpened(Message):
    """Show a job; `cursor` is its position in the list it is opened from, and `find` finds what that
    list is filtered by."""

    screen: Screen[Any]
    record: JobRecord
    cursor: JobCursor | None
    find: Find = nothing


@dataclass
class JobWanted(Message):
    """Find a job by its id on server `number`, and show it."""

    screen: Screen[Any]
    number: int
    id: int


@dataclass
class JobsOpened(Message):
    """Show the jobs of all tubes of the screen's server."""

    screen: Screen[Any]


@dataclass
class GroupsOpened(Message):
    """Show the jobs of a list, or of a tube of the screen's server, in groups."""

    screen: Screen[Any]
    jobs: JobList | str


@dataclass
class FleetGroupsOpened(Message):
    """Show the jobs of all servers in groups."""

    screen: Screen[Any]


@dataclass
class ServerGroupsOpened(Message):
    """Show the jobs of server `number` in groups, with the cursor on the one with this key; None for the first."""

    screen: Screen[Any]
    number: int
    jobs: JobList
    by: "Grouping"
    key: str | None


@dataclass
class FollowOpened(Message):
    """Show new jobs of a tube as they come, or of the screen's server if that is None."""

    screen: Screen[Any]
    tube: str | None


@dataclass
class GroupOpened(Message):
    """Show the jobs of the group `name`, which is printable. `left_out` says which jobs it does not
    have yet, as a sentence; "" for none."""

    screen: Screen[Any]
    jobs: JobList
    name: str
    left_out: str


@dataclass
class ProfileOpened(Message):
    """Show how long jobs of server `number` wait and take: those of a tube, or of all tubes if that
    is None."""

    screen: Screen[Any]
    number: int
    tube: str | None


@dataclass
class ServerOpened(Message):
    """Show the tubes of server `number`, or one of them."""

    screen: Screen[Any]
    number: int
    tube: str = ""


@dataclass
class AllTubesOpened(Message):
    """Show the tubes of all servers in one table."""

    screen: Screen[Any]
