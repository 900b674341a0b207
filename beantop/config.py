"""The configuration: a TOML file that people write and this program never does, as one frozen value.

A mistake in it is one sentence: which file, which line, and what was probably meant.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from beantop.monitor.alerts import Alert
from beantop.monitor.rules import RuleError, nearest, parse_duration, parse_rule

INTERVAL = 1.0
SHORTEST, LONGEST = 0.5, 3600.0
"""Seconds between polls: what is usual, and what is possible."""


class ConfigError(ValueError):
    """What is wrong with the configuration, as a sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user wants. None is: as it was left the last time, or else as it is usual."""

    interval: float | None = None
    """Seconds between polls."""
    theme: str | None = None
    """The name of a theme, or `auto`: by the background of the terminal."""
    ascii: bool = False
    """Whether the program's own signs are plain ASCII."""
    graphs: Literal["braille", "blocks"] = "braille"
    """The signs that graphs are drawn with, where not all is ASCII."""
    bell: bool = False
    """Whether the terminal's bell rings when an alert fires."""
    desktop: bool = False
    """Whether the desktop is told when an alert fires, by way of the terminal."""
    trash: bool = True
    """Whether jobs are saved before they are deleted."""
    decoders: Mapping[str, str] = field(default_factory=dict)
    """By a pattern for names of tubes: what their bodies are, as "base64+gzip+json"."""
    alerts: tuple[Alert, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    """By the name of an action: its keys, with commas between them."""
    file: str = ""
    """Where this was read from."""

    def with_arguments(
        self, *, interval: float | None = None, theme: str | None = None, ascii: bool = False
    ) -> "Settings":
        """The same, with what was said on the command line before all else."""
        return replace(
            self,
            interval=self.interval if interval is None else interval,
            theme=self.theme if theme is None else theme,
            ascii=self.ascii or ascii,
        )


DECODERS = [
    "base64",
    "gzip",
    "zlib",
    "bz2",
    "zstd",
    "json",
    "php",
    "msgpack",
    "pickle",
    "form",
    "text",
    "hex",
]
"""The layers of a decoder; `jobs.bodies.views.NAMES` has the same ones."""

NOTHING_SET = Settings()

DEFAULT_CONFIG = """\
# beantop reads this file and never writes it. What stands here without a comment sign
# goes before what was chosen on the screen the last time; arguments go before both.

# interval = 1.0        # seconds between polls, 0.5 to 3600
# theme = "auto"        # auto, beantop-dark, beantop-light, ansi-dark, ansi-light, ...
# ascii = false         # draw with plain ASCII signs only
# graphs = "braille"    # or "blocks", for fonts without braille
# bell = false          # ring the terminal's bell when an alert fires
# trash = "on"          # "off": jobs are deleted without being saved, U cannot put them back
# desktop = false       # tell the desktop, where the terminal can do that

# An alert fires when `when` has held for `for`. Comparisons: > >= < <= == !=, and, or.
# Of a tube:   ready urgent reserved delayed buried total in out net using watching waiting
#              pause drain; in, out, net are jobs per second, drain is a time such as 10m
# Of a server, without `tubes`: ready urgent reserved delayed buried total in out net
#              timeouts connections producers workers waiting tubes uptime

# [[alert]]
# tubes = "email-*"
# when = "buried > 0"
# for = "30s"

# [[alert]]
# when = "timeouts > 1 or workers == 0"
# for = "1m"

# Bodies are recognised by what is in them. Where that is wrong, say what they are: layers
# and a format of base64 gzip zlib bz2 zstd json php msgpack pickle form text hex.

# [decode]
# "email-*" = "base64+json"

# The names of keys are what they do: kick, delete, pause, filter, sort, open, copy, freeze,
# help, poll, commands, alerts, leave, quit, ... `?` in the program shows what is bound.

# [keys]
# kick = "K,f9"
"""


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the file is looked for: $BEANTOP_CONFIG, or the place that XDG gives, on macOS too."""
    if named := environment.get("BEANTOP_CONFIG"):
        return Path(named)
    return xdg_directory(environment, "XDG_CONFIG_HOME", ".config") / "config.toml"


def xdg_directory(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    """Our directory at a place of XDG, which counts only if it is an absolute path."""
    home = environment.get(variable, "")
    base = Path(home) if os.path.isabs(home) else Path(os.path.expanduser("~")) / usual
    return base / "beantop"


def load_settings(environment: Mapping[str, str], named: str | None = None) -> Settings:
    """Read the file with that name, or the one at the usual place, where it may be missing."""
    path = Path(named) if named else config_path(environment)
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        if named or environment.get("BEANTOP_CONFIG"):
            raise ConfigError(f"{path}: there is no such file") from None
        return Settings()
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: this is not UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    return replace(parse_settings(text, str(path)), file=str(path))


def parse_settings(text: str, file: str) -> Settings:
    """Read the text of a configuration. Raises `ConfigError`, which names the file.

    >>> parse_settings("intervall = 2", "config.toml")
    Traceback (most recent call last):
    beantop.config.ConfigError: config.toml, line 1: unknown key intervall, did you mean interval?
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {_lower(str(error))}") from None
    except (RecursionError, ValueError):  # brackets without end, numbers of 5,000 digits
        raise ConfigError(f"{file}: this cannot be read as TOML") from None
    return _Reader(text, file).settings(found)


class _Reader:
    """Makes settings of what TOML says, and finds the line of a mistake."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file

    def settings(self, found: Mapping[str, object]) -> Settings:
        alerts = found.get("alert", [])
        if not isinstance(alerts, list) or not all(isinstance(one, dict) for one in alerts):
            raise self._mistake("alert is a list of tables: write [[alert]]", "", 0, "alert")
        keys = found.get("keys", {})
        if not isinstance(keys, dict):
            raise self._mistake("keys is a table: write [keys]", "", 0, "keys")
        decode = found.get("decode", {})
        if not isinstance(decode, dict):
            raise self._mistake("decode is a table: write [decode]", "", 0, "decode")
        tables = dict.fromkeys(("alert", "keys", "decode"))
        simple = {name: value for name, value in found.items() if name not in tables}
        values = self._table(simple, _TOP, "", 0, {**_TOP, **tables})
        decoders = self._table(decode, dict.fromkeys(decode, _decoder), "decode", 0)
        bound = self._table(keys, dict.fromkeys(keys, _keys), "keys", 0)
        return Settings(
            **values,  # type: ignore[arg-type]  # each reader gives what its field takes
            alerts=tuple(self._alert(table, place) for place, table in enumerate(alerts)),
            decoders={tubes: str(how) for tubes, how in decoders.items()},
            keys={name: str(value) for name, value in bound.items()},
        )

    def _alert(self, table: Mapping[str, object], place: int) -> Alert:
        values = self._table(table, _ALERT, "alert", place)
        if "when" not in values:
            raise self._mistake("this alert has no rule: add when =", "alert", place)
        tubes, hold = values.get("tubes"), values.get("for", 0.0)
        try:
            rule = parse_rule(str(values["when"]), "server" if tubes is None else "tube")
        except RuleError as error:
            raise self._mistake(f"when: {error}", "alert", place, "when") from None
        assert isinstance(hold, float)
        return Alert(rule, None if tubes is None else str(tubes), hold)

    def _table(
        self,
        found: Mapping[str, object],
        readers: Mapping[str, "_Read"],
        table: str,
        place: int,
        known: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        """The values of a table, each read by the reader of its key."""
        values: dict[str, object] = {}
        for key, value in found.items():
            if key not in readers:
                hint = nearest(key, known or readers)
                raise self._mistake(f"unknown key {key}{hint}", table, place, key)
            try:
                values[key] = readers[key](value)
            except ValueError as error:
                raise self._mistake(f"{key} {error}", table, place, key) from None
        return values

    def _mistake(self, sentence: str, table: str, place: int, key: str = "") -> ConfigError:
        line = line_of(self._text, table, place, key)
        return ConfigError(f"{self._file}{f', line {line}' if line else ''}: {sentence}")


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


_Read = Callable[[object], object]


def _number(value: object) -> float:
    """A number of seconds between polls."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"is a number of seconds, not {_said(value)}")
    if not SHORTEST <= value <= LONGEST:
        raise ValueError(f"is from {SHORTEST:g} to {LONGEST:g} seconds, not {_said(value)}")
    return float(value)


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"is true or false, not {_said(value)}")
    return value


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"is a text in quotes, not {_said(value)}")
    return value


def _on_or_off(value: object) -> bool:
    if value not in ("on", "off"):
        raise ValueError(f'is "on" or "off", not {_said(value)}')
    return value == "on"


def _decoder(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'is layers such as "base64+json", not {_said(value)}')
    for name in value.lower().split("+"):
        if name not in DECODERS:
            raise ValueError(f"has no layer {_said(name)}{nearest(name, dict.fromkeys(DECODERS))}")
    return value


def _signs_of_graphs(value: object) -> str:
    if value not in ("braille", "blocks"):
        raise ValueError(f'is "braille" or "blocks", not {_said(value)}')
    return str(value)


def _keys(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'is one key or some with commas, such as "K,f9", not {_said(value)}')
    return value


def _hold(value: object) -> float:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError(f'is a time such as 30 or "5m", not {_said(value)}')
    return float(value)


_TOP: Mapping[str, _Read] = {
    "interval": _number,
    "theme": _words,
    "ascii": _yes_or_no,
    "graphs": _signs_of_graphs,
    "bell": _yes_or_no,
    "desktop": _yes_or_no,
    "trash": _on_or_off,
}

_ALERT: Mapping[str, _Read] = {"tubes": _words, "when": _words, "for": _hold}


def _said(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
