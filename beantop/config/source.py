"""The source of settings, to report a mistake with its file and line."""

import re
from typing import NamedTuple


class ConfigError(ValueError):
    """A mistake in the configuration, described in a sentence."""


class Source(NamedTuple):
    """The name and text of a configuration file."""

    file: str = ""
    text: str = ""

    def mistake(self, sentence: str, key: str = "", table: str = "", place: int = 0) -> ConfigError:
        """Return the error for a mistake at a key in the table with this name and number.

        >>> Source("c.toml", "[keys]\\nkik = 'f9'").mistake("there is no action kik", "kik", "keys")
        ConfigError('c.toml, line 2: there is no action kik')
        """
        line = line_of(self.text, table, place, key)
        return ConfigError(f"{self.file}{f', line {line}' if line else ''}: {sentence}")


def line_of(text: str, table: str, place: int = 0, key: str = "") -> int | None:
    """Return the line number of a key in the table with this name and number, or None.

    >>> line_of("a = 1\\n[[alert]]\\nb = 2\\n[[alert]]\\nb = 3", "alert", 1, "b")
    5
    """
    inside, left = not table, place
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[{1,2}\s*[\"']?([^\]\"']*)", line):
            name = header[1].strip()
            if not table and name.split(".")[0] == key:
                return number
            inside = bool(table) and name == table and left == 0
            left -= name == table
            if inside and not key:
                return number
        elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return None
