"""A whole ``schema.prisma`` → the database that Prisma would make of it.

Views are left out, as Prisma leaves them: the schema knows their columns and not their definitions.
"""

from dataclasses import replace

from pgarchitect.schema.database_schema import (
    Column,
    DatabaseSchema,
    DefaultKind,
    EnumType,
    Extension,
    PrimaryKey,
    Table,
)
from pgarchitect.schema.lowering.column_types import column_type
from pgarchitect.schema.lowering.defaults import column_default
from pgarchitect.schema.lowering.foreign_keys import foreign_keys
from pgarchitect.schema.lowering.generated import refers_to
from pgarchitect.schema.lowering.indexes import column_of, indexes
from pgarchitect.schema.lowering.many_to_many import pair_tables
from pgarchitect.schema.lowering.names import primary_key_name, whole
from pgarchitect.schema.psl.prisma_schema import Arity, Field, Model, PrismaSchema


def lower(schema: PrismaSchema, default_schema: str = "public") -> DatabaseSchema:
    """The database of a schema.

    Args:
        schema: as it was read.
        default_schema: namespace of what has no ``@@schema``.

    Raises:
        SchemaInvalid: a default cannot be read, or a name is too long.
    """
    enums = tuple(
        EnumType(
            each.schema or default_schema,
            whole(each.type_name, f"The enum {each.name}"),
            tuple(value.label for value in each.values),
        )
        for each in schema.enums
    )
    models = tuple(_table(each, schema, default_schema) for each in schema.models if not each.is_view)
    tables = (*models, *pair_tables(schema, default_schema))
    declared = schema.datasource.extensions if schema.datasource else ()
    extensions = [Extension(each.database_name, each.schema or "", each.version or "") for each in declared]
    used = {each.schema for each in enums} | {each.schema for each in tables}
    return DatabaseSchema(
        (default_schema, *sorted(used - {default_schema})),
        tuple(sorted(extensions, key=lambda each: each.name)),
        enums,
        tables,
    )


def _table(model: Model, schema: PrismaSchema, default_schema: str) -> Table:
    where = model.schema or default_schema
    names = frozenset(each.column for each in model.columns)
    columns = tuple(
        _generated(_column(each, schema, (where, model.table), default_schema), names) for each in model.columns
    )
    return Table(
        where,
        whole(model.table, f"The model {model.name}"),
        columns,
        _primary_key(model),
        indexes(model),
        foreign_keys(model, schema, default_schema),
    )


def _column(field: Field, schema: PrismaSchema, owner: tuple[str, str], default_schema: str) -> Column:
    kind = column_type(field, schema, default_schema)
    default = column_default(field, kind, schema, owner, default_schema)
    name = whole(field.column, f"The field {field.name} of the table {owner[1]}")
    return Column(name, kind, field.arity is not Arity.REQUIRED, default)


def _generated(column: Column, columns: frozenset[str]) -> Column:
    """The column, generated where its default refers to others."""
    default = column.default
    if default is None or default.kind is not DefaultKind.EXPRESSION or not refers_to(default.sql, columns):
        return column
    return replace(column, default=None, generated=default.sql)


def _primary_key(model: Model) -> PrimaryKey | None:
    key = model.primary_key
    if key is None:
        return None
    columns = tuple(column_of(model, each.field) for each in key.fields)
    return PrimaryKey(key.map or primary_key_name(model.table), columns)
