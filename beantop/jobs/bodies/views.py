"""The views of a body, best one first."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from beantop.jobs.bodies import encodings
from beantop.jobs.bodies.as_json import (
    cut_json_lines,
    is_cut_json,
    is_json,
    is_utf_8,
    json_set_out,
    json_value,
)
from beantop.jobs.bodies.form import form_set_out, form_value, is_form
from beantop.jobs.bodies.layers import (
    MAX_LAYERS,
    MIN_BASE64,
    ONLY_WRAPPING,
    UNSURE,
    WITH_HEAD,
    WRAPPINGS,
    Unpacked,
    is_word,
)
from beantop.jobs.bodies.lines import MAX_LINES, Cut, EvenLines, Malformed
from beantop.jobs.bodies.msgpack import (
    cut_msgpack_lines,
    is_chosen_msgpack,
    is_msgpack,
    msgpack_set_out,
    msgpack_value,
)
from beantop.jobs.bodies.opcodes import cut_pickle_lines, is_pickle, pickle_lines
from beantop.jobs.bodies.php import cut_php_lines, is_php, php_set_out, php_value
from beantop.jobs.bodies.plain import (
    BOM,
    SHOWN,
    hex_lines,
    is_text,
    is_written,
    reads_well,
    text_lines,
)
from beantop.jobs.bodies.values import Value

BETWEEN = " › "
"""Separator of layer names, which are listed from the outermost to the innermost."""

TRIED = 2**18
"""Bytes. Longer bodies are not tested for formats, to keep the screen responsive."""

_MORE = re.compile(rb"\s*[{\[]|[aOC]:[0-9]+:|\s*[A-Za-z0-9+/_\-]{%d}" % MIN_BASE64)
"""The start of a string that may hold encoded data."""

MIN_BREAKS = 2
"""Ends of lines in a string that is shown as lines, too."""

NESTED_HEX = 60
"""Cells of the longest line of hex among lines of other formats: it fits into all usual windows."""

MAX_NESTED = 100
"""Maximum number of strings in a body that are decoded below it."""


@dataclass(frozen=True)
class View:
    """One way to show a body."""

    name: str
    """"base64 › gzip › JSON", "text", "hex"."""
    lines: Callable[[], Sequence[str]]
    inner: bytes
    """The data below the layers."""
    misfit: str = ""
    """Why the body is not shown in the configured way; else ""."""
    problem: str = ""
    """Why the view is incomplete or not exact; else ""."""

    @property
    def format(self) -> str:
        """The name of the innermost format: "JSON"."""
        return self.name.rpartition(BETWEEN)[2]


class Format(NamedTuple):
    """A format of bodies."""

    fits: Callable[[bytes], bool]
    set_out: Callable[[bytes], tuple[list[str], Iterable[tuple[str, bytes]]]]
    """Returns the lines, and the strings that may hold encoded data, with their paths."""


_FORMATS: dict[str, Format] = {
    "JSON": Format(is_json, json_set_out),
    "PHP": Format(is_php, php_set_out),
    "pickle": Format(is_pickle, lambda data: (pickle_lines(data), ())),
    "msgpack": Format(is_msgpack, msgpack_set_out),
    "form": Format(is_form, form_set_out),
}

READERS: Mapping[str, Callable[[bytes], Value]] = {
    "JSON": json_value,
    "PHP": php_value,
    "msgpack": msgpack_value,
    "form": form_value,
}
"""Functions that return the value of data, for filters, groups and masks. The other formats have no members."""

_CUT: dict[str, Callable[[bytes], list[str]]] = {
    "JSON": lambda data: cut_json_lines(data) if is_cut_json(data) else [],
    "PHP": cut_php_lines,
    "pickle": cut_pickle_lines,
    "msgpack": cut_msgpack_lines,
}
"""Functions that return the lines of data whose end is missing; none if it is something else."""

_PLAIN: dict[str, Callable[[bytes], list[str] | EvenLines]] = {
    "text": text_lines,
    "hex": hex_lines,
}

_LAYERS = {**WRAPPINGS, **encodings.ENCODINGS}

NAMES = (*_LAYERS, *(name.lower() for name in _FORMATS), *_PLAIN)
"""Names that `decode` accepts."""


def views(body: bytes, how: str = "") -> list[View]:
    """Return all views of a body: decoded by `how` if that succeeds, else as recognized. Views
    compute their lines on demand.

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
    problem = best.problem if peeled else _header_problem(body)
    return [replace(best, misfit=misfit, problem=problem), *others]


