"""The configured way to read the bodies of a tube."""

from typing import NamedTuple


class Reading(NamedTuple):
    """Configuration of how to read the bodies of a tube."""

    decoder: str = ""
    """Their layers and format, as in `views`; "" to recognize them."""
    class_path: str = ""
    """Path of the member that has the class of a job; "" to recognize it."""


AS_RECOGNIZED = Reading()
"""Nothing is configured."""
