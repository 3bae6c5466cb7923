"""How the values of each type travel in binary form: what ``recv`` of the type in PostgreSQL's sources reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import repeat
from operator import attrgetter, floordiv, sub
from struct import calcsize, pack
from struct import error as StructError  # noqa: N812  # an error's name
from types import NoneType
from typing import Any, Final
from uuid import UUID

from pgarchitect.access.columns import Column
from pgarchitect.access.shapes import ValueKind

Values = Sequence[Any]
"""Values of a column, none of them None."""


def _as_they_are(values: Values) -> Iterable[Any]:
    return values


def _all(_: Values) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the values of one type travel.

    Attributes:
        kind: of values that are sent so; of others (whole numbers as decimals, dates as moments) the driver knows more.
        code: of ``struct``, what a value of one width is packed by; empty: it is bytes of any length.
        made: of all values, what is packed, or their bytes.
        fits: whether all values surely can be sent so.
    """

    kind: type
    code: str = ""
    made: Callable[[Values], Iterable[Any]] = _as_they_are
    fits: Callable[[Values], bool] = _all

    @property
    def width(self) -> int:
        """Bytes of a value, where ``code`` packs it."""
        return calcsize(f">{self.code}")


def encoding_of(column: Column) -> Encoding | None:
    """How the values of a column travel; None: only the driver knows how to send some of them."""
    shape = column.shape
    if shape.is_list:
        return None
    found = _TEXT if shape.kind is ValueKind.ENUM else _ENCODINGS.get(shape.type)
    if found is None or column.lines:
        return found
    are_of = all(_is(each, found.kind) for each in column.kinds - {NoneType})
    return found if are_of and found.fits(column.present) else None


def _is(kind: type, wanted: type) -> bool:
    """Whether values of a type are of another: to a driver a bool is no int, and a moment no day."""
    return kind is wanted or (issubclass(kind, wanted) and not issubclass(kind, bool | datetime))


def _packable(code: str) -> Callable[[Values], bool]:
    """Whether all numbers are within the range of their type."""

    def fits(values: Values) -> bool:
        try:
            pack(f">{len(values)}{code}", *values)
        except (StructError, OverflowError):
            return False
        return True

    return fits


def _but(*ends: object) -> Callable[[Values], bool]:
    """Whether none is the very first or last that Python has: one driver takes them for infinity."""
    return lambda values: not any(each in values for each in ends)


_YEARS: Final = range(2, 9_999)
"""Of the others a moment may be out of Python's reach in UTC, which the driver tells."""


def _with_zone(values: Values) -> bool:
    if None in map(attrgetter("tzinfo"), values):
        return False
    years = set(map(attrgetter("year"), values))
    return not years or (min(years) in _YEARS and max(years) in _YEARS)


def _without_zone(values: Values) -> bool:
    return {None}.issuperset(map(attrgetter("tzinfo"), values))


def _microseconds(epoch: datetime) -> Callable[[Values], Iterator[int]]:
    """Since PostgreSQL's epoch."""
    unit = timedelta(microseconds=1)
    return lambda values: map(floordiv, map(sub, values, repeat(epoch)), repeat(unit))


def _days(values: Values) -> Iterator[int]:
    """Since PostgreSQL's epoch."""
    return map(sub, map(date.toordinal, values), repeat(_EPOCH.toordinal()))


def _of_day(values: Values) -> Iterator[int]:
    """Microseconds since midnight."""
    return ((each.hour * 3_600 + each.minute * 60 + each.second) * 1_000_000 + each.microsecond for each in values)


_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001  # POSTGRES_EPOCH_JDATE; moments of the column have no zone either
_ENDS: Final = (datetime.min, datetime.max)  # noqa: DTZ901  # likewise
_JSONB_VERSION: Final = b"\x01"
_TEXT: Final = Encoding(str, made=lambda values: map(str.encode, values))
_ENCODINGS: Final[Mapping[str, Encoding]] = {
    "text": _TEXT,
    "varchar": _TEXT,
    "bpchar": _TEXT,
    "bool": Encoding(bool, "?"),
    "int2": Encoding(int, "h", fits=_packable("h")),
    "int4": Encoding(int, "i", fits=_packable("i")),
    "int8": Encoding(int, "q", fits=_packable("q")),
    "oid": Encoding(int, "I", fits=_packable("I")),
    "float4": Encoding(float, "f", fits=_packable("f")),
    "float8": Encoding(float, "d"),
    # That none has a zone is so since they were converted (see ``columns.converted``).
    "timestamp": Encoding(datetime, "q", made=_microseconds(_EPOCH), fits=_but(*_ENDS)),
    "timestamptz": Encoding(datetime, "q", made=_microseconds(_EPOCH.replace(tzinfo=UTC)), fits=_with_zone),
    "date": Encoding(date, "i", made=_days, fits=_but(date.min, date.max)),
    "time": Encoding(time, "q", made=_of_day, fits=_without_zone),
    "uuid": Encoding(UUID, "16s", made=lambda values: map(attrgetter("bytes"), values)),
    "bytea": Encoding(bytes),
    "json": Encoding(bytes),
    "jsonb": Encoding(bytes, made=lambda values: map(_JSONB_VERSION.__add__, values)),
}