def decode(body: bytes, how: str) -> View:
    """Decode a body by given layers and a format, joined by `+`, as "base64+gzip+json". Raises
    ValueError with a clause if the body does not match.

    >>> decode(b"eyJ0byI6ICJhZGEiLCAidiI6IDN9", "base64+json").lines()
    ['{', '  "to": "ada",', '  "v": 3', '}']
    """
    names = how.lower().split("+")
    for name in names:
        if name not in NAMES:
            raise ValueError(f"{name!r} is not a decoder: use {', '.join(NAMES)}")
    data, problem = body, ""
    for name in names:
        if name in _LAYERS:
            unpacked = _LAYERS[name](data)
            if unpacked is None or not unpacked.data:
                raise ValueError(unpacked.problem if unpacked else f"it is not {name}")
            data, problem = unpacked.data, problem or unpacked.problem
    *layers, last = names
    name = next((name for name in _FORMATS if name.lower() == last), "")
    if name:
        lines = _set_out(_FORMATS[name], MAX_LAYERS - len(layers), data)
        return _view([*layers, name], partial(list[str], lines), data, problem)
    cut = partial(_cut, _PLAIN.get(last, text_lines), data, unwrapped=data is not body)
    return _view(names, cut, data, problem)


def unwrapped(body: bytes, view: View, limit: int) -> Unpacked | None:
    """Return the data below the layers of one of its views again, now up to `limit` bytes below each;
    None if these are other layers then."""
    found = Unpacked(body)
    for name in view.name.split(BETWEEN):
        if unwrap := _LAYERS.get(name):
            below = unwrap(found.data, limit)
            if below is None:
                return None
            found = below._replace(is_cut=found.is_cut or below.is_cut)
    return found


def _view(
    names: Sequence[str], lines: Callable[[], Sequence[str]], data: bytes, problem: str
) -> View:
    """Return the view of these layers. A problem becomes its last line."""
    end = [f"… {problem}"] if problem else []

    def with_end() -> Sequence[str]:
        found = lines()
        return found + end if isinstance(found, EvenLines) else [*found, *end]

    return View(BETWEEN.join(names), with_end if end else lines, data, problem=problem)


def _header_problem(body: bytes) -> str:
    """Return why a body with the header of a layer cannot be unwrapped; else ""."""
    unpacked = (WRAPPINGS[name](body) for name in WITH_HEAD)
    return next((found.problem for found in unpacked if found and not found.data), "")


def _set_out(known: Format, most: int, data: bytes) -> list[str]:
    """Return the lines of data in a given format. Raises ValueError if it is not valid."""
    if len(data) > TRIED:
        raise ValueError(f"{len(data):,} bytes are too many to decode")
    return _with_nested(known, most, "", data)


def _peeled(
    data: bytes, layers: list[str], most: int, place: str = "", problem: str = ""
) -> View | None:
    """Return the view of data recognized below these layers, or None. `place` is their path."""
    data = data.removeprefix(BOM)
    return (
        _in_encoding(data, layers, most, place, problem)
        or _in_format(data, layers, most, place, problem)
        or _ended_early(data, layers, problem)
        or _wrapped(data, layers, most, place, problem)
    )


def _in_encoding(
    data: bytes, layers: list[str], most: int, place: str, problem: str
) -> View | None:
    """Return the view of a text that is not UTF-8, or None."""
    name = encodings.recognized(data) if most else ""
    if not name or is_msgpack(data) or (below := _LAYERS[name](data)) is None:
        return None
    named, problem = [*layers, name], problem or below.problem
    found = _peeled(below.data, named, most - 1, place, problem)
    return found or _innermost(below.data, named, problem)


def _in_format(data: bytes, layers: list[str], most: int, place: str, problem: str) -> View | None:
    """Return the view of data in one of the formats, or None."""
    for name, known in _FORMATS.items() if len(data) <= TRIED else ():
        if known.fits(data):
            if name == "JSON" and not is_utf_8(data):
                problem = problem or "it is not UTF-8: bytes are written as \\xNN"
            lines = partial(_checked, partial(_with_nested, known, most, place), data)
            return _view([*layers, name], lines, data, problem)
    return None


