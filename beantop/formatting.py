"""Format numbers, durations and foreign text, for the screen and for printed output.

Foreign text is all text from a server. It can contain control sequences for the terminal, so all of
it passes through `printable` exactly once on its way to the screen.
"""

import math
import re

UNKNOWN = "–"
"""Sign for an unknown number, which is never shown as 0."""

THOUSANDS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
"""Suffixes of shortened numbers and their factors."""

_SECONDS = {"y": 365 * 86_400, "d": 86_400, "h": 3600, "m": 60, "s": 1}
"""Seconds of each unit of durations, the largest first."""

MAX_DIGITS = 1000
"""Digits of the longest number that is read exactly; Python refuses more than 4,300."""

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PART = re.compile(rf"({_NUMBER})(?:([kMGTPE]?)(y)|([dhms]))\s*")

_GROUPED = r"(?<![0-9.,])[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9,])"
"""A number as `grouped` writes it. It is compiled when something is typed."""

SIZES: dict[str, int] = {unit: 1024**power for power, unit in enumerate(("b", *"kmgtpe"))}
"""Units of bytes, in small letters; `kb` and `kib` are `k`, as the screen shows it."""

_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {127: "␡"}


class _Translation(dict[int, str]):
    """Replacements for unprintable characters, filled on demand."""

    def __missing__(self, code: int) -> str:
        self[code] = printable = _PICTURES.get(code) or _escape(code)
        return printable


def _escape(code: int) -> str:
    character = chr(code)
    if character.isprintable():
        return character
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_TRANSLATION = _Translation()


def printable(text: str) -> str:
    r"""Return foreign text with all control and invisible characters replaced by visible ones.

    The result cannot control the terminal, and cannot hide or reorder other text.

    >>> printable("plain"), printable("\x1b[31mred\x07"), printable("a\u202eb\n"), printable("\udc80")
    ('plain', '␛[31mred␇', 'a\\u202eb␊', '\\udc80')
    """
    return text if text.isprintable() else text.translate(_TRANSLATION)


