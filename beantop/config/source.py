"""Where settings were read from, to tell of a mistake: the file, the line, and what is wrong."""

import re
from dataclasses import dataclass


class ConfigError(ValueError):
    """What is wrong with the configuration, as a sentence."""


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration as it was read."""

    file: str = ""
    text: str = ""

    def mistake(self, sentence: str, key: str = "", table: str = "", place: int = 0) -> ConfigError:
        """The error that tells of a mistake at a key of the table of that name and number.

        >>> Source("c.toml", "[keys]\\nkik = 'f9'").mistake("there is no action kik", "kik", "keys")
        ConfigError('c.toml, line 2: there is no action kik')
        """
        line = line_of(self.text, table, place, key)
        return ConfigError(f"{self.file}{f', line {line}' if line else ''}: {sentence}")


def line_of(text: str, table: str, place: int = 0, key: str = "") -> int | None:
    """The line where a key stands, in the table of that name with that number, or None.

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