def _ended_early(data: bytes, layers: list[str], problem: str) -> View | None:
    """Return the view of data in a format whose end is missing, or None."""
    for name, cut_lines in _CUT.items() if len(data) <= TRIED else ():
        if found := cut_lines(data):
            problem = problem or f"the {name} is cut off"
            return _view([*layers, name], partial(list[str], found), data, problem)
    return None


def _wrapped(data: bytes, layers: list[str], most: int, place: str, problem: str) -> View | None:
    """Return the view of data below the next layer, or None."""
    for name, unwrap in WRAPPINGS.items() if most else ():
        if name == "base64" and len(data) < MIN_BASE64:
            continue
        unpacked = unwrap(data)
        if unpacked is None or not unpacked.data:
            continue
        below, first_problem = [*layers, name], problem or unpacked.problem
        found = _peeled(unpacked.data, below, most - 1, place, first_problem)
        if name not in UNSURE or _is_sure(name, found, data, unpacked):
            return found or _innermost(unpacked.data, below, first_problem)
    return None


def _is_sure(layer: str, found: View | None, packed: bytes, unpacked: Unpacked) -> bool:
    """Return whether data is really wrapped, rather than a word or random bytes."""
    if layer == "deflate" and unpacked.problem:
        return False
    if found and not found.name.endswith("msgpack"):
        return True
    if layer in ONLY_WRAPPING or (layer == "base64" and is_word(packed)):
        return False
    if found:
        return is_chosen_msgpack(unpacked.data)
    return is_written(unpacked.data, cut=bool(unpacked.problem))


def _innermost(data: bytes, layers: list[str], problem: str) -> View:
    """Return the view of data in which nothing more is recognized."""
    name = "text" if is_text(data) else "hex"
    cut = partial(_cut, _PLAIN[name], data, unwrapped=True)
    return _view([*layers, name], cut, data, problem)


def _with_nested(known: Format, most: int, place: str, data: bytes) -> list[str]:
    """Return the lines of a format, followed by decoded strings in it, such as Laravel's job, and by strings
    of several lines."""
    lines, strings = known.set_out(data)
    found = characters = 0
    for path, string in strings:
        if len(lines) > MAX_LINES:
            break
        path = f"{place}.{path}" if place else path
        view = nested_view(string, most, path) or _several_lines(string)
        if not view:
            continue
        if found == MAX_NESTED or characters > SHOWN:
            lines += ["", Cut("… and more is encoded in its strings")]
            break
        below = view.lines()
        below = below.within(NESTED_HEX) if isinstance(below, EvenLines) else below
        nested = ["", f"── {path}: {view.name} ──", *below]
        found, characters = found + 1, characters + sum(map(len, nested))
        lines += nested[: max(0, MAX_LINES - len(lines))]
        if len(lines) == MAX_LINES:
            lines.append(Cut(f"… and more: only {MAX_LINES:,} lines are shown"))
    return lines


def nested_view(string: bytes, most: int, place: str) -> View | None:
    """Return the view of a string that holds encoded data. Forms and hexadecimal digits are ignored,
    since many strings resemble them."""
    if most < 1 or (reads_well(string) and not _MORE.match(string)):
        return None
    view = _peeled(string, [], most - 1, place)
    is_sure = view and not view.name.endswith("form") and not view.name.startswith("base16")
    return view if is_sure else None


def _several_lines(string: bytes) -> View | None:
    """Return the view of a string that is a text of several lines, such as a traceback."""
    if string.count(b"\n") < MIN_BREAKS or not is_text(string):
        return None
    return View("text", partial(_cut, text_lines, string.rstrip(b"\n")), string)


def _checked(lines: Callable[[bytes], list[str]], data: bytes) -> list[str]:
    """Return the lines; if decoding fails after all, those of the text."""
    try:
        return lines(data)
    except (Malformed, ValueError, RecursionError) as error:
        return [f"this cannot be read: {error}", "", *_cut(text_lines, data)]


def _cut(
    lines: Callable[[bytes], list[str] | EvenLines], data: bytes, *, unwrapped: bool = False
) -> Sequence[str]:
    """Return the lines of the shown part of a body, or of unwrapped data, and note what is cut."""
    more = len(data) - SHOWN
    if more <= 0:
        return lines(data)
    end = [f"… cut after {SHOWN:,} bytes" if unwrapped else f"… {more:,} bytes more"]
    return lines(data[:SHOWN]) + end
