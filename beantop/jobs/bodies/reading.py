"""How the bodies of a tube are read, as far as the user says so."""

from typing import NamedTuple


class Reading(NamedTuple):
    """What the configuration says of the bodies of a tube."""

    decoder: str = ""
    """Their layers and format, as in `views`; "" to recognize them."""
    class_path: str = ""
    """Path of the member that has the class of a job; "" to recognize it."""


AS_RECOGNIZED = Reading()
"""Nothing is configured."""
