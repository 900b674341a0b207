"""Whether a shown number is true: complete, in short form, or marked as cut."""

import re

UNKNOWN = "–"

_THOUSANDS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 365 * 86_400}
_COUNT = re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?([kMGTPE]?)")
_TIME = re.compile(r"(?:([0-9.]+)([kMGTPE]?)(y)|([0-9]+)()([dhms])) ?")


def tells(text: str, count: float | None) -> bool:
    """Whether the text is that count, to the last of the digits that it has, however few they are.

    >>> tells("1,100", 1100), tells("1.1k", 1100), tells("1k", 1100), tells("1,1…", 1100)
    (True, True, True, True)
    >>> tells("1,10", 1100), tells("110", 1100), tells("1.0k", 1100), tells("", 1100)
    (False, False, False, False)
    """
    if text.endswith("…") or count is None:
        return text.endswith("…") or text == UNKNOWN
    if not (match := _COUNT.fullmatch(text)):
        return False
    sign, whole, decimals, unit = match.groups(default="")
    digits = f"{sign}{whole}{decimals}".replace(",", "")
    if digits == text.replace(",", "") and isinstance(count, int):
        return digits == str(count)
    last = _THOUSANDS[unit] / 10.0 ** len(decimals[1:])
    return abs(float(digits) * _THOUSANDS[unit] - count) <= 0.5001 * last


def tells_rate(text: str, rate: float | None) -> bool:
    """The same for a number that is never rounded down to nothing.

    >>> tells_rate("<0.1", 0.02), tells_rate("0", 0.02), tells_rate("+2.5", 2.5)
    (True, False, True)
    """
    if text.lstrip("+-") == "<0.1":
        return rate is not None and 0 < abs(rate) < 0.1
    return tells(text.lstrip("+"), rate) and (rate == 0) == (text == "0")


def tells_time(text: str, seconds: float | None) -> bool:
    """Whether the text is that time, rounded down to its last unit, with little lost.

    >>> tells_time("1.9y", 700 * 86_400), tells_time("1y", 700 * 86_400), tells_time("5d 18h", 5e5)
    (True, False, True)
    """
    if text.endswith("…") or seconds is None:
        return text.endswith("…") or text == UNKNOWN
    if seconds < 0:
        return text.startswith("-") and tells_time(text[1:], -seconds)
    if 0 < seconds < 1 and "." in text:
        return abs(float(text.removesuffix("s")) - seconds) <= 0.0501
    said, last = 0.0, 0.0
    for match in _TIME.finditer(text):
        number, thousands, unit = (group for group in match.groups() if group is not None)
        last = _THOUSANDS[thousands] * _SECONDS[unit] / (10 if "." in number else 1)
        said += float(number) * _THOUSANDS[thousands] * _SECONDS[unit]
    if _TIME.sub("", text) or said >= 1000 * _SECONDS["y"]:  # these are rounded as counts are
        return not _TIME.sub("", text) and abs(said - seconds) <= last
    return said <= seconds + 1e-6 and seconds < said + min(last, 1 + 0.1 * seconds)


def tells_size(text: str, count: int | None) -> bool:
    """Whether the text is that number of bytes.

    >>> tells_size("64 K", 65_535), tells_size("6 K", 65_535), tells_size("212 B", 212)
    (True, False, True)
    """
    if text.endswith("…") or count is None:
        return text.endswith("…") or text == UNKNOWN
    number, unit = text.split(" ")
    one = 1024 ** "BKMGTPE".index(unit)
    return tells(number, count if one == 1 else count / one)
