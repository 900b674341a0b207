"""Read the configuration: a TOML file that people write and this program never changes.

A mistake is reported in one sentence with the file, the line and the probable intention.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from beantop.beanstalk import normalized
from beantop.config import values as read
from beantop.config.paths import config_path
from beantop.config.settings import COLORS, NotifyConfig, ServerConfig, Settings, same_name
from beantop.config.source import ConfigError, Source
from beantop.did_you_mean import nearest
from beantop.jobs.aside import in_time
from beantop.jobs.storage import describe_file_error, read_regular
from beantop.monitor.alerts import LEVELS, AlertRule, Level
from beantop.monitor.rules import RuleError, parse_rule

LARGEST = 2**20
"""Maximum bytes of a configuration."""

_Read = Callable[[object], object]
_Value = TypeVar("_Value")

_TOP: Mapping[str, _Read] = {
    "interval": read.interval,
    "theme": read.text,
    "ascii": read.yes_or_no,
    "graphs": lambda value: read.one_of(("braille", "blocks"), value),
    "bell": read.yes_or_no,
    "desktop": read.yes_or_no,
    "trash": read.on_or_off,
    "confirm": lambda value: read.one_of(("all", "bulk", "none"), value),
    "columns": read.names,
    "readonly": read.yes_or_no,
    "unmask": read.yes_or_no,
}

_TABLES = ("alert", "notify", "server", "keys", "decode", "class", "job_columns", "mask")

_SERVER: Mapping[str, _Read] = {
    "name": read.name,
    "address": read.address,
    "color": lambda value: read.one_of(COLORS, value),
    "production": read.yes_or_no,
    "readonly": read.yes_or_no,
}

_ALERT: Mapping[str, _Read] = {
    "tubes": read.tubes,
    "when": read.text,
    "for": read.duration,
    "level": lambda value: read.one_of(LEVELS, value),
}

_NOTIFY: Mapping[str, _Read] = {
    "command": read.name,
    "url": read.url,
    "touch": read.name,
    "heartbeat": read.heartbeat,
}

_RECEIVERS = ("command", "url", "touch")
"""The keys of `_NOTIFY` of which each table has one."""


def load_settings(environment: Mapping[str, str], named: str | None = None) -> Settings:
    """Read the named file, or the one at the default path, which may be missing. Raises
    `ConfigError`."""
    path = config_path(environment) if named is None else Path(named)
    try:
        data = in_time(partial(read_regular, path, LARGEST))
        text = data.decode("utf-8-sig")  # some editors write a byte order mark
    except FileNotFoundError:
        if named is not None or environment.get("BEANTOP_CONFIG"):
            raise ConfigError(f"{path}: the file does not exist") from None
        return Settings()
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the file is not UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {describe_file_error(error)}") from None
    return parse_settings(text, str(path))


def parse_settings(text: str, file: str) -> Settings:
    """Read the text of a configuration. Raises `ConfigError`, which names the file.

    >>> parse_settings("intervall = 2", "config.toml")
    Traceback (most recent call last):
    beantop.config.source.ConfigError: config.toml, line 1: unknown key intervall, did you mean interval?
    """
    import tomllib  # needed only where there is a configuration

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {_lower(str(error))}") from None
    except (RecursionError, ValueError):  # endless brackets, numbers of 5,000 digits
        raise ConfigError(f"{file}: the file is not valid TOML") from None
    return _Reader(Source(file, text)).settings(found)


FORMER_NAMES = {"colour": "color"}
"""Former names of keys, which are still accepted."""


class _Reader:
    """Converts parsed TOML to settings."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def settings(self, found: Mapping[str, object]) -> Settings:
        alerts = self._list_of_tables(found, "alert")
        notify = self._list_of_tables(found, "notify")
        servers = self._list_of_tables(found, "server")
        keys = self._table_of(found, "keys")
        simple = {name: value for name, value in found.items() if name not in _TABLES}
        values = self._table(simple, _TOP, "", 0, (*_TOP, *_TABLES))
        bound = self._table(keys, dict.fromkeys(keys, read.keys), "keys", 0)
        return Settings(
            **values,  # type: ignore[arg-type]  # each reader returns what its field takes
            servers=self._servers(servers),
            alerts=tuple(self._alert(table, place) for place, table in enumerate(alerts)),
            notify=tuple(self._notify(table, place) for place, table in enumerate(notify)),
            decoders=self._by_tubes(found, "decode", read.decoder),
            class_paths=self._by_tubes(found, "class", read.member_path),
            masks=self._by_tubes(found, "mask", read.mask),
            job_columns=self._by_tubes(found, "job_columns", read.job_columns),
            keys={name: str(value) for name, value in bound.items()},
            source=self._source,
        )

    def _list_of_tables(
        self, found: Mapping[str, object], name: str
    ) -> Sequence[Mapping[str, object]]:
        tables = found.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self._source.mistake(f"{name} is a list of tables: write [[{name}]]", name)
        return tables

    def _table_of(self, found: Mapping[str, object], name: str) -> Mapping[str, object]:
        table = found.get(name, {})
        if not isinstance(table, dict):
            raise self._source.mistake(f"{name} is a table: write [{name}]", name)
        return table

    def _by_tubes(
        self, found: Mapping[str, object], name: str, reader: Callable[[str, object], _Value]
    ) -> dict[str, _Value]:
        """Return the values of a table whose keys are patterns of tubes."""
        table = self._table_of(found, name)
        readers = {tubes: partial(reader, tubes) for tubes in table}
        return self._table(table, readers, name, 0)  # type: ignore[return-value]  # what `reader` returns

    def _servers(self, tables: Sequence[Mapping[str, object]]) -> tuple[ServerConfig, ...]:
        servers: list[ServerConfig] = []
        for place, table in enumerate(tables):
            values = self._table(table, _SERVER, "server", place)
            if "address" not in values:
                raise self._source.mistake(
                    "this server has no address; add address =", table="server", place=place
                )
            server = ServerConfig(**values)  # type: ignore[arg-type]  # each reader returns what its field takes
            for other in servers:
                if same_name(server.title, other.title):
                    sentence = f"two servers are called {server.title}"
                    raise self._source.mistake(sentence, table="server", place=place)
                if normalized(server.address) == normalized(other.address):
                    sentence = f"this server is there already, as {other.title}"
                    raise self._source.mistake(sentence, table="server", place=place)
            servers.append(server)
        return tuple(servers)

    def _alert(self, table: Mapping[str, object], place: int) -> AlertRule:
        values = self._table(table, _ALERT, "alert", place)
        if "when" not in values:
            raise self._source.mistake(
                "this alert has no rule; add when =", table="alert", place=place
            )
        tubes, for_seconds = values.get("tubes"), values.get("for", 0.0)
        level: Level = "warning" if values.get("level") == "warning" else "critical"
        try:
            rule = parse_rule(str(values["when"]), "server" if tubes is None else "tube")
        except RuleError as error:
            raise self._source.mistake(f"when: {error}", "when", "alert", place) from None
        assert tubes is None or isinstance(tubes, str | tuple)
        assert isinstance(for_seconds, float)
        return AlertRule(rule, tubes, for_seconds, level)

    def _notify(self, table: Mapping[str, object], place: int) -> NotifyConfig:
        values = self._table(table, _NOTIFY, "notify", place)
        if sum(key in values for key in _RECEIVERS) != 1:
            sentence = "it needs exactly one of command, url and touch"
            raise self._source.mistake(sentence, table="notify", place=place)
        if "touch" in values and "heartbeat" not in values:
            sentence = 'touch needs heartbeat =, such as "1m"'
            raise self._source.mistake(sentence, "touch", "notify", place)
        return NotifyConfig(**values)  # type: ignore[arg-type]  # each reader returns what its field takes

    def _table(
        self,
        found: Mapping[str, object],
        readers: Mapping[str, "_Read"],
        table: str,
        place: int,
        known: Collection[str] = (),
    ) -> dict[str, object]:
        """Return the values of a table, each read by the reader of its key."""
        values: dict[str, object] = {}
        for key, value in found.items():
            name = FORMER_NAMES.get(key, key)
            if name not in readers:
                hint = nearest(key, known or readers)
                raise self._source.mistake(f"unknown key {key}{hint}", key, table, place)
            try:
                values[name] = readers[name](value)
            except ValueError as error:
                raise self._source.mistake(f"{key} {error}", key, table, place) from None
        return values


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
