"""Patterns for the names of tubes, as a shell has them: those that no name can match are mistakes."""

import re
import string
from fnmatch import fnmatchcase

SIGNS = string.ascii_letters + string.digits + "-+/;.$_()"
"""What the name of a tube is made of; it does not begin with a `-`."""

LONGEST = 200
"""Characters of a name."""

_PART = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)  # as fnmatch takes a pattern apart


def why_unmatched(pattern: str) -> str:
    """Why no tube can match the pattern, as the end of a sentence; nothing if one can.

    >>> why_unmatched("emails,007")
    "the name of a tube has no ','"
    >>> why_unmatched("sms-[0-9]*")
    ''
    """
    parts = _PART.findall(pattern)
    if not parts:
        return "it is empty"
    for part in parts:
        if not _matches_one_of(SIGNS, part):
            return f"the name of a tube has no {part!r}"
    if not _matches_one_of(SIGNS.replace("-", ""), parts[0]):
        return "the name of a tube does not begin with '-'"
    if sum(part != "*" for part in parts) > LONGEST:
        return f"the name of a tube has at most {LONGEST} characters"
    return ""


def apart(pattern: str) -> list[str]:
    """The patterns that were meant, where several were written as one.

    >>> apart("emails,007"), apart("emails")
    (['emails', '007'], ['emails'])
    """
    return [part for part in re.split(r"[,|\s]+", pattern) if part]


def _matches_one_of(signs: str, part: str) -> bool:
    return any(fnmatchcase(sign, part) for sign in signs)
