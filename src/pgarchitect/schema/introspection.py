"""A live catalog → :class:`DatabaseSchema`, in nine queries however many tables there are."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from pgarchitect.postgres.connection import Connection
from pgarchitect.postgres.named_sql import statement as named
from pgarchitect.schema.database_schema import (
    Action,
    Column,
    ColumnType,
    Constraint,
    DatabaseSchema,
    EnumType,
    Extension,
    ForeignKey,
    Identity,
    Index,
    IndexColumn,
    PrimaryKey,
    Table,
    TypeKind,
    View,
)
from pgarchitect.schema.database_schema import (
    Sequence as FreeSequence,
)
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.defaults import default_of

_Row = tuple[Any, ...]
_ACTIONS: Final = {
    "a": Action.NO_ACTION,
    "r": Action.RESTRICT,
    "c": Action.CASCADE,
    "n": Action.SET_NULL,
    "d": Action.SET_DEFAULT,
}
_IDENTITIES: Final = {"a": Identity.ALWAYS, "d": Identity.BY_DEFAULT}
_MODIFIERS: Final = re.compile(r"\(([^)]*)\)")
_DESCENDING: Final = 1
_NULLS_FIRST: Final = 2
"""Bits of ``pg_index.indoption``."""


def look_from(connection: Connection, schema: str) -> None:
    """Have the server leave out this schema before a name, and no other: ``public`` is what it leaves out anyway."""
    if schema != "public":
        connection.execute("SELECT pg_catalog.set_config('search_path', quote_ident(%s), false)", [schema])


def read_database_schema(connection: Connection, schemas: Sequence[str] = ("public",)) -> DatabaseSchema:
    """Read what a database has in these schemas; the first of them is the one that unqualified names mean."""
    found = _rows(connection, "namespaces", schemas=list(schemas))
    relations = _rows(connection, "tables", schemas=list(schemas))
    parts = _Parts(connection, {row[0]: row[1] for row in relations}, schemas[0])
    return DatabaseSchema(
        tuple(row[0] for row in found),
        tuple(Extension(*row) for row in _rows(connection, "extensions")),
        tuple(
            EnumType(schema, name, tuple(labels), comment)
            for schema, name, labels, comment in _rows(connection, "enums", schemas=list(schemas))
        ),
        tuple(parts.table(row) for row in relations if row[3] in {"r", "p"}),
        tuple(parts.view(row) for row in relations if row[3] in {"v", "m"}),
        tuple(FreeSequence(*row) for row in _rows(connection, "sequences", schemas=list(schemas))),
    )


class _Parts:
    """Columns, constraints and indexes of all relations, by their oids; ``home``: what unqualified names mean."""

    __slots__ = ("_columns", "_constraints", "_indexes")

    def __init__(self, connection: Connection, schemas: Mapping[int, str], home: str) -> None:
        oids = list(schemas)
        self._columns: dict[int, list[Column]] = defaultdict(list)
        for oid, *row in _rows(connection, "columns", tables=oids):
            self._columns[oid].append(_column(tuple(row), schemas[oid], home))
        self._constraints: dict[int, list[_Row]] = defaultdict(list)
        for oid, *row in _rows(connection, "constraints", tables=oids):
            self._constraints[oid].append(tuple(row))
        self._indexes: dict[int, list[Index]] = defaultdict(list)
        for oid, _, *row in _rows(connection, "indexes", tables=oids):
            self._indexes[oid].append(_index(tuple(row)))

    def table(self, row: _Row) -> Table:
        oid, schema, name, _, partition_key, parent, row_security, comment, bound, _ = row
        constraints = self._constraints[oid]
        return Table(
            schema,
            name,
            tuple(self._columns[oid]),
            next((PrimaryKey(each[1], tuple(each[2])) for each in constraints if each[0] == "p"), None),
            tuple(self._indexes[oid]),
            tuple(_foreign_key(each) for each in constraints if each[0] == "f"),
            tuple(Constraint(each[1], each[11]) for each in constraints if each[0] in {"c", "x"}),
            partition_key,
            None if parent is None else (parent[0], parent[1]),
            row_security,
            comment,
            bound,
        )

    def view(self, row: _Row) -> View:
        oid, schema, name, kind, *_, definition = row
        return View(schema, name, tuple(self._columns[oid]), definition, kind == "m", tuple(self._indexes[oid]))


def _column(row: _Row, table_schema: str, home: str) -> Column:
    name, type_name, type_schema, typtype, array, formatted, not_null, default, sequence, identity, generated, *rest = (
        row
    )
    collation, comment, base = rest
    kind = _type(type_name, type_schema, typtype, formatted, array=array)
    if base is not None:
        kind = replace(kind, base=_type(*base[:4], array=base[4] == "array"))
    owned = (qualified(table_schema, sequence, home), sequence) if sequence else None
    return Column(
        name,
        kind,
        not not_null,
        None if default is None or generated else default_of(default, type_name, owned),
        _IDENTITIES.get(identity),
        default if generated else "",
        generated != "v",
        collation,
        comment,
    )


@lru_cache(maxsize=1024)
def _type(name: str, schema: str, typtype: str, formatted: str, *, array: bool) -> ColumnType:
    modifiers = _MODIFIERS.search(formatted)
    given = tuple(each.strip() for each in modifiers[1].split(",")) if modifiers else ()
    if name == "interval" and (fields := _MODIFIERS.sub("", formatted).removeprefix("interval").strip()):
        given = (fields, *given)
    if typtype == "e":
        return ColumnType(TypeKind.ENUM, name, schema, (), array)
    if schema == "pg_catalog":
        return ColumnType(TypeKind.BUILT_IN, name, "", given, array)
    return ColumnType(TypeKind.OTHER, name, schema, given, array)


def _foreign_key(row: _Row) -> ForeignKey:
    _, name, columns, schema, table, references, on_delete, on_update, deferrable, deferred, validated, *_ = row
    return ForeignKey(
        name,
        tuple(columns),
        schema,
        table,
        tuple(references),
        _ACTIONS[on_delete],
        _ACTIONS[on_update],
        deferrable,
        deferred,
        validated,
    )


def _index(row: _Row) -> Index:
    name, method, unique, valid, nulls_not_distinct, where, parameters, count, columns, expressions, *rest = row
    options, classes, collations, constraint = rest
    keys = zip(columns[:count], expressions, options[:count], classes, collations, strict=False)
    return Index(
        name,
        tuple(_key(*each) for each in keys),
        unique,
        method,
        tuple(columns[count:]),
        where,
        nulls_not_distinct,
        constraint is not None,
        tuple(parameters),
        valid,
        *(constraint or ()),
    )


def _key(column: str, expression: str, option: int, operator_class: str, collation: str) -> IndexColumn:
    return IndexColumn(
        column,
        "" if column else expression,
        bool(option & _DESCENDING),
        bool(option & _NULLS_FIRST),
        operator_class,
        collation,
    )


def _rows(connection: Connection, name: str, **arguments: list[Any]) -> list[_Row]:
    text = named("pgarchitect.schema", "introspection.sql", name)
    return connection.execute(text.encode(), arguments or None).fetchall()
