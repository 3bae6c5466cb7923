"""Tables of a client as SQLAlchemy has them, and its values as SQLAlchemy takes them."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.types import TypeEngine, UserDefinedType

from pgarchitect.access.failures import InvalidValue
from pgarchitect.access.shapes import ColumnShape, JoinTable, Tables, TableShape, ValueKind
from pgarchitect.access.statement import JsonNull


class Named(UserDefinedType[Any]):
    """A type by its name in SQL: an enum, or one that SQLAlchemy has no class for."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Its name."""
        return self.name


class Single(sa.TypeDecorator[float]):
    """``real``: psycopg gives the shortest text, asyncpg the stored number; the latter it is."""

    impl = sa.REAL
    cache_ok = True

    def process_result_value(self, value: float | None, dialect: sa.Dialect) -> float | None:  # noqa: ARG002
        """The stored number."""
        return None if value is None else float(struct.unpack("f", struct.pack("f", value))[0])


_TYPES: Final[Mapping[str, TypeEngine[Any]]] = {
    "bool": sa.Boolean(),
    "bytea": sa.LargeBinary(),
    "date": sa.Date(),
    "float4": Single(),
    "float8": sa.Double(),
    "int2": sa.SmallInteger(),
    "int4": sa.Integer(),
    "int8": sa.BigInteger(),
    "json": pg.JSON(none_as_null=True),
    "jsonb": pg.JSONB(none_as_null=True),
    "numeric": sa.Numeric(),
    "text": sa.Text(),
    "time": pg.TIME(),
    "timestamp": pg.TIMESTAMP(),
    "timestamptz": pg.TIMESTAMP(timezone=True),
    "timetz": pg.TIME(timezone=True),
    "uuid": pg.UUID(),
    "varchar": sa.String(),
}


def type_of(column: ColumnShape) -> TypeEngine[Any]:
    """The type of a column."""
    one = _TYPES.get(column.type) or Named(column.type)
    # Of one dimension: of JSON a list may be a value.
    return pg.ARRAY(one, dimensions=1) if column.is_list else one


def is_by_text(column: ColumnShape) -> bool:
    """Whether the values travel as text: the drivers do not know the type, or not arrays of it."""
    return column.kind is ValueKind.OTHER or (column.kind is ValueKind.ENUM and column.is_list)


def as_text(column: ColumnShape) -> TypeEngine[Any]:
    """The type in which such values travel."""
    return pg.ARRAY(sa.Text(), dimensions=1) if column.is_list else sa.Text()


def bound(column: ColumnShape, value: object) -> sa.ColumnElement[Any]:
    """A parameter with a value of a column."""
    made = given(column, value)
    if is_by_text(column):
        return sa.cast(sa.literal(made, as_text(column)), type_of(column))
    return sa.literal(made, type_of(column))


def given(column: ColumnShape, value: object) -> object:
    """A value as SQLAlchemy takes it.

    Raises:
        InvalidValue: it is no list where one must be, no UUID, or no JSON.
    """
    if value is None:
        return None
    if not column.is_list:
        return _one(column, value)
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__iter__"):
        raise InvalidValue(f"The value of {column.name} is no list; give one.")
    return [_one(column, each) for each in value]


def _one(column: ColumnShape, value: object) -> object:
    if value is None:
        return None
    if column.kind is ValueKind.JSON:
        return _json(column, value)
    if column.naive and isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if column.kind is ValueKind.UUID and isinstance(value, str):
        try:
            return UUID(value)
        except ValueError as error:
            raise InvalidValue(f"The value of {column.name} is no UUID; correct it.") from error
    return value


def _json(column: ColumnShape, value: object) -> object:
    if isinstance(value, JsonNull):
        return sa.JSON.NULL
    try:
        return msgspec.json.decode(msgspec.json.encode(value))
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"The value of {column.name} cannot be written as JSON; correct it.") from error


def shown(source: sa.FromClause, columns: Sequence[ColumnShape]) -> list[sa.ColumnElement[Any]]:
    """Columns as they are read."""
    return [_shown(source, each) for each in columns]


def present(source: sa.FromClause, column: ColumnShape) -> sa.ColumnElement[Any]:
    """The value of a column in a row: a list is never NULL there."""
    found = source.c[column.name]
    return sa.func.coalesce(found, sa.cast(sa.literal_column("'{}'"), type_of(column))) if column.is_list else found


def _shown(source: sa.FromClause, column: ColumnShape) -> sa.ColumnElement[Any]:
    found = present(source, column)
    if not is_by_text(column):
        return found.label(column.name) if column.is_list else found
    return sa.cast(found, as_text(column)).label(column.name)


class Catalog:
    """All tables of a client.

    Args:
        shapes: of its tables.

    Attributes:
        shapes: likewise.
    """

    __slots__ = ("_pairs", "_tables", "shapes")

    def __init__(self, shapes: Tables) -> None:
        self.shapes = shapes
        metadata = sa.MetaData()
        self._tables = {name: _table(each, metadata) for name, each in shapes.items()}
        self._pairs = {
            each.through: self._pair(each.through, shape, each.here, each.target, each.there)
            for shape in shapes.values()
            for each in shape.relations
            if each.through is not None
        }

    def table(self, name: str) -> sa.Table:
        """The table of that name in Python; its columns have the keys of Python."""
        return self._tables[name]

    def pairs(self, through: JoinTable) -> sa.TableClause:
        """The table between two models, with the columns ``here`` and ``there``."""
        return self._pairs[through]

    def _pair(
        self, through: JoinTable, shape: TableShape, here: Sequence[str], target: str, there: Sequence[str]
    ) -> sa.TableClause:
        mine = sa.Column(through.here, type_of(shape.column(here[0])), key="here")
        theirs = sa.Column(through.there, type_of(self.shapes[target].column(there[0])), key="there")
        return sa.Table(through.table, sa.MetaData(), mine, theirs, schema=through.schema)


def _table(shape: TableShape, metadata: sa.MetaData) -> sa.Table:
    columns = [sa.Column(each.column, type_of(each), key=each.name) for each in shape.columns]
    return sa.Table(shape.table, metadata, *columns, schema=shape.schema)
