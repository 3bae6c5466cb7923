"""A database made by a script, read back and compared with what the script was made from."""

from collections.abc import Sequence
from dataclasses import replace

from pgarchitect.postgres.connection import Connection
from pgarchitect.schema.database_schema import Column, DatabaseSchema, Index, Table, TypeKind
from pgarchitect.schema.introspection import read_database_schema


def assert_reads_back(connection: Connection, expected: DatabaseSchema) -> None:
    """Fail unless the catalog has these tables and enums.

    Expressions are compared by their presence only: the server spells them its own way, which is another test's matter.
    """
    found = read_database_schema(connection, expected.schemas)
    assert _by_name(found.enums) == _by_name(expected.enums)
    assert {(each.schema, each.name) for each in found.tables} == {(each.schema, each.name) for each in expected.tables}
    for table in expected.tables:
        read = found.table(table.schema, table.name)
        assert read is not None
        assert _comparable(read) == _comparable(table)


def _by_name(enums: Sequence[object]) -> list[str]:
    return sorted(map(repr, enums))


def _comparable(table: Table) -> Table:
    return replace(
        table,
        columns=tuple(map(_column, table.columns)),
        indexes=tuple(sorted(map(_index, table.indexes), key=lambda each: each.name)),
        foreign_keys=tuple(sorted(table.foreign_keys, key=lambda each: each.name)),
    )


def _column(column: Column) -> Column:
    kind = column.type
    if kind.kind is TypeKind.OTHER:
        kind = replace(kind, schema="")  # a schema.prisma does not say where an extension has its types
    default = column.default
    if default is not None:
        default = replace(default, kind=type(default.kind)("expression"), sql="", sequence=default.sequence)
    return replace(column, type=kind, default=default)


def _index(index: Index) -> Index:
    return replace(index, where="where" if index.where else "")
