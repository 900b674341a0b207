"""The user's choices in the program, saved for the next run. Failures are reported, never raised.

A file that cannot be read counts as empty. A file that cannot be written is left unchanged.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypedDict

from beantop.config import xdg_directory
from beantop.jobs.aside import in_time
from beantop.jobs.storage import describe_file_error, make_private, open_ours, replace_file

LARGEST = 64 * 1024
"""Maximum bytes of the file. A larger file counts as broken."""


MAX_TUBES = 50
"""Tubes whose columns of jobs are remembered."""


class Preferences(NamedTuple):
    """The choices. An empty value or None is a choice that was never made. Every field has a default,
    and unknown fields in the file are ignored, so that older and newer versions can share it."""

    sort: str = ""
    """Key of the column that tubes are sorted by, with a `-` before it for descending order."""
    columns: tuple[str, ...] = ()
    """Keys of the columns of the tubes table."""
    hide_idle: bool = False
    theme: str = ""
    interval: float | None = None
    """Seconds between polls."""
    span: float | None = None
    """Seconds of history that graphs show."""
    graphs: bool = False
    """Whether the table of tubes leaves room for graphs, however long it is."""
    hide_preview: bool = False
    job_columns: Mapping[str, tuple[str, ...]] = {}
    """Columns of the lists of jobs, by tube; "" for the list of all tubes."""

    def with_job_columns(
        self, tube: str, columns: tuple[str, ...]
    ) -> Mapping[str, tuple[str, ...]]:
        """Return the columns of all tubes after a choice for this one; empty for the default ones. Only
        the choices for the last tubes are kept.

        >>> Preferences().with_job_columns("a", ("id", "age"))
        {'a': ('id', 'age')}
        """
        others = {name: known for name, known in self.job_columns.items() if name != tube}
        kept = {**others, tube: columns} if columns else others
        return dict(list(kept.items())[-MAX_TUBES:])


NO_PREFERENCES = Preferences()


class PreferenceChanges(TypedDict, total=False):
    """Fields of `Preferences` to change, to type the arguments of `remember(sort=...)`."""

    sort: str
    columns: tuple[str, ...]
    hide_idle: bool
    hide_preview: bool
    theme: str
    interval: float
    span: float
    graphs: bool
    job_columns: Mapping[str, tuple[str, ...]]


class PreferencesFile:
    """The file of the preferences. `problem` is a sentence about the last failure, or ""."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""

    def load(self) -> Preferences:
        """Return the preferences of the last run, or empty ones."""
        try:
            return _parse(in_time(self._read))
        except FileNotFoundError:
            return Preferences()
        except (OSError, ValueError, RecursionError) as error:
            why = "the file is damaged"
            if isinstance(error, OSError):
                why = describe_file_error(error)
            self.problem = f"Preferences not loaded: {self.path}: {why}."
            return Preferences()

    def _read(self) -> bytes:
        with os.fdopen(open_ours(self.path, os.O_RDONLY), "rb") as file:
            return file.read(LARGEST + 1)

    def save(self, state: Preferences) -> None:
        """Replace the file atomically."""
        try:
            make_private(self.path.parent)
            replace_file(self.path, f"{json.dumps(state._asdict(), indent=1)}\n".encode())
        except OSError as error:
            self.problem = f"Preferences not saved: {self.path}: {describe_file_error(error)}."
        else:
            self.problem = ""


def state_directory(environment: Mapping[str, str]) -> Path:
    """Return the directory of all our files except the configuration: the XDG path, also on macOS."""
    return xdg_directory(environment, "XDG_STATE_HOME", ".local/state")


def state_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the preferences."""
    return state_directory(environment) / "state.json"


def trash_path(environment: Mapping[str, str]) -> Path:
    """Return the directory of saved deletions."""
    return state_directory(environment) / "trash"


def parking_path(environment: Mapping[str, str]) -> Path:
    """Return the directory of the records of parked jobs."""
    return state_directory(environment) / "parking"


def alert_path(environment: Mapping[str, str]) -> Path:
    """Return the directory of what `beantop alert` knows."""
    return state_directory(environment) / "alert"


def journal_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the log of actions."""
    return state_directory(environment) / "actions.jsonl"


def marks_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the marks on the graphs."""
    return state_directory(environment) / "marks.jsonl"


def _parse(data: bytes) -> Preferences:
    """Parse the preferences and ignore fields with a wrong value. Raises `ValueError` if the data is
    not a JSON object."""
    if len(data) > LARGEST:
        raise ValueError("too large")
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    if isinstance(columns := found.get("columns"), list):
        found["columns"] = tuple(column for column in columns if isinstance(column, str))
    if isinstance(by_tube := found.get("job_columns"), dict):
        found["job_columns"] = {
            tube: tuple(column for column in columns if isinstance(column, str))
            for tube, columns in by_tube.items()
            if isinstance(columns, list)
        }
    default = Preferences()
    return Preferences(
        **{
            name: found[name]
            for name in Preferences._fields
            if name in found and _fits(found[name], getattr(default, name))
        }
    )


def _fits(value: object, default: object) -> bool:
    if default is None:  # an optional number
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9
    return type(value) is type(default)
