"""How values of SQLAlchemy's types go to the data layer's drivers and come back: both get and give the same.

What the drivers have no type for travels as text, as everywhere in the data layer.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import ranges
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.types import TypeEngine, UserDefinedType

Processor = Callable[[Any], Any]


class ThroughText:
    """A type whose values travel as text in both directions."""

    render_bind_cast = True

    def column_expression(self, column: Any) -> Any:  # noqa: ANN401  # as SQLAlchemy has it
        """What a SELECT has for a column of the type."""
        return sa.type_coerce(sa.cast(column, sa.Text), cast("Any", self))  # it is mixed into a type


class SentAsText:
    """A type whose values the drivers read, but which are written as text."""

    render_bind_cast = True

    def bind_processor(self, dialect: sa.Dialect) -> Processor:  # noqa: ARG002  # as SQLAlchemy has it
        """What makes the text of a value."""
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Processor:  # noqa: ARG002  # likewise
        """What makes a text of the driver's value."""
        return lambda value: None if value is None else str(value)


class _Address(SentAsText, pg.INET):
    pass


class _Network(SentAsText, pg.CIDR):
    pass


class _Hardware(ThroughText, pg.MACADDR):
    pass


class _Hardware8(ThroughText, pg.MACADDR8):
    pass


class _Money(ThroughText, pg.MONEY):
    pass


class _Lexemes(ThroughText, pg.TSVECTOR):
    pass


class _Search(ThroughText, pg.TSQUERY):
    pass


class _Folded(ThroughText, pg.CITEXT):
    pass


class _Pairs(ThroughText, pg.HSTORE):
    """SQLAlchemy reads and writes its text itself."""


class _Bits(ThroughText, pg.BIT):
    def bind_processor(self, dialect: sa.Dialect) -> Processor:  # noqa: ARG002  # as SQLAlchemy has it
        return lambda value: None if value is None else str(value)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Processor:  # noqa: ARG002  # likewise
        return lambda text: None if text is None else pg.BitString(text)


class _Range(SentAsText, ranges.AbstractSingleRangeImpl):  # type: ignore[type-arg]  # of anything
    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Processor:  # noqa: ARG002  # as SQLAlchemy has it
        return lambda value: None if value is None else _range(value)


class _MultiRange(SentAsText, ranges.AbstractMultiRangeImpl):  # type: ignore[type-arg]  # of anything
    def bind_processor(self, dialect: sa.Dialect) -> Processor:  # noqa: ARG002  # as SQLAlchemy has it
        return lambda value: value if value is None or isinstance(value, str) else f"{{{','.join(map(str, value))}}}"

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Processor:  # noqa: ARG002  # likewise
        return lambda value: None if value is None else pg.ranges.MultiRange(_range(each) for each in value)


def _range(value: Any) -> Any:  # noqa: ANN401  # of either driver
    """SQLAlchemy's range; the drivers' have the same attributes."""
    if value.isempty:
        return pg.Range(empty=True)
    bounds: Any = f"{'[' if value.lower_inc else '('}{']' if value.upper_inc else ')'}"
    return pg.Range(value.lower, value.upper, bounds=bounds)


class _Moment(sa.DateTime):
    render_bind_cast = True

    def bind_processor(self, dialect: sa.Dialect) -> Processor | None:  # noqa: ARG002  # as SQLAlchemy has it
        """A moment with a zone is stored as UTC where the column has none, as in the tables of the client."""
        return None if self.timezone else _without_zone


def _without_zone(value: Any) -> Any:  # noqa: ANN401  # whatever the caller gives
    aware = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC).replace(tzinfo=None) if aware else value


class _Number:
    """Whole and decimal numbers and floats, by what the driver gives rather than by the column's OID."""

    render_bind_cast = True
    asdecimal: bool
    _effective_decimal_return_scale: int

    def bind_processor(self, dialect: sa.Dialect) -> Processor | None:  # noqa: ARG002  # as SQLAlchemy has it
        return _decimal if isinstance(self, sa.Numeric) else None

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Processor:  # noqa: ARG002  # likewise
        if not self.asdecimal:
            return lambda value: float(value) if isinstance(value, Decimal | int) else value
        pattern = f"%.{self._effective_decimal_return_scale}f"
        return lambda value: Decimal(pattern % value) if isinstance(value, float) else value


def _decimal(value: Any) -> Any:  # noqa: ANN401  # whatever the caller gives
    """A float as it is written, not as it is stored."""
    return Decimal(repr(value)) if isinstance(value, float) else value


class _Numeric(_Number, sa.Numeric):  # type: ignore[type-arg]  # of anything
    pass


class _Float(_Number, sa.Float):  # type: ignore[type-arg]  # of anything
    pass


class _Array(pg.ARRAY):  # type: ignore[type-arg]  # of anything
    render_bind_cast = True

    def column_expression(self, column: Any) -> Any:  # noqa: ANN401  # as SQLAlchemy has it
        """Arrays of what psycopg does not know as arrays of texts."""
        item = self.item_type
        if isinstance(item, sa.Enum | ThroughText | UserDefinedType) or type(item) in _THROUGH_TEXT:
            return sa.type_coerce(sa.cast(column, pg.ARRAY(sa.Text)), self)
        return column


_THROUGH_TEXT: Final[dict[type[Any], type[Any]]] = {
    pg.BIT: _Bits,
    pg.CITEXT: _Folded,
    pg.HSTORE: _Pairs,
    pg.MACADDR: _Hardware,
    pg.MACADDR8: _Hardware8,
    pg.MONEY: _Money,
    pg.TSQUERY: _Search,
    pg.TSVECTOR: _Lexemes,
}
COLSPECS: Final[dict[type[Any], type[Any]]] = {
    **PGDialect_asyncpg.colspecs,
    **_THROUGH_TEXT,
    pg.CIDR: _Network,
    pg.INET: _Address,
    ranges.AbstractSingleRange: _Range,
    ranges.AbstractMultiRange: _MultiRange,
    sa.ARRAY: _Array,
    sa.DateTime: _Moment,
    sa.Float: _Float,
    sa.Numeric: _Numeric,
}
"""Type of SQLAlchemy → the one that our dialect uses for it."""


def user_defined(kind: UserDefinedType[Any]) -> TypeEngine[Any]:
    """A type of an application's own (``Vector`` and ``OtherType`` of generated tables) that travels as text."""
    return kind if isinstance(kind, ThroughText) else kind.adapt(_through_text(cast("Any", type(kind))))


@cache
def _through_text(kind: type[Any]) -> type[Any]:
    return type(kind.__name__, (ThroughText, kind), {"cache_ok": True})


def travels_as_text(kind: TypeEngine[Any]) -> bool:
    """Whether a parameter of the type is sent as text, JSON included."""
    item = kind.item_type if isinstance(kind, sa.ARRAY) else kind
    known: Iterable[type[Any]] = (ThroughText, SentAsText, UserDefinedType, sa.JSON)
    return isinstance(item, tuple(known)) or any(base in _THROUGH_TEXT for base in type(item).__mro__)
