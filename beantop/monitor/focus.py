"""The choice of tubes that a profiler measures."""

from fnmatch import fnmatchcase
from typing import NamedTuple


class Focus(NamedTuple):
    """The tubes whose jobs are measured: one by its name, and those that fit patterns."""

    tube: str | None
    """The tube on the screen; "" for none, None for all tubes."""
    patterns: tuple[str, ...] = ()
    """Shell patterns for the names of the tubes that rules or columns ask for."""

    def includes(self, tube: str) -> bool:
        """Return whether the jobs of a tube are measured.

        >>> [Focus("a", ("mail-*",)).includes(tube) for tube in ("a", "b", "mail-1")]
        [True, False, True]
        >>> Focus(None).includes("b"), Focus("").includes("b")
        (True, False)
        """
        return self.tube in (None, tube) or any(
            fnmatchcase(tube, pattern) for pattern in self.patterns
        )
