"""How the program is to begin: what the user wants, and what was chosen the last time."""

from dataclasses import dataclass

from beantop.app.session.log import LogFile
from beantop.config import NOTHING_SET, Settings
from beantop.interval import INTERVAL
from beantop.jobs.journal import Journal
from beantop.jobs.parking import Parking
from beantop.jobs.trash.store import Trash
from beantop.preferences import NO_PREFERENCES, Preferences, PreferencesFile


@dataclass(frozen=True, slots=True)
class Options:
    """All that the command line, the configuration and the state say."""

    settings: Settings = NOTHING_SET
    state: Preferences = NO_PREFERENCES
    kept: PreferencesFile | None = None
    """Where choices are kept; None: nowhere."""
    readonly: bool = False
    writes: bool = False
    """Whether servers that are read-only by the configuration can be changed all the same."""
    log: LogFile | None = None
    """Where all that is said is written; None: nowhere."""
    trash: Trash | None = None
    """Where jobs are saved before they are deleted; None: they are not."""
    parking: Parking | None = None
    """Where jobs that are parked are noted first."""
    journal: Journal | None = None
    """Where actions are noted."""

    @property
    def interval(self) -> float:
        """Seconds between polls."""
        return self.settings.interval or self.state.interval or INTERVAL

    @property
    def theme(self) -> str:
        """The name of a theme, which may not exist, or `auto`."""
        return self.settings.theme or self.state.theme or "auto"


AS_USUAL = Options()
