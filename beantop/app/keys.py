"""Key bindings: those of the table of actions, and the names of all bindings in `[keys]`. And what is said of
a key that came too early."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from textual import events
from textual.binding import Binding, BindingType
from textual.keys import Keys, format_key, key_to_character

from beantop.app.actions.table import ACTIONS, Action
from beantop.config import Settings
from beantop.did_you_mean import nearest

_KEYS = {key.value for key in Keys}


def job_bindings() -> list[BindingType]:
    """Return the keys that act on jobs."""
    return [_binding(action, action.jobs_help) for action in ACTIONS.values() if action.on_jobs]


def tube_bindings(*names: str) -> list[BindingType]:
    """Return the keys that act on tubes: those of the actions with these names, or all."""
    return [
        _binding(action, action.tubes_help)
        for action in ACTIONS.values()
        if action.on_tubes and (not names or action.name in names)
    ]


def server_bindings() -> list[BindingType]:
    """Return the keys that act on a server."""
    return [_binding(action, action.help) for action in ACTIONS.values() if action.on_server]


def scan_bindings() -> list[BindingType]:
    """Return the keys that act on a scanned list of jobs."""
    return [_binding(action, action.help) for action in ACTIONS.values() if action.on_scan]


def unheard(key: events.Key) -> str:
    """Return a sentence about a key that was pressed before its question was shown."""
    name = key.character if key.is_printable and key.character else key.key
    return f"{name} was ignored: it was pressed too early."


def _binding(action: Action, help: str) -> Binding:
    run = f"act({action.name!r})"
    return Binding(action.key, run, action.label, tooltip=help, id=action.name)


def named(bindings: Iterable[BindingType]) -> list[BindingType]:
    """Return the bindings with ids: the action, or the description if the action has parameters.

    >>> [binding.id for binding in named([Binding("K", "kick", "Kick"), Binding("j", "move(1)", "Down")])]
    ['kick', 'down']
    """
    return [
        replace(binding, id=binding.id or _name(binding))
        if isinstance(binding, Binding) and not binding.system
        else binding
        for binding in bindings
    ]


def check_keys(settings: Settings, owners: Iterable[type]) -> None:
    """Check that `[keys]` fits the bindings of these classes. Raises `ConfigError`."""
    keys_of: dict[str, set[str]] = {}
    for binding in _bindings(owners):
        keys_of.setdefault(binding.id or "", set()).add(binding.key)
    wanted = {name: _keys(keys) for name, keys in settings.keys.items()}
    for name, keys in wanted.items():
        if name not in keys_of:
            hint = nearest(name, dict.fromkeys(sorted(keys_of)))
            raise settings.source.mistake(f"there is no action {name}{hint}", name, "keys")
        for key in keys:
            if not _is_key(key):
                raise settings.source.mistake(f"{name}: there is no key {key!r}", name, "keys")
    for key, names in _shared({**keys_of, **wanted}, wanted).items():
        sentence = f"{format_key(key)} would be bound to {' and '.join(sorted(names))}"
        raise settings.source.mistake(sentence, min(names & wanted.keys()), "keys")


def keymap(settings: Settings) -> dict[str, str]:
    """Return `[keys]` in Textual's format."""
    return {name: ",".join(sorted(_keys(keys))) for name, keys in settings.keys.items()}


def key_named(key: str) -> str:
    """Return the name of a key for people.

    >>> key_named("D"), key_named("f9"), key_named("question_mark")
    ('D (capital)', 'f9', '?')
    """
    return f"{key} (capital)" if len(key) == 1 and key.isupper() else format_key(key)


def _shared(keys_of: Mapping[str, set[str]], wanted: Mapping[str, object]) -> dict[str, set[str]]:
    """Return the keys that several actions would share, at least one of them by configuration."""
    names_of: dict[str, set[str]] = {}
    for name, keys in keys_of.items():
        for key in keys:
            names_of.setdefault(key, set()).add(name)
    return {
        key: names for key, names in names_of.items() if len(names) > 1 and names & wanted.keys()
    }


def _bindings(owners: Iterable[type]) -> Iterator[Binding]:
    """Yield the bindings with an id of these classes and all their subclasses."""
    for owner in owners:
        for binding in Binding.make_bindings(vars(owner).get("BINDINGS", ())):
            if binding.id:
                yield binding
        yield from _bindings(owner.__subclasses__())


def _name(binding: Binding) -> str:
    if binding.action.isidentifier():
        return binding.action
    return re.sub(r"\W+", "_", binding.description.lower()).strip("_")


def _keys(keys: str) -> set[str]:
    """Split a list of keys and return Textual's names for them; an empty name stays empty."""
    names = [key.strip() for key in keys.split(",")]
    return {
        binding.key
        for name in names
        for binding in Binding.make_bindings([Binding(name, "", "")] if name else [])
    } | {name for name in names if not name}


def _is_key(key: str) -> bool:
    plain = key.removeprefix("ctrl+").removeprefix("alt+").removeprefix("shift+")
    return {key, plain} & _KEYS != set() or len(key_to_character(plain) or "") == 1
