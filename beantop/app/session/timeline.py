"""Where in a recording it is played, as a value for the screens."""

from typing import NamedTuple


class Timeline(NamedTuple):
    """All times are Unix times."""

    begin: float
    end: float
    at: float
    speed: float
    """Seconds of the recording in one second."""
    is_playing: bool
    is_reading: bool = False
    """Whether the recording is being read, to jump to another moment."""
