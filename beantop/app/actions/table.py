"""The table of actions: everything that changes something, with its key, words and function.

Bindings (`keys.py`), the groups of the help, the names in `[keys]`, the palette, and what is said of
a key that is off derive from it.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from beantop.app.action_context import ActionContext
from beantop.monitor.snapshot import Tube

if TYPE_CHECKING:
    from beantop.app.actions.jobs import JobAction
    from beantop.jobs.bulk.tally import Tally
    from beantop.jobs.scan import Scan

Work: TypeAlias = Coroutine[Any, Any, None]
ServerAction: TypeAlias = "Callable[[ActionContext], Coroutine[Any, Any, Tally | None]]"

TUBES = "among tubes and in a tube"
JOBS, LISTS = "where jobs are shown", "in a list of jobs"
TUBES_AND_JOBS = "where a server's tubes or jobs are shown"
SERVER = "on the screens of one server"


class Action(NamedTuple):
    """A change that a user can make on a server."""

    name: str
    """The name in `[keys]` of the configuration."""
    key: str
    label: str
    """The label in the footer."""
    where: str
    """The screens where the key works, as the end of a sentence."""
    on_jobs: "JobAction | None" = None
    jobs_help: str = ""
    on_tubes: Callable[[ActionContext, Sequence[Tube]], Work] | None = None
    tubes_help: str = ""
    on_scan: Callable[[ActionContext, "Scan"], Work] | None = None
    on_server: "ServerAction | None" = None
    help: str = ""
    """The text in help, for a list or for a server."""
    words: str = ""
    """Words of other tools for it, by which the palette finds it, too."""
    one_at_a_time: bool = False
    """Whether it uses the row under the cursor even if rows are marked."""

    def why_not_here(self, keys: str | None = None) -> str:
        """Return why the key does nothing on other screens. `keys` are those that the user chose.

        >>> ACTIONS["ceiling"].why_not_here()
        'X (highest id) works only in a list of jobs.'
        """
        return f"{keys or self.key} ({self.label.lower()}) works only {self.where}."


def _later(module: str, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Return a function of a module in this package that is imported when it is first called: the first
    table needs only the keys and words of actions."""

    def call(*arguments: object) -> Coroutine[Any, Any, Any]:
        action = getattr(import_module(f"beantop.app.actions.{module}"), name)
        work: Coroutine[Any, Any, Any] = action(*arguments)
        return work

    return call


_ALL = (
    Action(
        "kick", "K", "Kick", TUBES_AND_JOBS, words="retry requeue resurrect canary",
        on_jobs=_later("jobs", "kick_jobs"), jobs_help="Make ready",
        on_tubes=_later("tubes", "kick_tubes"), tubes_help="Make buried or delayed jobs ready",
    ),
    Action(
        "pause", "P", "Pause", TUBES, words="resume hold unpause",
        on_tubes=_later("tubes", "pause_tubes"), tubes_help="Pause or resume the tube",
    ),
    Action(
        "delete", "D", "Delete", TUBES_AND_JOBS, words="purge remove drop clear",
        on_jobs=_later("jobs", "delete_jobs"), jobs_help="Delete; it is saved first",
        on_tubes=_later("states", "delete_state"), tubes_help="Delete all jobs of one state",
    ),
    Action(
        "move", "M", "Move", TUBES_AND_JOBS, words="transfer",
        on_jobs=_later("jobs", "move_jobs"), jobs_help="Move to another tube",
        on_tubes=_later("states", "move_state"), tubes_help="Move all jobs of one state",
    ),
    Action(
        "copy_jobs", "C", "Copy", TUBES_AND_JOBS, words="duplicate clone",
        on_jobs=_later("jobs", "copy_jobs"), jobs_help="Copy to another tube",
        on_tubes=_later("states", "copy_state"), tubes_help="Copy all jobs of one state",
    ),
    Action(
        "bury", "B", "Bury", TUBES_AND_JOBS,
        on_jobs=_later("jobs", "bury_jobs"), jobs_help="Bury",
        on_tubes=_later("states", "bury_state"), tubes_help="Bury all jobs of one state",
    ),
    Action(
        "change", "R", "Change", TUBES_AND_JOBS, words="priority delay",
        on_jobs=_later("jobs", "change_jobs"), jobs_help="Change priority or delay",
        on_tubes=_later("states", "change_state"), tubes_help="Change all jobs of one state",
    ),
    Action(
        "edit", "E", "Edit", JOBS, words="body",
        on_jobs=_later("edit", "edit_job"), jobs_help="Edit in $EDITOR", one_at_a_time=True,
    ),
    Action(
        "new", "N", "New job", TUBES, words="put add create enqueue",
        on_tubes=_later("edit", "new_job"), tubes_help="New job", one_at_a_time=True,
    ),
    Action(
        "put_back", "U", "Undo", SERVER, words="put back restore undelete",
        on_server=_later("undo", "undo_last"), help="Undo what was done last",
    ),
    Action(
        "ceiling", "X", "Highest id", LISTS,
        on_scan=_later("ceiling", "find_ceiling"), help="Find the highest id",
    ),
)  # fmt: skip

ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}
"""The actions by name."""
