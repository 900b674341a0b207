"""Several pictures of a terminal as one that moves: an SVG that needs no script.

What stands in the same place for several pictures is in the file once, and shown for their time.
"""

import re
from collections.abc import Sequence

_ELEMENT = re.compile(
    r"<(?:rect fill=\"(?P<fill>[^\"]+)\" x=|text class=\"\S+-(?P<rule>r\d+)\").*?(?:/>|</text>)",
    re.S,
)
_RULE = re.compile(r"\.\S*-(r\d+) \{ (.*?) \}")


def movie(pictures: Sequence[str], seconds: Sequence[float]) -> str:
    """Return one SVG that shows each of these for so many seconds, again and again."""
    shown_in: dict[str, list[int]] = {}
    for number, picture in enumerate(pictures):
        for element in _elements(picture):
            shown_in.setdefault(element, []).append(number)
    groups: dict[tuple[int, ...], list[str]] = {}
    for element, numbers in shown_in.items():
        groups.setdefault(tuple(numbers), []).append(element)
    everywhere = groups.pop(tuple(range(len(pictures))), [])
    total, starts = sum(seconds), [sum(seconds[:number]) for number in range(len(seconds) + 1)]
    styles, parts = [], [*everywhere]
    for number, (numbers, elements) in enumerate(groups.items()):
        styles.append(_keyframes(number, numbers, starts, total))
        parts.append(f'<g class="t t{number}">{"".join(elements)}</g>')
    head, tail = _frame(pictures[0])
    style = f".t{{visibility:hidden;animation:{total:g}s step-end infinite}}{''.join(styles)}"
    return head.replace("</style>", f"{style}</style>", 1) + "\n".join(parts) + tail


def _elements(picture: str) -> list[str]:
    """What is drawn, backgrounds first, with its style at hand and nothing that names the picture."""
    rules = dict(_RULE.findall(picture))
    inside = picture[picture.index('<g transform="translate(9, 41)"') :]
    usual = _background(picture)
    drawn = []
    for match in _ELEMENT.finditer(inside):
        if match["fill"] == usual:
            continue
        element = re.sub(r' clip-path="[^"]*"', "", match[0]).replace(
            ' shape-rendering="crispEdges"', ""
        )
        if match["rule"]:
            style = rules[match["rule"]].rstrip("; ")
            element = re.sub(r'class="[^"]*"', f'style="{style}"', element)
        drawn.append(element)
    return drawn


def _keyframes(number: int, numbers: Sequence[int], starts: Sequence[float], total: float) -> str:
    """When the pictures with these numbers are shown, as a percentage of all."""
    steps = []
    for at in range(len(starts) - 1):
        is_shown, was_shown = at in numbers, at - 1 in numbers
        if at == 0 or is_shown != was_shown:
            state = "visible" if is_shown else "hidden"
            steps.append(f"{100 * starts[at] / total:.3f}%{{visibility:{state}}}")
    return f".t{number}{{animation-name:k{number}}}@keyframes k{number}{{{''.join(steps)}}}"


def _frame(picture: str) -> tuple[str, str]:
    """What stands around the terminal's text, with the background of all of it."""
    start = picture.index('<g transform="translate(9, 41)"')
    head = re.sub(r"<defs>.*</defs>", "", picture[:start], flags=re.S)
    name = re.search(r"\.(\S+)-matrix", picture)
    matrix = f"{name[1]}-matrix" if name else ""
    width, height = re.findall(r'<rect x="0" y="0" width="([\d.]+)" height="([\d.]+)"', picture)[0]
    ground = f'<rect fill="{_background(picture)}" width="{width}" height="{height}"/>'
    return (
        f'{head}<g transform="translate(9, 41)"><g class="{matrix}">{ground}\n',
        "</g></g>\n</svg>\n",
    )


def _background(picture: str) -> str:
    """The color behind most of the text."""
    fills = re.findall(
        r'<rect fill="([^"]+)" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="24', picture
    )
    return max(set(fills), key=fills.count)
