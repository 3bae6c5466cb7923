"""Columns as SQLAlchemy has them: type, NOT NULL, the database's default, and what the client makes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.database_schema import Column, DefaultKind, Sequence, Table
from pgarchitect.schema.ddl.columns import default_sql
from pgarchitect.schema.ddl.sequences import create_sequence, own_sequence
from pgarchitect.schema.ddl.types import type_sql
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.python_code import Node, call, keyword, mapping, string
from pgarchitect.schema.mirrors.sqlalchemy_types import sqlalchemy_type
from pgarchitect.schema.psl.prisma_schema import Field, FunctionDefault

_PARAMETER: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
"""What ``sa.text`` would take for a parameter."""
_STRING: Final = re.compile(r"'(?:[^']|'')*'")
_JSON: Final = ("pg.JSON", "pg.JSONB")
_WHOLE: Final = frozenset({"int2", "int4", "int8"})
_MADE_NOW: Final = {
    "timestamp": "_now",
    "timestamptz": "_now_with_zone",
    "date": "_today",
}
MAKERS: Final[Mapping[str, str]] = {
    "_now": '''def _now() -> dt.datetime:
    """The moment in UTC, without its zone, as Prisma writes it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)''',
    "_now_with_zone": '''def _now_with_zone() -> dt.datetime:
    """The moment."""
    return dt.datetime.now(dt.UTC)''',
    "_today": '''def _today() -> dt.date:
    """The day in UTC."""
    return dt.datetime.now(dt.UTC).date()''',
    "_uuid_text": '''def _uuid_text() -> str:
    """A random UUID as text."""
    return str(uuid.uuid4())''',
}
"""Functions of a client that columns name, by their names."""
RUNNING: Final = '''def _running(statement: sa.TextClause) -> Callable[..., None]:
    """A listener that runs a statement when a table is created."""

    def listener(target: sa.Table, connection: sa.Connection, **_: Any) -> None:
        connection.execute(statement)

    return listener'''


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """What a column's text depends on beside the column: labels of enum types, the namespace that is not named."""

    enums: Mapping[tuple[str, str], tuple[str, ...]]
    home: str


def column_text(table: Table, column: Column, field: Field | None, context: ColumnContext) -> Node:
    """``sa.Column(…)``; ``field``: None for a column of a table of pairs."""
    parts: list[Node | str] = [string(column.name), _type(column, context)]
    if not column.nullable:
        parts.append(keyword("nullable", "False"))
    parts += _autoincrement(table, column)
    parts += _server_default(table, column, context.home)
    if field is not None:
        parts += _of_client(column, field)
        if prose := annotations(field.documentation).prose:
            parts.append(keyword("doc", string(prose)))
    return call("sa.Column", *parts)


def _type(column: Column, context: ColumnContext) -> Node | str:
    made = sqlalchemy_type(column.type, context.enums, context.home)
    if column.nullable and made in _JSON:
        # None is NULL, as in every other column, and not a document that says null.
        return call(str(made), keyword("none_as_null", "True"))
    return made


def _autoincrement(table: Table, column: Column) -> Iterator[Node | str]:
    """SQLAlchemy takes a lone whole-number key for SERIAL unless it is told."""
    if table.primary_key is None or column.name not in table.primary_key.columns or column.type.name not in _WHOLE:
        return
    serial = is_serial_key(table, column)
    if serial or len(table.primary_key.columns) == 1:
        yield keyword("autoincrement", str(serial))


def is_serial_key(table: Table, column: Column) -> bool:
    """Whether SQLAlchemy itself can make the column's sequence: that of the one SERIAL column of a key."""
    keys = table.primary_key.columns if table.primary_key else ()
    serial = [each.name for each in table.columns if each.name in keys and _is_serial(each)]
    return bool(serial) and serial[0] == column.name


def own_sequence_ddl(table: Table, column: Column, home: str) -> Iterator[tuple[str, str]]:
    """What creates a sequence that SQLAlchemy cannot make, with the moment for it; it goes with its column."""
    if column.default is None or not _is_serial(column) or is_serial_key(table, column):
        return
    sequence = Sequence(table.schema, column.default.sequence)
    kind = f" AS {type_sql(column.type)}" if column.type.name in _WHOLE else ""
    yield "before_create", create_sequence(sequence, home).removesuffix(";") + kind
    yield "after_create", own_sequence(sequence, table, column, home).removesuffix(";")


def _is_serial(column: Column) -> bool:
    return column.default is not None and column.default.kind is DefaultKind.SEQUENCE


def _server_default(table: Table, column: Column, home: str) -> Iterator[Node | str]:
    if column.default is None or is_serial_key(table, column):
        return
    sql = default_sql(column, column.default, home)
    if column.default.kind is DefaultKind.LITERAL and _STRING.fullmatch(sql):
        yield keyword("server_default", string(sql[1:-1].replace("''", "'")))
    else:
        yield keyword("server_default", sql_text(sql))


def sql_text(sql: str) -> Node:
    """``sa.text(…)`` of SQL that has no parameters."""
    return call("sa.text", string(_PARAMETER.sub(r"\\:\1", sql)))


def _of_client(column: Column, field: Field) -> Iterator[Node | str]:
    """What Prisma's client would make; what has no function here is noted."""
    made = _MADE_NOW.get(column.type.name) if field.updated_at else None
    if made is not None:
        if column.default is None:
            yield keyword("default", made)
        yield keyword("onupdate", made)
    if not isinstance(field.default, FunctionDefault) or field.default.function not in _OF_CLIENT:
        return
    written = f"{field.default.function}({', '.join(field.default.arguments)})"
    if field.default.function == "uuid" and field.default.arguments in {(), ("4",)}:
        yield keyword("default", "uuid.uuid4" if column.type.name == "uuid" else "_uuid_text")
    else:
        yield mapping([('"default"', string(written))], "info=")


_OF_CLIENT: Final = frozenset({"cuid", "nanoid", "ulid", "uuid"})
