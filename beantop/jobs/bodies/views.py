"""The ways in which a body can be shown, the best one first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from beantop.jobs.bodies.as_json import embedded_php, is_json, json_lines
from beantop.jobs.bodies.form import form_lines, is_form
from beantop.jobs.bodies.layers import MAX_LAYERS, MIN_BASE64, WRAPPINGS
from beantop.jobs.bodies.lines import EvenLines, Malformed
from beantop.jobs.bodies.msgpack import is_msgpack, msgpack_lines
from beantop.jobs.bodies.opcodes import is_pickle, pickle_lines
from beantop.jobs.bodies.php import is_php, php_lines
from beantop.jobs.bodies.plain import SHOWN, hex_lines, is_text, reads_well, text_lines

BETWEEN = " › "
"""Between the names of layers, from the outermost to the innermost."""

TRIED = 2**18
"""Bytes: a longer body is not tried as any format, to keep the screen quick."""


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


_FORMATS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes], list[str]]]] = {
    "JSON": (is_json, json_lines),
    "PHP": (is_php, php_lines),
    "pickle": (is_pickle, pickle_lines),
    "msgpack": (is_msgpack, msgpack_lines),
    "form": (is_form, form_lines),
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
    return [replace(best, misfit=misfit), *others]


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
    data = body
    for name in names:
        if name in WRAPPINGS:
            unwrapped = WRAPPINGS[name](data)
            if unwrapped is None:
                raise ValueError(f"it is not {name}")
            data = unwrapped
    last = names[-1]
    for name, (_, lines) in _FORMATS.items():
        if name.lower() == last:
            set_out = partial(list[str], _set_out(lines, data))
            return View(BETWEEN.join([*names[:-1], name]), set_out, data)
    cut = partial(_cut, _PLAIN.get(last, text_lines), data, unwrapped=data is not body)
    return View(BETWEEN.join(names), cut, data)


def _set_out(lines: Callable[[bytes], list[str]], data: bytes) -> list[str]:
    """The lines of what is said to be in this format; ValueError if it is not."""
    if len(data) > TRIED:
        raise ValueError(f"{len(data):,} bytes are too many to be set out")
    return lines(data)


def _peeled(data: bytes, layers: list[str], most: int) -> View | None:
    """The view of what is recognized below these layers."""
    for name, (fits, lines) in _FORMATS.items() if len(data) <= TRIED else ():
        if fits(data):
            more = _with_php(lines) if name == "JSON" else lines
            return View(BETWEEN.join([*layers, name]), partial(_checked, more, data), data)
    if most:
        for name, unwrap in WRAPPINGS.items():
            if name == "base64" and len(data) < MIN_BASE64:
                continue
            if (inner := unwrap(data)) is not None:
                found = _peeled(inner, [*layers, name], most - 1)
                if found or name != "base64":
                    return found or _innermost(inner, [*layers, name])
                if reads_well(inner):  # else what looked like base64 was a long word
                    return _innermost(inner, [*layers, name])
    return None


def _innermost(data: bytes, layers: list[str]) -> View:
    """What is left when nothing more is recognized."""
    name = "text" if is_text(data) else "hex"
    cut = partial(_cut, _PLAIN[name], data, unwrapped=True)
    return View(BETWEEN.join([*layers, name]), cut, data)


def _with_php(lines: Callable[[bytes], list[str]]) -> Callable[[bytes], list[str]]:
    """JSON, and below it what Laravel serialized into its `data.command`."""

    def both(data: bytes) -> list[str]:
        found = lines(data)
        for path, php in embedded_php(data):
            found += ["", f"── {path}: PHP ──", *php]
        return found

    return both


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
