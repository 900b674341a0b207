"""The ways in which a body can be shown, the best one first."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from beantop.jobs.bodies.as_json import is_json, is_utf_8, json_set_out
from beantop.jobs.bodies.form import form_lines, is_form
from beantop.jobs.bodies.layers import (
    MAX_LAYERS,
    MIN_BASE64,
    UNSURE,
    WITH_HEAD,
    WRAPPINGS,
    Unpacked,
    is_word,
)
from beantop.jobs.bodies.lines import MAX_LINES, EvenLines, Malformed
from beantop.jobs.bodies.msgpack import is_chosen_msgpack, is_msgpack, msgpack_lines
from beantop.jobs.bodies.opcodes import is_pickle, pickle_lines
from beantop.jobs.bodies.php import is_php, php_set_out
from beantop.jobs.bodies.plain import SHOWN, hex_lines, is_text, is_written, reads_well, text_lines

BETWEEN = " › "
"""Between the names of layers, from the outermost to the innermost."""

TRIED = 2**18
"""Bytes: a longer body is not tried as any format, to keep the screen quick."""

_MORE = re.compile(rb"\s*[{\[]|[aOC]:[0-9]+:|\s*[A-Za-z0-9+/_\-]{%d}" % MIN_BASE64)
"""How a string begins in which more may be encoded."""

MAX_NESTED = 100
"""Strings in a body that are set out below it, each with what is in it."""


@dataclass(frozen=True)
class View:
    """One way to show a body."""

    name: str
    """"base64 › gzip › JSON", "text", "hex"."""
    lines: Callable[[], Sequence[str]]
    inner: bytes
    """What is below the layers."""
    misfit: str = ""
    """Why the body is shown in this way and not as the configuration says."""
    problem: str = ""
    """Why that is not all of it, or not as it was meant."""


class Format(NamedTuple):
    """What bodies are set out as."""

    fits: Callable[[bytes], bool]
    set_out: Callable[[bytes], tuple[list[str], Iterable[tuple[str, bytes]]]]
    """The lines, and the strings in which more may be encoded, each with the way there."""


_FORMATS: dict[str, Format] = {
    "JSON": Format(is_json, json_set_out),
    "PHP": Format(is_php, php_set_out),
    "pickle": Format(is_pickle, lambda data: (pickle_lines(data), ())),
    "msgpack": Format(is_msgpack, lambda data: (msgpack_lines(data), ())),
    "form": Format(is_form, lambda data: (form_lines(data), ())),
}

_PLAIN: dict[str, Callable[[bytes], list[str] | EvenLines]] = {
    "text": text_lines,
    "hex": hex_lines,
}

NAMES = (*WRAPPINGS, *(name.lower() for name in _FORMATS), *_PLAIN)
"""What `decode` knows."""


def views(body: bytes, how: str = "") -> list[View]:
    """All views of a body, as `how` says that it is, or, if it is not, as it is recognized. They
    work out their lines when they are asked for them.

    >>> [view.name for view in views(b'{"a": 1}')]
    ['JSON', 'text', 'hex']
    >>> [view.name for view in views(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9")]
    ['base64 › JSON', 'text', 'hex']
    """
    plain = [View(name, partial(_cut, lines, body), body) for name, lines in _PLAIN.items()]
    if not is_text(body):
        plain.reverse()
    misfit = ""
    if how:
        try:
            return [decode(body, how), *plain]
        except ValueError as error:
            misfit = f"configured as {how}, but {error}"
    peeled = _peeled(body, [], MAX_LAYERS)
    best, *others = [peeled, *plain] if peeled else plain
    problem = best.problem if peeled else _why_nothing(body)
    return [replace(best, misfit=misfit, problem=problem), *others]


def decode(body: bytes, how: str) -> View:
    """The body as it is known to be: layers and a format with `+` between them, as
    "base64+gzip+json". Raises ValueError with a sentence if the body is something else.

    >>> decode(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9", "base64+json").lines()
    ['{', '  "to": "ada",', '  "v": 3', '}']
    """
    names = how.lower().split("+")
    for name in names:
        if name not in NAMES:
            raise ValueError(f"there is no decoder {name!r}: {', '.join(NAMES)}")
    data, problem = body, ""
    for name in names:
        if name in WRAPPINGS:
            unpacked = WRAPPINGS[name](data)
            if unpacked is None or not unpacked.data:
                raise ValueError(unpacked.problem if unpacked else f"it is not {name}")
            data, problem = unpacked.data, problem or unpacked.problem
    *before, last = names
    name = next((name for name in _FORMATS if name.lower() == last), "")
    if name:
        lines = _set_out(_FORMATS[name], MAX_LAYERS - len(before), data)
        return _view([*before, name], partial(list[str], lines), data, problem)
    cut = partial(_cut, _PLAIN.get(last, text_lines), data, unwrapped=data is not body)
    return _view(names, cut, data, problem)


def _view(
    names: Sequence[str], lines: Callable[[], Sequence[str]], data: bytes, problem: str
) -> View:
    """The view of these layers; its last line is what is wrong with its end."""
    end = [f"… {problem}"] if problem else []

    def with_end() -> Sequence[str]:
        found = lines()
        return found + end if isinstance(found, EvenLines) else [*found, *end]

    return View(BETWEEN.join(names), with_end if end else lines, data, problem=problem)


def _why_nothing(body: bytes) -> str:
    """Why nothing is shown of a body that begins as if it were wrapped."""
    unpacked = (WRAPPINGS[name](body) for name in WITH_HEAD)
    return next((found.problem for found in unpacked if found and not found.data), "")


def _set_out(known: Format, most: int, data: bytes) -> list[str]:
    """The lines of what is said to be in this format; ValueError if it is not."""
    if len(data) > TRIED:
        raise ValueError(f"{len(data):,} bytes are too many to be set out")
    return _with_nested(known, most, "", data)


def _peeled(
    data: bytes, layers: list[str], most: int, place: str = "", problem: str = ""
) -> View | None:
    """The view of what is recognized below these layers; `place` is where in a body it stands."""
    for name, known in _FORMATS.items() if len(data) <= TRIED else ():
        if known.fits(data):
            if name == "JSON" and not is_utf_8(data):
                problem = problem or "it is not UTF-8: bytes are written as \\xNN"
            lines = partial(_checked, partial(_with_nested, known, most, place), data)
            return _view([*layers, name], lines, data, problem)
    for name, unwrap in WRAPPINGS.items() if most else ():
        if name == "base64" and len(data) < MIN_BASE64:
            continue
        unpacked = unwrap(data)
        if unpacked is None or not unpacked.data:
            continue
        below, said = [*layers, name], problem or unpacked.problem
        found = _peeled(unpacked.data, below, most - 1, place, said)
        if name not in UNSURE or _is_sure(name, found, data, unpacked):
            return found or _innermost(unpacked.data, below, said)
    return None


def _is_sure(layer: str, found: View | None, packed: bytes, unpacked: Unpacked) -> bool:
    """Whether what looks as if it were wrapped is, and not just a word, or any bytes."""
    if layer == "deflate" and unpacked.problem:
        return False
    if found and not found.name.endswith("msgpack"):
        return True
    if layer == "slashes" or (layer == "base64" and is_word(packed)):
        return False
    if found:
        return is_chosen_msgpack(unpacked.data)
    return is_written(unpacked.data, cut=bool(unpacked.problem))


def _innermost(data: bytes, layers: list[str], problem: str) -> View:
    """What is left when nothing more is recognized."""
    name = "text" if is_text(data) else "hex"
    cut = partial(_cut, _PLAIN[name], data, unwrapped=True)
    return _view([*layers, name], cut, data, problem)


def _with_nested(known: Format, most: int, place: str, data: bytes) -> list[str]:
    """The lines of a format, and below them what is encoded in its strings, as Laravel's job is."""
    lines, strings = known.set_out(data)
    found = characters = 0
    for path, string in strings:
        if len(lines) > MAX_LINES:
            break
        path = f"{place}.{path}" if place else path
        if not (view := _nested(string, most, path)):
            continue
        if found == MAX_NESTED or characters > SHOWN:
            lines += ["", "… and more is encoded in its strings"]
            break
        nested = ["", f"── {path}: {view.name} ──", *view.lines()]
        found, characters = found + 1, characters + sum(map(len, nested))
        lines += nested[: max(0, MAX_LINES - len(lines))]
        if len(lines) == MAX_LINES:
            lines.append(f"… and more: only {MAX_LINES:,} lines are shown")
    return lines


def _nested(string: bytes, most: int, place: str) -> View | None:
    """What is encoded in a string; a web form is not, as many strings look like one."""
    if most < 1 or (reads_well(string) and not _MORE.match(string)):
        return None
    view = _peeled(string, [], most - 1, place)
    return view if view and not view.name.endswith("form") else None


def _checked(lines: Callable[[bytes], list[str]], data: bytes) -> list[str]:
    """The lines; of what broke nevertheless, those of its text."""
    try:
        return lines(data)
    except (Malformed, ValueError, RecursionError) as error:
        return [f"this cannot be read: {error}", "", *_cut(text_lines, data)]


def _cut(
    lines: Callable[[bytes], list[str] | EvenLines], data: bytes, *, unwrapped: bool = False
) -> Sequence[str]:
    """The lines of what is shown of a body, or of what was unwrapped, of which there may be more."""
    more = len(data) - SHOWN
    if more <= 0:
        return lines(data)
    end = [f"… cut after {SHOWN:,} bytes" if unwrapped else f"… {more:,} bytes more"]
    return lines(data[:SHOWN]) + end
