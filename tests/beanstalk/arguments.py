"""The commands by what they take, and what is wrong with an argument."""

X = object()
"""Where a bad argument goes."""

TAKING_A_TUBE: list[tuple[str, list[object]]] = [
    ("use", [X]),
    ("watch", [X]),
    ("ignore", [X]),
    ("stats_tube", [X]),
    ("pause_tube", [X, 1]),
]

TAKING_A_NUMBER: list[tuple[str, list[object]]] = [
    ("put", ["", X]),
    ("put", ["", 0, X]),
    ("put", ["", 0, 0, X]),
    ("reserve", [X]),
    ("release", [1, X]),
    ("release", [1, 0, X]),
    ("bury", [1, X]),
    ("kick", [X]),
    ("pause_tube", ["default", X]),
]

TAKING_AN_ID: list[tuple[str, list[object]]] = [
    ("reserve_job", [X]),
    ("delete", [X]),
    ("release", [X]),
    ("bury", [X]),
    ("touch", [X]),
    ("peek", [X]),
    ("kick_job", [X]),
    ("stats_job", [X]),
]

NO_NAMES = [
    *("", "-", "-a", "a" * 201, "a b", " a", "a ", "a\n", "a\r\n", "\na", "a\r\nlist-tubes"),
    *("a,b", "a:b", "a*", "{}", "é", "\uff41", "\uff11", "a\0", "\ud800", "a\u2028"),
]


def fill(arguments: list[object], value: object) -> list[object]:
    """The arguments with the value in its place."""
    return [value if argument is X else argument for argument in arguments]
