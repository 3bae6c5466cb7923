"""Primary keys and indexes → ``@id``, ``@unique``, ``@@index`` and the like."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import Index, IndexColumn, Table
from pgarchitect.schema.difference.equality import same_index
from pgarchitect.schema.expressible import METHODS, read_index, written_index
from pgarchitect.schema.lowering.names import index_name, primary_key_name
from pgarchitect.schema.lowering.operator_classes import operator_class_sql
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.place import NOWHERE
from pgarchitect.schema.psl.prisma_schema import Index as PrismaIndex
from pgarchitect.schema.psl.prisma_schema import IndexField, Model, OperatorClass, PrimaryKey, SortOrder

_METHODS: Final = {"hash": "Hash", "gin": "Gin", "gist": "Gist", "spgist": "SpGist", "brin": "Brin"}
_MULTI: Final = "Date Float4 Float8 Inet Int2 Int4 Int8 Numeric Oid Timestamp TimestampTz Time TimeTz Uuid"
_NAMED: Final = (
    "InetOps JsonbOps JsonbPathOps ArrayOps TextOps BitMinMaxOps VarBitMinMaxOps BpcharBloomOps BpcharMinMaxOps"
    " ByteaBloomOps ByteaMinMaxOps InetInclusionOps TextBloomOps TextMinMaxOps"
)
_OPERATORS: Final = {
    operator_class_sql(OperatorClass(each)): each
    for each in (
        *_NAMED.split(),
        *(f"{kind}{ops}" for kind in _MULTI.split() for ops in ("BloomOps", "MinMaxOps", "MinMaxMultiOps")),
    )
}
"""Operator class → its name in the language: https://www.prisma.io/docs/orm/prisma-schema/data-model/indexes"""


def primary_key(table: Table, fields: Mapping[str, str], known: Model | None) -> PrimaryKey | None:
    """The key of a model.

    Args:
        table: whose key.
        fields: column → field.
        known: the model in an earlier schema; how it tells the same key stays.
    """
    if table.primary_key is None:
        return None
    names = tuple(fields[each] for each in table.primary_key.columns)
    usual = primary_key_name(table.name)
    earlier = known.primary_key if known else None
    if (
        earlier
        and tuple(each.field for each in earlier.fields) == names
        and ((earlier.map or usual) == table.primary_key.name)
    ):
        return earlier
    mapped = None if table.primary_key.name == usual else table.primary_key.name
    keys = tuple(map(IndexField, names))
    return PrimaryKey(keys, earlier.name if earlier and len(keys) > 1 else None, mapped, on_field=len(keys) == 1)


def indexes(table: Table, fields: Mapping[str, str], known: Known, *, partial: bool) -> tuple[PrismaIndex, ...]:
    """The indexes of a model that the language has words for, by name, unique ones first.

    Args:
        table: whose indexes.
        fields: column → field.
        known: an earlier schema; how it tells the same index stays.
        partial: conditions can be written (preview feature ``partialIndexes``).
    """
    earlier = known.indexes(table)
    made: list[PrismaIndex] = []
    for index in sorted(table.indexes, key=lambda each: (not each.unique, each.name)):
        written = read_index(index)
        if written is None or (written.where and not partial):
            continue
        said = earlier.get(index.name)
        if said is not None and same_index(written, replace(said[1], columns=_unspoken(said[1]))):
            made.append(said[0])
        elif index.method in METHODS:
            on_field = (
                index.unique and len(written.columns) == 1 and not _is_taken(fields[written.columns[0].name], made)
            )
            name = said[0].name if said is not None and not on_field else None
            made.append(index_attribute(table, written, fields, name, on_field=on_field))
    return tuple(made)


def _unspoken(index: Index) -> tuple[IndexColumn, ...]:
    """Keys without the operator classes that go without saying."""
    written = written_index(index)
    return written.columns if written else index.columns


def _is_taken(field: str, made: list[PrismaIndex]) -> bool:
    """Whether the field has its ``@unique`` already; it can have one."""
    return any(each.on_field and each.fields[0].field == field for each in made)


def index_attribute(
    table: Table, index: Index, fields: Mapping[str, str], name: str | None = None, *, on_field: bool = False
) -> PrismaIndex:
    """The attribute that says an index; what there is no word for is left out.

    Args:
        table: that it is on.
        index: whose keys are columns.
        fields: column → field.
        name: ``name:``.
        on_field: ``@unique`` of a field, not ``@@unique``.
    """
    usual = index_name(table.name, [each.name for each in index.columns], unique=index.unique)
    return PrismaIndex(
        tuple(_key(each, fields) for each in index.columns),
        index.unique,
        name,
        None if index.name == usual else index.name,
        _METHODS.get(index.method),
        index.where or None,
        on_field,
        NOWHERE,
    )


def _key(column: IndexColumn, fields: Mapping[str, str]) -> IndexField:
    operators = None
    if column.operator_class:
        named = _OPERATORS.get(column.operator_class)
        operators = OperatorClass(named) if named else OperatorClass(column.operator_class, raw=True)
    return IndexField(fields[column.name], SortOrder.DESC if column.descending else None, None, operators)
