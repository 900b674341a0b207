"""What the user chose on the screen, kept from one run to the next. It is never worth an error.

A file that cannot be read counts as empty, one that cannot be written is not written.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TypedDict

from beantop.config import xdg_directory
from beantop.jobs.aside import in_time
from beantop.jobs.storage import make_private, open_ours, write_new

LARGEST = 64 * 1024
"""Bytes of a file that is ours; one that is larger is not read."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices. An empty one, or None, was never made. Fields may be added: every one has a
    default, and what an older or newer program wrote beside them is passed over."""

    sort: str = ""
    """The key of a column of the tubes, with a `-` before it where the largest come first."""
    columns: tuple[str, ...] = ()
    """The keys of the columns of the tubes."""
    hide_idle: bool = False
    theme: str = ""
    interval: float | None = None
    """Seconds between polls."""
    span: float | None = None
    """Seconds that graphs reach back."""


NO_PREFERENCES = Preferences()


class PreferenceChanges(TypedDict, total=False):
    """Some of the fields of a `Preferences`, for the types of `remember(sort=...)`: those to be changed."""

    sort: str
    columns: tuple[str, ...]
    hide_idle: bool
    theme: str
    interval: float
    span: float


class PreferencesFile:
    """The place where the state is kept. `problem` says, as a sentence, what went wrong last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem = ""

    def load(self) -> Preferences:
        """The state of the last run, or an empty one."""
        try:
            return _state_of(in_time(self._read))
        except FileNotFoundError:
            return Preferences()
        except (OSError, ValueError, RecursionError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is broken"
            self.problem = f"Choices of the last time are lost: {self.path}: {why}."
            return Preferences()

    def _read(self) -> bytes:
        with os.fdopen(open_ours(self.path, os.O_RDONLY), "rb") as file:
            return file.read(LARGEST + 1)

    def save(self, state: Preferences) -> None:
        """Replace what is kept, all of it or nothing."""
        try:
            make_private(self.path.parent)
            _replace(self.path, f"{json.dumps(asdict(state), indent=1)}\n".encode())
        except OSError as error:
            self.problem = f"Choices cannot be kept: {self.path}: {error.strerror or error}."
        else:
            self.problem = ""


def state_directory(environment: Mapping[str, str]) -> Path:
    """Where all that we keep is kept: the place that XDG gives, on macOS too."""
    return xdg_directory(environment, "XDG_STATE_HOME", ".local/state")


def state_path(environment: Mapping[str, str]) -> Path:
    """Where the state is kept."""
    return state_directory(environment) / "state.json"


def trash_path(environment: Mapping[str, str]) -> Path:
    """Where deletions are kept."""
    return state_directory(environment) / "trash"


def parking_path(environment: Mapping[str, str]) -> Path:
    """Where it is noted which jobs are out of reach for a moment."""
    return state_directory(environment) / "parking"


def journal_path(environment: Mapping[str, str]) -> Path:
    """Where the log of actions is."""
    return state_directory(environment) / "actions.jsonl"


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file, which only its owner may read, then take its place."""
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    beside.unlink(missing_ok=True)  # of a program that was killed, and had our number
    write_new(str(beside), data)
    try:
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def _state_of(data: bytes) -> Preferences:
    """Raises ValueError if this is no state at all; a single field that is wrong is passed over."""
    if len(data) > LARGEST:
        raise ValueError("too large")
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("no object")
    if isinstance(columns := found.get("columns"), list):
        found["columns"] = tuple(column for column in columns if isinstance(column, str))
    usual = Preferences()
    return Preferences(
        **{
            field.name: found[field.name]
            for field in fields(Preferences)
            if field.name in found and _fits(found[field.name], getattr(usual, field.name))
        }
    )


def _fits(value: object, usual: object) -> bool:
    if usual is None:  # a number that was never chosen
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9
    return type(value) is type(usual)
