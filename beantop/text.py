"""How numbers, durations and foreign text are written, on the screen and without one.

Foreign is all text that a server sent. A terminal obeys what is printed on it, so each piece of it
goes through `shown` once, on its way to the screen.
"""

import math

UNKNOWN = "–"
"""What stands for a number that is not known: never 0."""

_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {127: "␡"}


class _Translation(dict[int, str]):
    """What each character that is not printable turns into; filled as they come."""

    def __missing__(self, code: int) -> str:
        self[code] = shown = _PICTURES.get(code) or _escape(code)
        return shown


def _escape(code: int) -> str:
    character = chr(code)
    if character.isprintable():
        return character
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_TRANSLATION = _Translation()


def shown(text: str) -> str:
    r"""Foreign text without anything that a terminal obeys or that hides or reorders other text.

    >>> shown("plain"), shown("\x1b[31mred\x07"), shown("a\u202eb\n"), shown("\udc80")
    ('plain', '␛[31mred␇', 'a\\u202eb␊', '\\udc80')
    """
    return text if text.isprintable() else text.translate(_TRANSLATION)


def full(count: float | None) -> str:
    """A count with all its digits.

    >>> full(12408), full(0), full(None)
    ('12,408', '0', '–')
    """
    return UNKNOWN if count is None else f"{count:,.0f}"


def compact(count: float | None) -> str:
    """A count in at most five cells.

    >>> compact(812), compact(8214), compact(12408), compact(999_960), compact(3_200_000)
    ('812', '8.2k', '12.4k', '1.0M', '3.2M')
    >>> compact(250_000), compact(10**18), compact(None)
    ('250k', '1e18', '–')
    """
    if count is None:
        return UNKNOWN
    if count < 1000:
        return f"{count:.0f}"
    for unit, divisor in (("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)):
        scaled = count / divisor
        if scaled < 99.95:
            return f"{scaled:.1f}{unit}"
        if scaled < 999.5:
            return f"{scaled:.0f}{unit}"
    return f"{count:.0e}".replace("e+", "e")


def per_second(rate: float | None) -> str:
    """A rate, with a decimal where it is small.

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
    """A time span, in its two largest units.

    >>> duration(42), duration(92.4), duration(3725), duration(187_980), duration(3.0e8)
    ('42s', '1m32s', '1h 2m', '2d 4h', '9y')
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
    if whole < 365 * 86_400:
        return f"{whole // 86_400}d {whole % 86_400 // 3600}h"
    return f"{whole // (365 * 86_400)}y"


def brief(seconds: float | None) -> str:
    """A time span in few cells, without blanks, and with tenths below a second.

    >>> brief(0.41), brief(83.0), brief(3725.0), brief(None)
    ('0.4s', '1m23s', '1h2m', '–')
    """
    if seconds is not None and 0 < seconds < 1:
        return f"{seconds:.1f}s"
    return duration(seconds).replace(" ", "")


def size(count: int | None) -> str:
    """A number of bytes.

    >>> size(212), size(1126), size(65_535), size(5_000_000)
    ('212 B', '1.1 K', '64 K', '4.8 M')
    """
    if count is None:
        return UNKNOWN
    if count < 1000:
        return f"{count} B"
    scaled, unit = count / 1024, "K"
    for larger in "MG":
        if scaled < 999.5:
            break
        scaled, unit = scaled / 1024, larger
    return f"{scaled:.1f} {unit}" if scaled < 9.95 else f"{scaled:.0f} {unit}"


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "job"), counted(1200, "job")
    ('1 job', '1,200 jobs')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
