"""Parameters of dear tests: those that start the whole program for each."""

import pytest
from _pytest.mark.structures import ParameterSet


def rest_is_slow(*values: object) -> list[ParameterSet]:
    """Return these parameters of a test: the first always runs, the others, which take the same path
    through the program, with --slow."""
    first, *rest = [value if isinstance(value, tuple) else (value,) for value in values]
    slow = [pytest.param(*value, marks=pytest.mark.slow) for value in rest]
    return [pytest.param(*first), *slow]
