"""How bodies are read, by the configuration."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from beantop.config.settings import Settings
from beantop.jobs.bodies.reading import Reading


def reading_of(tube: str, settings: Settings) -> Reading:
    """Return how the bodies of a tube are read."""
    return Reading(_first_for(tube, settings.decoders), _first_for(tube, settings.class_paths))


def _first_for(tube: str, by_tubes: Mapping[str, str]) -> str:
    """Return the first value whose pattern matches the tube; "" if none does."""
    return next((value for tubes, value in by_tubes.items() if fnmatchcase(tube, tubes)), "")
