"""Figures as people read them: times, sizes, counts and shares, three significant digits and a unit."""

from datetime import datetime

TIMES = "\N{MULTIPLICATION SIGN}"
NOTHING = "\N{EN DASH}"
"""Stands where there is no figure."""
_MINUS = "\N{MINUS SIGN}"
_SIZES = ("B", "kB", "MB", "GB", "TB")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def duration(ms: float) -> str:
    """A time given in milliseconds: ``0.36 ms``, ``212 ms``, ``8.41 s``, ``2.5 min``, ``7.4 h``."""
    seconds = ms / 1_000
    if seconds < 0.9995:
        return f"{significant(ms)} ms"
    if seconds < 120:
        return f"{significant(seconds)} s"
    if seconds < 2 * _HOUR:
        return f"{significant(seconds / _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{significant(seconds / _HOUR)} h"
    return f"{significant(seconds / _DAY)} d"


def significant(value: float) -> str:
    """Three significant digits at most, whole numbers above 100 grouped by thousands."""
    size = abs(value)
    if size >= 99.95:
        return f"{value:,.0f}"
    decimals = 1 if size >= 9.995 else 2 if size >= 0.0095 else 3
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") or "0"


def span(seconds: float) -> str:
    """A stretch of time in its two largest units: ``6 d 4 h``, ``3 h 20 min``, ``45 s``."""
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    units = ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min"), (_MINUTE, "min", 1, "s"))
    unit, name, lower, lower_name = next(each for each in units if whole >= each[0])
    rest = whole % unit // lower
    return f"{whole // unit} {name}" + (f" {rest} {lower_name}" if rest else "")


def size(number_of_bytes: float) -> str:
    """A size as PostgreSQL counts it, 1 kB = 1,024 bytes."""
    value, unit = float(number_of_bytes), 0
    while value >= 1_024 and unit < len(_SIZES) - 1:
        value, unit = value / 1_024, unit + 1
    return f"{significant(value)} {_SIZES[unit]}"


def blocks(number: float) -> str:
    """A number of 8 kB blocks with what they weigh: ``204 (1.59 MB)``."""
    return f"{number:,.0f} ({size(number * 8_192)})"


def rows(number: float) -> str:
    """A number of rows; fractions appear only below ten, where a mean over loops makes them."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def percent(value: float) -> str:
    """A percentage, never rounded up to 100 nor down to 0: ``99.8 %``, ``< 0.1 %``."""
    size_of = abs(value)
    if 0 < size_of < 0.05:
        return "< 0.1 %" if value > 0 else "0 %"
    if 99.95 <= size_of < 100:
        return "> 99.9 %"
    if size_of >= 99.95:
        return f"{value:,.0f} %".replace("-", _MINUS)
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text.replace('-', _MINUS)} %"


def share(part: float) -> str:
    """A part of one as a percentage."""
    return percent(100 * part)


def factor(before: float, after: float) -> str | None:
    """How many times faster, from 2 up; None below that or where it cannot be told."""
    if after <= 0 or before / after < 1.95:
        return None
    return f"{significant(before / after)}{TIMES}"


def moment(value: datetime) -> str:
    """A date with minutes and its time zone: ``2026-07-26 02:00 UTC``."""
    return value.strftime("%Y-%m-%d %H:%M %Z").rstrip()


def day(value: datetime) -> str:
    """A date alone: ``26 July 2026``, in English whatever the locale."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def plural(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: ``1 change``, ``7 changes``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