def cells_of(text: str) -> int:
    """Return how many cells of a terminal a printable text takes.

    >>> cells_of("emails"), cells_of("接続"), cells_of("e\u0301")
    (6, 4, 1)
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width  # rarely needed

    return sum(
        0 if category(sign) in ("Mn", "Me", "Cf") else 2 if east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def without_commas(text: str) -> str:
    """Return a text without the commas that `grouped` writes. Others stay: 1,5 is not 15.

    >>> without_commas("1,204"), without_commas("1,000,000/s"), without_commas("1,5h")
    ('1204', '1000000/s', '1,5h')
    >>> without_commas("1234,567"), without_commas("0,001")
    ('1234,567', '0,001')
    """
    return re.sub(_GROUPED, lambda number: number[0].replace(",", ""), text)


def is_digits(text: str) -> bool:
    """Return whether a text has only plain digits, and at least one."""
    return text.isascii() and text.isdigit()


def read_whole(text: str, least: int = 0, most: int | None = None) -> int | None:
    """Return a whole number within these limits, in plain digits; None if it is something else.

    >>> read_whole("7", 1, 9), read_whole("10", 1, 9), read_whole("٣"), read_whole("9" * 5_000)
    (7, None, None, None)
    """
    if not (is_digits(text) and len(text) <= MAX_DIGITS):
        return None
    number = int(text)
    return number if least <= number and (most is None or number <= most) else None


def grouped(count: float | None) -> str:
    """Format a count with all its digits.

    >>> grouped(12408), grouped(0), grouped(2**53 + 1), grouped(None)
    ('12,408', '0', '9,007,199,254,740,993', '–')
    """
    if count is None:
        return UNKNOWN
    return f"{count:,}" if isinstance(count, int) else f"{count:,.0f}"


def compact(count: float | None, cells: int = 5) -> str:
    """Format a count in at most `cells` cells. `cells` is at least 4, the count less than 10**21.

    >>> compact(812), compact(8214), compact(12408), compact(999_960), compact(3_200_000)
    ('812', '8.2k', '12.4k', '1.0M', '3.2M')
    >>> compact(250_000), compact(2**64), compact(12408, 4), compact(None)
    ('250k', '18.4E', '12k', '–')
    """
    if count is None:
        return UNKNOWN
    if count < 0:
        return f"-{compact(-count, cells - 1)}"
    if count < 999.5:
        return f"{count:.0f}"
    for unit, divisor in THOUSANDS.items():
        scaled = count / divisor
        if scaled < (99.95 if cells > 4 else 9.95):
            return f"{scaled:.1f}{unit}"
        if scaled < 999.5:
            return f"{scaled:.0f}{unit}"
    return f"{count:.0e}".replace("e+", "e")


def per_second(rate: float | None) -> str:
    """Format a rate, with one decimal if it is small.

    >>> per_second(212.4), per_second(4.13), per_second(0.02), per_second(0.0), per_second(None)
    ('212', '4.1', '<0.1', '0', '–')
    """
    if rate is None:
        return UNKNOWN
    if rate == 0:
        return "0"
    if rate < 0.05:
        return "<0.1"
    return f"{rate:.1f}" if rate < 9.95 else compact(rate)


def duration(seconds: float | None) -> str:
    """Format a duration in its two largest units, or in years with a decimal. It is rounded down, so
    that `read_duration` never returns more than `seconds`.

    >>> duration(42), duration(92.4), duration(3725), duration(187_980)
    ('42s', '1m32s', '1h 2m', '2d 4h')
    >>> duration(700 * 86_400), duration(2**32), duration(3e11)
    ('1.9y', '136y', '9.5ky')
    >>> duration(120), duration(7200), duration(-4220), duration(None)
    ('2m0s', '2h 0m', '-1h 10m', '–')
    """
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 0:
        return f"-{duration(-seconds)}"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60}s"
    if whole < 86_400:
        return f"{whole // 3600}h {whole % 3600 // 60}m"
    if whole < _SECONDS["y"]:
        return f"{whole // 86_400}d {whole % 86_400 // 3600}h"
    return _years(whole)


def _years(seconds: int) -> str:
    tenths = 10 * seconds // _SECONDS["y"]
    if tenths < 1000:
        return f"{tenths / 10}y"
    return f"{compact(tenths // 10)}y"


def short_duration(seconds: float | None, cells: int = 7) -> str:
    """Format a duration in few cells: without spaces, with tenths below a second, and with only the
    largest unit if two do not fit.

    >>> short_duration(0.41), short_duration(83.0), short_duration(3725.0), short_duration(None)
    ('0.4s', '1m23s', '1h2m', '–')
    >>> short_duration(364.96 * 86_400), short_duration(364.96 * 86_400, 6)
    ('364d23h', '364d')
    """
    if seconds is not None and 0 < seconds < 1:
        return f"{seconds:.1f}s"
    both = duration(seconds).replace(" ", "")
    return both if len(both) <= cells else re.sub(r"(?<=[mhd])[0-9]+[smh]$", "", both)


def rough_duration(seconds: float) -> str:
    """Format a duration for a sentence: it does not change each second once it is a minute.

    >>> rough_duration(42), rough_duration(1023), rough_duration(3725), rough_duration(187_980)
    ('42s', '17m', '1h 2m', '2d 4h')
    """
    return f"{int(seconds) // 60}m" if 60 <= seconds < 3600 else duration(seconds)


def fine_duration(seconds: float) -> str:
    """Format a duration with two digits if it is below 10 s.

    >>> fine_duration(0.25), fine_duration(0.8), fine_duration(3.21), fine_duration(83.0)
    ('0.25s', '0.80s', '3.2s', '1m23s')
    """
    if seconds < 0.995:
        return f"{max(0.01, seconds):.2f}s"
    return f"{seconds:.1f}s" if seconds < 9.95 else short_duration(seconds)


def duration_within(seconds: float | None, cells: int) -> str:
    """Format a duration, shortened if it does not fit into `cells` cells.

    >>> duration_within(86_399, 7), duration_within(364.96 * 86_400, 7)
    ('23h 59m', '364d23h')
    """
    text = duration(seconds)
    return text if len(text) <= cells else short_duration(seconds, cells)


def read_duration(text: str) -> float:
    """Parse a duration, written as by `duration` or `short_duration` or as a plain number of seconds.
    Return seconds. Raises `ValueError`.

    >>> read_duration("2d 4h"), read_duration("1m23s"), read_duration("1.9y"), read_duration("-30")
    (187200, 83, 59918400.0, -30)
    """
    bare = text.strip().removeprefix("-")
    sign = -1 if text.strip().startswith("-") else 1
    if re.fullmatch(_NUMBER, bare):
        return sign * exact(bare)
    parts = [(match[1], _seconds_in(match)) for match in _PART.finditer(bare)]
    units = [unit for _, unit in parts]
    if not parts or _PART.sub("", bare) or units != sorted(set(units), reverse=True):
        raise ValueError(f"{text!r} is not a duration")
    return sign * sum(exact(number) * unit for number, unit in parts)


def parse_duration(text: str) -> float:
    """Return the seconds of a duration that a person typed: `30s`, `5m`, `2h`, `2d 4h`, `1y`, or a number of
    seconds. It cannot be negative. Raises `ValueError` with a sentence for that person.

    >>> parse_duration("1.5h"), parse_duration("30")
    (5400.0, 30.0)
    >>> parse_duration("9" * 400)
    Traceback (most recent call last):
    ValueError: '99999999999999999999999999999…' is not a duration such as 30s, 5m or 2h
    """
    try:
        seconds = float(read_duration(text))
    except (ValueError, OverflowError):
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{shortened_word(text)!r} is not a duration such as 30s, 5m or 2h")
    return seconds


def shortened_word(word: str) -> str:
    """Return a word for a sentence, with at most 30 characters."""
    return word if len(word) <= 30 else word[:29] + "…"


def _seconds_in(part: re.Match[str]) -> int:
    """Return the seconds of the unit in one part of a duration."""
    thousands, year, other = part.groups()[1:]
    return THOUSANDS.get(thousands, 1) * _SECONDS[year or other]


def exact(number: str) -> float:
    """Parse a number, without rounding if it is whole: ids have up to 20 digits.

    >>> exact("9007199254740993"), exact("1.5")
    (9007199254740993, 1.5)
    """
    is_whole = "." not in number and len(number) <= MAX_DIGITS
    return int(number) if is_whole else float(number)


def bytes_of_unit(unit: str) -> int:
    """Return the number of bytes in a unit of sizes; 0 if it is none.

    >>> bytes_of_unit("KB"), bytes_of_unit("k"), bytes_of_unit("MiB"), bytes_of_unit("x")
    (1024, 1024, 1048576, 0)
    """
    short = unit.lower()
    if len(short) > 1:
        short = short.removesuffix("b").removesuffix("i")
    return SIZES.get(short, 0)


def read_size(text: str) -> int:
    """Return the bytes of a size that a person typed. Raises `ValueError` with a sentence for that person.

    >>> read_size("1G") == 2**30, read_size("1.5 MB"), read_size("700")
    (True, 1572864, 700)
    >>> read_size("1e3")
    Traceback (most recent call last):
    ValueError: '1e3' is not a size such as 500M or 1G
    """
    match = re.fullmatch(rf"({_NUMBER})\s*([A-Za-z]*)", text.strip())
    count = exact(match[1]) * bytes_of_unit(match[2] or "b") if match else 0
    if not 1 <= count < math.inf:
        raise ValueError(f"{shortened_word(text)!r} is not a size such as 500M or 1G")
    return int(count)


def size(count: int | None) -> str:
    """Format a number of bytes.

    >>> size(212), size(1126), size(65_535), size(5_000_000), size(2**64)
    ('212 B', '1.1 K', '64 K', '4.8 M', '16 E')
    """
    if count is None:
        return UNKNOWN
    if count < 1000:
        return f"{count} B"
    scaled, unit = count / 1024, "K"
    for larger in "MGTPE":
        if scaled < 999.5:
            break
        scaled, unit = scaled / 1024, larger
    return f"{scaled:.1f} {unit}" if scaled < 9.95 else f"{scaled:.0f} {unit}"


def folded(text: str) -> str:
    """Return a text so that texts that differ only in case become equal, in any language.

    >>> folded("STRASSE") == folded("Straße"), folded("İstanbul") == folded("ISTANBUL")
    (True, True)
    """
    if text.isascii():
        return text.lower()
    return text.casefold().replace("i\u0307", "i")  # İ becomes i and a dot above it


def plural(count: int, noun: str) -> str:
    """Format a count with its noun, in the singular or plural.

    >>> plural(1, "job"), plural(1200, "job")
    ('1 job', '1,200 jobs')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
