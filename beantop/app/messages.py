"""Messages that screens post for the app.

Requests to open something name the screen that posts them. The app ignores a request if another
screen is on top when it handles it, which happens when keys arrive faster than they are handled.
"""

from typing import TYPE_CHECKING, Any, Unpack

from textual.message import Message
from textual.screen import Screen

from beantop.app.view.highlight import Find, nothing
from beantop.preferences import PreferenceChanges

if TYPE_CHECKING:
    from beantop.jobs.groups import Grouping
    from beantop.jobs.job_cursor import JobCursor
    from beantop.jobs.listing import JobList
    from beantop.jobs.peek import JobRecord


class PollWanted(Message):
    """Poll the server now, since something was changed there."""


class Chosen(Message):
    """The user made a choice to be remembered, as in `self.post_message(Chosen(sort="-ready"))`.

    Earlier choices are in `view.state`.
    """

    def __init__(self, **choices: Unpack[PreferenceChanges]) -> None:
        super().__init__()
        self.choices = choices


class CopyWanted(Message):
    """Copy this text to the clipboard; `what` describes it to the user."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text, self.what = text, what


class Redrawn(Message):
    """A pane has changed."""


class Resumed(Message):
    """A screen came to the top, for the first time or again."""


class TubeOpened(Message):
    """Show a tube of the screen's server."""

    def __init__(self, screen: Screen[Any], name: str) -> None:
        super().__init__()
        self.screen, self.name = screen, name


class JobOpened(Message):
    """Show a job; `cursor` is its position in the list it is opened from, and `find` finds what that
    list is filtered by."""

    def __init__(
        self,
        screen: Screen[Any],
        record: "JobRecord",
        cursor: "JobCursor | None",
        find: Find = nothing,
    ) -> None:
        super().__init__()
        self.screen, self.record, self.cursor, self.find = screen, record, cursor, find


class JobWanted(Message):
    """Find a job by its id on server `number`, and show it."""

    def __init__(self, screen: Screen[Any], number: int, id: int) -> None:
        super().__init__()
        self.screen, self.number, self.id = screen, number, id


class JobsOpened(Message):
    """Show the jobs of all tubes of the screen's server."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.screen = screen


class GroupsOpened(Message):
    """Show the jobs of a list, or of a tube of the screen's server, in groups."""

    def __init__(self, screen: Screen[Any], jobs: "JobList | str") -> None:
        super().__init__()
        self.screen, self.jobs = screen, jobs


class FleetGroupsOpened(Message):
    """Show the jobs of all servers in groups."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.screen = screen


class ServerGroupsOpened(Message):
    """Show the jobs of server `number` in groups, with the cursor on the one with this key; None for the first."""

    def __init__(
        self, screen: Screen[Any], number: int, jobs: "JobList", by: "Grouping", key: str | None
    ) -> None:
        super().__init__()
        self.screen, self.number, self.jobs, self.by, self.key = screen, number, jobs, by, key


class FollowOpened(Message):
    """Show new jobs of a tube as they come, or of the screen's server if that is None."""

    def __init__(self, screen: Screen[Any], tube: str | None) -> None:
        super().__init__()
        self.screen, self.tube = screen, tube


class GroupOpened(Message):
    """Show the jobs of the group `name`, which is printable. `left_out` says which jobs it does not
    have yet, as a sentence; "" for none."""

    def __init__(self, screen: Screen[Any], jobs: "JobList", name: str, left_out: str) -> None:
        super().__init__()
        self.screen, self.jobs, self.name, self.left_out = screen, jobs, name, left_out


class ProfileOpened(Message):
    """Show how long jobs of server `number` wait and take: those of a tube, or of all tubes if that
    is None."""

    def __init__(self, screen: Screen[Any], number: int, tube: str | None) -> None:
        super().__init__()
        self.screen, self.number, self.tube = screen, number, tube


class ServerOpened(Message):
    """Show the tubes of server `number`, or one of them."""

    def __init__(self, screen: Screen[Any], number: int, tube: str = "") -> None:
        super().__init__()
        self.screen, self.number, self.tube = screen, number, tube


class AllTubesOpened(Message):
    """Show the tubes of all servers in one table."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self.screen = screen
