"""Lines that are written one by one, and no more of them than a person will read."""

MOST_LINES = 20_000

MOST_IN_LINE = 20_000
"""Characters; the rest of a longer string is told, not shown."""

NESTING_LIMIT = 100


class Malformed(ValueError):
    """This is not what it was taken for."""


class Writer:
    """Collects lines, indented by how deep they are."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, depth: int, text: str) -> None:
        """Raises `Malformed` when it is nested deeper than anything that people put."""
        if depth > NESTING_LIMIT:
            raise Malformed("nested too deeply")
        if len(self.lines) < MOST_LINES:
            self.lines.append("  " * depth + text)
        elif len(self.lines) == MOST_LINES:
            self.lines.append(f"… and more: only {MOST_LINES:,} lines are shown")

    @property
    def is_full(self) -> bool:
        return len(self.lines) > MOST_LINES


def quoted(data: bytes) -> str:
    r"""A string of bytes as text in quotes; what is not UTF-8 is written as \xNN.

    >>> print(quoted(b'say "hi"\xff'))
    "say \"hi\"\xff"
    """
    text = data[:MOST_IN_LINE].decode("utf-8", "backslashreplace").replace('"', '\\"')
    more = len(data) - MOST_IN_LINE
    return f'"{text}"' + (f" … {more:,} bytes more" if more > 0 else "")
