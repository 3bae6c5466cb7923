"""Column types as SQLAlchemy has them, for PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pgarchitect.schema.database_schema import ColumnType, TypeKind
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.mirrors.python_code import Node, call, keyword, string

VECTOR: Final = frozenset({"vector", "halfvec"})
"""Types of pgvector whose values are lists of numbers."""
_PLAIN: Final = {
    "bool": "sa.Boolean",
    "bytea": "pg.BYTEA",
    "cidr": "CidrText",
    "citext": "pg.CITEXT",
    "date": "sa.Date",
    "daterange": "pg.DATERANGE",
    "float4": "sa.REAL",
    "float8": "sa.Double",
    "hstore": "pg.HSTORE",
    "inet": "InetText",
    "int2": "sa.SmallInteger",
    "int4": "sa.Integer",
    "int4range": "pg.INT4RANGE",
    "int8": "sa.BigInteger",
    "int8range": "pg.INT8RANGE",
    "json": "pg.JSON",
    "jsonb": "pg.JSONB",
    "macaddr": "pg.MACADDR",
    "macaddr8": "pg.MACADDR8",
    "money": "pg.MONEY",
    "numrange": "pg.NUMRANGE",
    "oid": "pg.OID",
    "text": "sa.Text",
    "tsquery": "pg.TSQUERY",
    "tsrange": "pg.TSRANGE",
    "tstzrange": "pg.TSTZRANGE",
    "tsvector": "pg.TSVECTOR",
    "uuid": "pg.UUID",
}


def sqlalchemy_type(kind: ColumnType, enums: Mapping[tuple[str, str], Sequence[str]], home: str) -> Node | str:
    """The type of a column.

    Args:
        kind: of the column.
        enums: namespace and name of an enum type → its labels.
        home: namespace that is not named.
    """
    one = _element(kind, enums, home)
    return call("pg.ARRAY", one) if kind.array else one


def _element(kind: ColumnType, enums: Mapping[tuple[str, str], Sequence[str]], home: str) -> Node | str:
    if kind.kind is TypeKind.ENUM:
        return enum_type((kind.schema, kind.name), enums[kind.schema, kind.name], home)
    if kind.name in VECTOR:
        return call("Vector", *kind.modifiers, *_other(kind.name))
    if kind.name in _WITH_MODIFIERS:
        return _WITH_MODIFIERS[kind.name](kind)
    if kind.name in _PLAIN and not kind.modifiers:
        return _PLAIN[kind.name]
    return call("OtherType", string(type_sql(ColumnType(kind.kind, kind.name, kind.schema, kind.modifiers), home)))


def _other(name: str) -> list[Node | str]:
    return [] if name == "vector" else [keyword("name", string(name))]


def enum_type(place: tuple[str, str], labels: Sequence[str], home: str) -> Node:
    """An enum type, by its namespace and name."""
    schema, name = place
    space = [keyword("schema", string(schema))] if schema != home else []
    # With the metadata it is created and dropped with all tables, never with one of them.
    settings = [keyword("name", string(name)), *space, keyword("metadata", "metadata")]
    return call("pg.ENUM", *map(string, labels), *settings)


def _numeric(kind: ColumnType) -> Node | str:
    return call("sa.Numeric", *kind.modifiers) if kind.modifiers else "sa.Numeric"


def _text(kind: ColumnType) -> Node | str:
    name = {"varchar": "sa.VARCHAR", "bpchar": "sa.CHAR"}[kind.name]
    if kind.name == "bpchar" and not kind.modifiers:
        return call("OtherType", string("bpchar"))
    return call(name, *kind.modifiers) if kind.modifiers else name


def _bit(kind: ColumnType) -> Node | str:
    varying = [keyword("varying", "True")] if kind.name == "varbit" else []
    return call("pg.BIT", *kind.modifiers, *varying)


def _moment(kind: ColumnType) -> Node | str:
    name = "pg.TIMESTAMP" if kind.name.startswith("timestamp") else "pg.TIME"
    zone = [keyword("timezone", "True")] if kind.name.endswith("tz") else []
    precision = [keyword("precision", each) for each in kind.modifiers]
    return call(name, *zone, *precision) if zone or precision else name


def _interval(kind: ColumnType) -> Node | str:
    words = " ".join(each for each in kind.modifiers if not each.isdigit())
    fields = [keyword("fields", string(words.upper()))] if words else []
    precision = [keyword("precision", each) for each in kind.modifiers if each.isdigit()]
    return call("pg.INTERVAL", *fields, *precision) if fields or precision else "pg.INTERVAL"


_WITH_MODIFIERS: Final[Mapping[str, Callable[[ColumnType], Node | str]]] = {
    "bit": _bit,
    "bpchar": _text,
    "interval": _interval,
    "numeric": _numeric,
    "time": _moment,
    "timestamp": _moment,
    "timestamptz": _moment,
    "timetz": _moment,
    "varbit": _bit,
    "varchar": _text,
}
ADDRESSES: Final = {
    name: f'''class {name}(sa.types.TypeDecorator[str]):
    """Addresses as texts, whatever a driver has for them."""

    impl = {impl}
    cache_ok = True

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(value)'''
    for name, impl in (("CidrText", "pg.CIDR"), ("InetText", "pg.INET"))
}
"""Types of a module that columns name, by their names."""
OTHER_TYPE: Final = '''class OtherType(sa.types.UserDefinedType[str]):
    """A type that SQLAlchemy has no class for: its values are texts."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name'''
VECTOR_TYPE: Final = '''class Vector(sa.types.UserDefinedType[list[float]]):
    """A vector of pgvector, as a list of numbers."""

    cache_ok = True

    def __init__(self, dimensions: int | None = None, name: str = "vector") -> None:
        self.dimensions = dimensions
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        size = "" if self.dimensions is None else f"({self.dimensions})"
        return f"{self.name}{size}"

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        return lambda value: None if value is None else f"[{','.join(map(str, value))}]"

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return lambda text: text and [float(each) for each in text[1:-1].split(",")]'''
