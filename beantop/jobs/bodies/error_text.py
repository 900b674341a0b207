"""The class and the message in the text of an exception, as languages print it."""

import re

_READ = 2**11
"""Characters at the beginning and at the end of a text that are read: tracebacks are long."""

_CLASS = r"[A-Za-z_][\w$]*+(?:(?:\\|::|\.)[A-Za-z_][\w$]*+)*+"
_SURE = re.compile(r"(?:Error|Exception|Timeout|Failure|Fault|Interrupt|Exit|Warning)s?$|\\|::")
"""The end of a name that can only be an exception's, or signs of a namespace."""

_PYTHON = re.compile(rf"^({_CLASS})(?:: (.*))?$", re.MULTILINE)
_PHP_BEFORE_7 = re.compile(
    rf"exception '({_CLASS})' with message '(.*?)' in [^\n]*:[0-9]+", re.DOTALL
)
_ELIXIR = re.compile(rf"\*\* \(({_CLASS})\) ([^\n]*)")
_RUBY = re.compile(rf"([^\n]*) \(({_CLASS})\)\s*$", re.MULTILINE)
_HEAD = re.compile(rf"({_CLASS}):\s+([^\n]*)")
_PLACE = re.compile(r"\s+in (?:/|[A-Za-z]:\\)[^\n]*?(?::[0-9]+|\([0-9]+\)|on line [0-9]+)\s*$")
"""The file and the line that PHP adds."""


def class_and_message(text: str) -> tuple[str, str]:
    r"""Return the class of an exception, "" if it is not named, and its message in one line.

    >>> class_and_message("RuntimeException: no route in /srv/app/Mail.php:12\nStack trace:\n#0 …")
    ('RuntimeException', 'no route')
    >>> class_and_message("Traceback (most recent call last):\n  File …\nshop.NoStock: 7 left")
    ('shop.NoStock', '7 left')
    >>> class_and_message("no answer: gave up")
    ('', 'no answer: gave up')
    """
    if len(text) > 2 * _READ:
        text = f"{text[:_READ]}\n{text[-_READ:]}"
    text = text.strip()
    if text.startswith("Traceback (most recent call last)"):
        found = _PYTHON.findall(text)
        if found:
            class_name, message = found[-1]
            return class_name, message
    if match := _PHP_BEFORE_7.match(text):
        return match[1], _in_one_line(match[2])
    if match := _ELIXIR.match(text):
        return match[1], match[2].strip()
    if (match := _HEAD.match(text)) and _SURE.search(match[1]):
        return match[1], _PLACE.sub("", match[2])
    first = text.partition("\n")[0]
    if (match := _RUBY.fullmatch(first)) and _SURE.search(match[2]):
        return match[2], match[1]
    if _SURE.search(first) and is_class(first):
        return first, ""
    return "", _PLACE.sub("", first)


def is_class(text: str) -> bool:
    """Return whether the text can be the name of a class.

    >>> is_class("Net::ReadTimeout"), is_class("no answer")
    (True, False)
    """
    return re.fullmatch(_CLASS, text) is not None


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
