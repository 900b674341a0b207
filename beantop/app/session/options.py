"""Options of a run: from the command line, the configuration, and the last session."""

from typing import TYPE_CHECKING, NamedTuple

from beantop.app.session.log import LogFile
from beantop.config import NOTHING_SET, Settings
from beantop.interval import INTERVAL
from beantop.jobs.journal import Journal
from beantop.jobs.marks import MarksFile
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash
from beantop.preferences import NO_PREFERENCES, Preferences, PreferencesFile

if TYPE_CHECKING:
    from beantop.report.recorded import SideRecorder


class Options(NamedTuple):
    """The options of the command line and the configuration, and the saved preferences."""

    settings: Settings = NOTHING_SET
    state: Preferences = NO_PREFERENCES
    kept: PreferencesFile | None = None
    """File for preferences; None to forget them at the end."""
    readonly: bool = False
    writes: bool = False
    """Whether to allow changes on servers that the configuration makes read-only."""
    recorder: "SideRecorder | None" = None
    """Records what servers say; None to record nothing."""
    recorded: bool = False
    """Whether the servers are those of a recording."""
    marks: MarksFile | None = None
    """The user's marks on the graphs; None for none."""
    log: LogFile | None = None
    """File for the text of toasts; None for no file."""
    trash: Trash | None = None
    """Store for jobs before they are deleted; None to delete them without saving."""
    parking: Parking | None = None
    """Records of jobs that an action is about to park."""
    journal: Journal | None = None
    """Log of actions."""

    @property
    def interval(self) -> float:
        """Seconds between polls."""
        return self.settings.interval or self.state.interval or INTERVAL

    @property
    def theme(self) -> str:
        """Name of a theme, which may not exist, or `auto`."""
        return self.settings.theme or self.state.theme or "auto"


AS_USUAL = Options()
