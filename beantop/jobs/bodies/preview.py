"""The beginning of a body as lines, to be shown below a list: cheap, whatever the body is."""

from collections.abc import Sequence
from dataclasses import dataclass

from beantop.jobs.bodies.as_json import begins_as_json, cut_json_lines
from beantop.jobs.bodies.lines import Cut, EvenLines
from beantop.jobs.bodies.plain import hex_lines, reads_well, text_lines
from beantop.jobs.bodies.texts import innermost
from beantop.jobs.bodies.views import views

MAX_DECODED = 2**13
"""Bytes. Of a longer body only the beginning is decoded."""

MAX_LINES, MAX_IN_LINE = 100, 4000
"""Lines, and characters of each: more than a preview has room for."""

HEADING = "──"
"""The beginning of a line that names a string decoded below."""

_FLOWING = frozenset({"JSON", "PHP", "msgpack", "form"})
"""Formats whose members need no line of their own."""

_OPENS = ("{", "[", ",")
_CLOSES = ("}", "]")


@dataclass(frozen=True)
class Preview:
    """The beginning of a body."""

    name: str
    """The name of the view, as "base64 › JSON"."""
    lines: Sequence[str]
    """Lines that may still contain control characters."""
    is_cut: bool = False
    """Whether the body has more than these lines."""

    def filled(self, width: int) -> "Preview":
        """Return the same with as many members on each line as fit into `width` characters, if the
        format allows it. Strings that were decoded come first: what wraps them says less.

        >>> Preview("JSON", ["{", '  "a": 1,', '  "b": [', "    2", "  ]", "}"]).filled(16).lines
        ['{ "a": 1, "b": [', '2 ] }']
        >>> Preview("JSON", ["{", '  "a": "a:0:{}"', "}", "", "── a: PHP ──", "[]"]).filled(20).lines
        ['── a: PHP ──  []', '{ "a": "a:0:{}" }']
        """
        if self.name.rpartition(" ")[2] not in _FLOWING:
            return self
        lines = [line.strip() for line in self.lines]
        nested = next((at for at, line in enumerate(lines) if line.startswith(HEADING)), len(lines))
        filled = [*_filled(lines[nested:], width), *_filled(lines[:nested], width)]
        return Preview(self.name, filled, self.is_cut)


def _filled(lines: Sequence[str], width: int) -> list[str]:
    filled: list[str] = []
    for line in filter(None, lines):
        before = filled[-1] if filled else ""
        gap = " " if before.endswith(_OPENS) or line.startswith(_CLOSES) else "  "
        if not before or line.startswith(HEADING) or len(before + gap + line) > width:
            filled.append(line)
        else:
            filled[-1] += gap + line
    return filled


def preview(body: bytes, size: int, how: str = "") -> Preview:
    """Return the preview of a body, or of the beginning of a body of `size` bytes. `how` is as in
    `views`.

    >>> preview(b'{"to": "ada"}', 13)
    Preview(name='JSON', lines=['{', '  "to": "ada"', '}'], is_cut=False)
    >>> preview(b'{"to": "ada", "text": "a long', 70_000)
    Preview(name='JSON', lines=['{', '  "to": "ada",', '  "text": "a long'], is_cut=True)
    """
    if size > MAX_DECODED or len(body) < size:
        return _beginning(body)
    view = views(body, how)[0]
    return _bounded(view.name, view.lines())


def _beginning(body: bytes) -> Preview:
    """Return the preview of a body that is not decoded as a whole."""
    inner = innermost(body)
    if begins_as_json(inner):
        found = _bounded("JSON", cut_json_lines(inner))
    elif reads_well(inner):
        found = _bounded("text", text_lines(inner))
    else:
        found = _bounded("hex", hex_lines(inner))
    return Preview(found.name, found.lines, is_cut=True)


def _bounded(name: str, lines: Sequence[str]) -> Preview:
    if isinstance(lines, EvenLines):
        return Preview(name, lines)
    shown = [line[:MAX_IN_LINE] for line in lines[:MAX_LINES]]
    is_cut = shown != lines or any(isinstance(line, Cut) for line in lines)
    return Preview(name, shown, is_cut)
