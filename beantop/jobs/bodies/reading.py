"""The configured way to read the bodies of a tube."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from beantop.jobs.bodies.mask import Mask, mask_for


class Reading(NamedTuple):
    """Configuration of how to read the bodies of a tube."""

    decoder: str = ""
    """Their layers and format, as in `views`; "" to recognize them."""
    class_path: str = ""
    """Path of the member that has the class of a job; "" to recognize it."""
    mask: Mask | None = None
    """What of them must not be shown; None if all may be."""

    def shown(self, body: bytes, size: int | None = None) -> "Shown":
        """Return what may be shown of a body, or of the beginning of a body of `size` bytes. All that
        turns a body into text for somebody begins with this."""
        if self.mask is None:
            return Shown(body, self)
        from beantop.jobs.bodies.masking import masked  # large, and rarely needed

        return masked(body, len(body) if size is None else size, self)


class Shown(NamedTuple):
    """What may be shown of a body: the body itself, or another one without what is masked."""

    body: bytes
    reading: Reading
    """How to read it; it has no mask."""
    note: str = ""
    """What is missing, as a clause; "" if nothing is."""


AS_RECOGNIZED = Reading()
"""Nothing is configured."""


def reading_for(
    tube: str,
    decoders: Mapping[str, str],
    class_paths: Mapping[str, str],
    masks: Mapping[str, Mask],
) -> Reading:
    """Return how the bodies of a tube are read; the arguments are by pattern of tube names."""
    mask = mask_for(tube, masks.items()) if masks else None
    return Reading(_first_for(tube, decoders), _first_for(tube, class_paths), mask)


def _first_for(tube: str, by_tubes: Mapping[str, str]) -> str:
    """Return the first value whose pattern matches the tube; "" if none does."""
    return next((value for tubes, value in by_tubes.items() if fnmatchcase(tube, tubes)), "")
