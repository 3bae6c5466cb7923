"""``@unique``, ``@@unique`` and ``@@index`` → indexes; Prisma makes no UNIQUE constraints."""

from pgarchitect.schema.database_schema import Index, IndexColumn
from pgarchitect.schema.lowering.names import index_name
from pgarchitect.schema.lowering.operator_classes import is_default, operator_class_sql
from pgarchitect.schema.psl.prisma_schema import Index as PrismaIndex
from pgarchitect.schema.psl.prisma_schema import IndexField, Model, SortOrder


def indexes(model: Model) -> tuple[Index, ...]:
    """The indexes of a model in the order in which Prisma creates them: ``@unique``, ``@@index``, ``@@unique``."""
    ordered = sorted(model.indexes, key=lambda each: (not each.on_field, each.unique))
    return tuple(lowered_index(model, each) for each in ordered)


def column_of(model: Model, field: str) -> str:
    """The column of a field that a key or index names."""
    found = model.field(field)
    assert found is not None  # noqa: S101  # the reader has resolved it
    return found.column


def lowered_index(model: Model, declared: PrismaIndex) -> Index:
    """One index of a model."""
    method = (declared.method or "BTree").lower()
    columns = tuple(_key(model, each, method) for each in declared.fields)
    name = declared.map or index_name(model.table, [each.name for each in columns], unique=declared.unique)
    return Index(name, columns, declared.unique, method, where=declared.where or "")


def _key(model: Model, field: IndexField, method: str) -> IndexColumn:
    operators = operator_class_sql(field.operator_class) if field.operator_class else ""
    descending = field.sort is SortOrder.DESC
    order = field.sort.value.upper() if field.sort else ""
    return IndexColumn(
        column_of(model, field.field),
        descending=descending,
        nulls_first=descending,
        operator_class="" if is_default(method, operators) else operators,
        written=" ".join(filter(None, (operators, order))),
    )
