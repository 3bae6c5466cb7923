"""Primary keys and indexes → ``@id``, ``@unique``, ``@@index`` and the like."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import Index, IndexColumn, Table
from pgarchitect.schema.expressible import is_expressible
from pgarchitect.schema.lowering.names import index_name, primary_key_name
from pgarchitect.schema.psl.prisma_schema import Index as PrismaIndex
from pgarchitect.schema.psl.prisma_schema import IndexField, OperatorClass, PrimaryKey, SortOrder, Span

_METHODS: Final = {"hash": "Hash", "gin": "Gin", "gist": "Gist", "spgist": "SpGist", "brin": "Brin"}
NOWHERE: Final = Span("", 0, 0)
"""Of what stands in no file yet."""


def primary_key(table: Table, fields: Mapping[str, str]) -> PrimaryKey | None:
    """The key of a model; ``fields``: column → field."""
    if table.primary_key is None:
        return None
    keys = tuple(IndexField(fields[each]) for each in table.primary_key.columns)
    name = table.primary_key.name
    mapped = None if name == primary_key_name(table.name) else name
    return PrimaryKey(keys, None, mapped, on_field=len(keys) == 1)


def indexes(table: Table, fields: Mapping[str, str]) -> tuple[PrismaIndex, ...]:
    """The indexes of a model that PSL has words for: unique ones on one field first."""
    made = [_index(table, each, fields) for each in table.indexes if is_said(each)]
    return tuple(sorted(made, key=lambda each: (not each.on_field, not each.unique)))


def is_said(index: Index) -> bool:
    """Whether PSL says what an index does; that of a UNIQUE constraint is unique to it, as to Prisma."""
    return is_expressible(replace(index, constraint=False))


def _index(table: Table, index: Index, fields: Mapping[str, str]) -> PrismaIndex:
    keys = tuple(_key(each, fields) for each in index.columns)
    usual = index_name(table.name, [each.name for each in index.columns], unique=index.unique)
    return PrismaIndex(
        keys,
        index.unique,
        None,
        None if index.name == usual else index.name,
        _METHODS.get(index.method),
        None,
        index.unique and len(keys) == 1,
        NOWHERE,
    )


def _key(column: IndexColumn, fields: Mapping[str, str]) -> IndexField:
    operators = OperatorClass(column.operator_class, raw=True) if column.operator_class else None
    return IndexField(fields[column.name], SortOrder.DESC if column.descending else None, None, operators)
