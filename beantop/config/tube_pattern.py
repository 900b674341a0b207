"""Shell patterns for tube names. A pattern that no name can match is a mistake."""

import re
import string
from fnmatch import fnmatchcase

SIGNS = string.ascii_letters + string.digits + "-+/;.$_()"
"""Characters of a tube name, which does not begin with `-`."""

LONGEST = 200
"""Maximum length of a tube name."""

_PART = re.compile(r"\[!?\]?[^\]]*\]|.", re.DOTALL)  # the parts of a pattern for fnmatch


def why_unmatched(pattern: str) -> str:
    """Return why no tube can match the pattern, as the end of a sentence, or "" if one can.

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
    """Split a string of several patterns that was meant as a list.

    >>> apart("emails,007"), apart("emails")
    (['emails', '007'], ['emails'])
    """
    return [part for part in re.split(r"[,|\s]+", pattern) if part]


def _matches_one_of(signs: str, part: str) -> bool:
    return any(fnmatchcase(sign, part) for sign in signs)


def is_pattern(tube: str) -> bool:
    """Return whether it stands for tubes by a pattern: names do not have these characters.

    >>> is_pattern("emails-*"), is_pattern("emails")
    (True, False)
    """
    return any(sign in tube for sign in "*?[")
