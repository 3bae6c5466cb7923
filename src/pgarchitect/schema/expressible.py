"""What ``schema.prisma`` has words for, and what it has none for.

What it has none for is kept by the differ: a schema that does not mention it does not mean that it should go.
https://www.prisma.io/docs/orm/prisma-schema/data-model/unsupported-database-features
"""

from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import Column, ColumnType, Constraint, Index, IndexColumn, Table, TypeKind, View

METHODS: Final = frozenset({"btree", "hash", "gin", "gist", "spgist", "brin"})
"""Methods of access that ``type:`` has words for."""
_TIMES: Final = frozenset({"timestamp", "timestamptz", "time", "timetz"})
_CHARACTERS: Final = frozenset({"bpchar", "char"})


def is_expressible(index: Index) -> bool:
    """Whether ``@@index`` or ``@@unique`` says all of an index, without preview features."""
    return not index.where and written_index(index) == index


def written_index(index: Index) -> Index | None:
    """What ``@@index`` or ``@@unique`` can say of an index, as Prisma's own introspection reads it; None: nothing.

    Columns that an index carries are taken for keys, operator classes of B-trees and what it takes for equal are left
    out. Such an index may be written nevertheless: two that are written alike are the same to Prisma. Keys that are
    expressions cannot be written at all, nor can conditions, unless the preview feature ``partialIndexes`` is on, nor
    ranges without overlaps.
    """
    if index.method not in METHODS or index.without_overlaps or any(each.expression for each in index.columns):
        return None
    keys = tuple(_written_key(each, index.method) for each in index.columns)
    carried = tuple(IndexColumn(each) for each in index.included)
    return Index(index.name, keys + carried, index.unique, index.method, where=index.where)


def read_index(index: Index) -> Index | None:
    """What Prisma's own introspection takes an index for: one of a method that there is no word for is a B-tree to it.

    So a schema may say a plain index, and mean one for vectors (``hnsw``).
    """
    return written_index(index if index.method in METHODS else replace(index, method="btree"))


def _written_key(key: IndexColumn, method: str) -> IndexColumn:
    """Collations and where nulls stand cannot be said; an operator class stands alone, without its parameters."""
    operators = "" if method == "btree" else key.operator_class.partition("(")[0]
    return replace(key, nulls_first=key.descending, collation="", operator_class=operators, written="")


def is_partial_expressible(index: Index) -> bool:
    """Whether the preview feature ``partialIndexes`` (Prisma 7.10) suffices to write a partial index."""
    return bool(index.where) and written_index(index) is not None


def written_type(kind: ColumnType) -> ColumnType:
    """The type that comes of what ``schema.prisma`` says of a type, as Prisma's own introspection reads it.

    A domain reads as the type below it; ``bpchar`` and ``"char"`` as ``@db.Char``, which is one long; times without a
    precision as those with the six digits that they have.
    """
    if kind.base is not None:
        array = kind.array or kind.base.array
        return replace(written_type(kind.base), array=array)
    if kind.kind is TypeKind.BUILT_IN and not kind.modifiers:
        if kind.name in _TIMES:
            return replace(kind, modifiers=("6",))
        if kind.name in _CHARACTERS:
            return replace(kind, name="bpchar", modifiers=("1",))
    return kind


def is_expressible_column(column: Column) -> bool:
    """Whether a field says all of a column.

    There are no words for identities (``autoincrement()`` means a sequence), generated columns, collations, comments.
    """
    special = column.identity is not None or column.generated or column.collation or column.comment
    return not special and written_type(column.type) == column.type


def is_expressible_constraint(constraint: Constraint) -> bool:
    """Whether there are words for a constraint; there are none for CHECK and EXCLUDE."""
    del constraint
    return False


def is_expressible_table(table: Table) -> bool:
    """Whether a model can stand for a table: not for a partition, which its parent stands for, nor for one without
    columns.
    """
    return bool(table.columns) and not table.partition_bound


def is_expressible_view(view: View) -> bool:
    """Whether there are words for a view; its columns can be said (preview feature ``views``), its SELECT never."""
    del view
    return False
