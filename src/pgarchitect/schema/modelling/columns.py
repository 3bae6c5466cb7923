"""Columns → fields."""

import json
from dataclasses import replace

from pgarchitect.schema.database_schema import Column, ColumnDefault, DefaultKind
from pgarchitect.schema.difference.equality import same_default, same_type
from pgarchitect.schema.expressible import written_type
from pgarchitect.schema.lowering.column_types import column_type
from pgarchitect.schema.modelling.defaults import default_for
from pgarchitect.schema.modelling.known import Known
from pgarchitect.schema.modelling.names import Names
from pgarchitect.schema.modelling.place import NOWHERE, Place
from pgarchitect.schema.modelling.types import field_type, is_list
from pgarchitect.schema.psl.prisma_schema import Arity, Field


def column_field(column: Column, place: Place, names: Names, known: Known, earlier: Field | None) -> Field:
    """The field of a column.

    Args:
        column: of the table or view.
        place: where that is.
        names: of everything.
        known: an earlier schema.
        earlier: the field there; what the database does not know of it stays, and how it tells the same thing.
    """
    kind, native = field_type(column.type, names.enums, known.home)
    written = written_type(column.type)
    labels = names.values.get((written.schema, written.name), {})
    field = Field(
        names.fields[place][column.name],
        kind,
        _arity(column),
        column.name,
        native,
        default_for(column, kind, native, labels),
        updated_at=False,
        ignored=False,
        relation=None,
        documentation="",
        span=NOWHERE,
    )
    return field if earlier is None else _as_known(field, column, place, known, earlier)


def _arity(column: Column) -> Arity:
    if is_list(column.type):
        return Arity.LIST
    return Arity.OPTIONAL if column.nullable else Arity.REQUIRED


def _as_known(field: Field, column: Column, place: Place, known: Known, earlier: Field) -> Field:
    said = column_type(earlier, known.schema, known.home)
    before = known.default(place, column.name)
    if same_type(written_type(said), written_type(column.type)):
        field = replace(field, type=earlier.type, native_type=earlier.native_type)
    return replace(
        field,
        default=earlier.default if _tells(column, before) else field.default,
        updated_at=earlier.updated_at,
        ignored=earlier.ignored,
        documentation=earlier.documentation,
        span=earlier.span,
    )


def _tells(column: Column, before: ColumnDefault | None) -> bool:
    """Whether an earlier field's default is what the database has, or none of its business."""
    if column.default is None:
        if column.identity is not None:
            return before is not None and before.kind is DefaultKind.SEQUENCE
        return before is None and not column.generated
    return before is not None and _is_same(before, column, column.default)


def _is_same(before: ColumnDefault, column: Column, default: ColumnDefault) -> bool:
    if column.type.name in {"json", "jsonb"} and before.kind is default.kind is DefaultKind.LITERAL:
        return _document(before.sql) == _document(default.sql)
    as_said = replace(column, default=before)
    printed = replace(column, default=replace(default, sql=default.printed or default.sql))
    return same_default(as_said, column) or same_default(as_said, printed)


def _document(sql: str) -> object:
    """A constant of JSON as a value; blanks and the order of its members mean nothing."""
    try:
        return json.loads(sql[1:-1].replace("''", "'"))
    except ValueError:
        return sql
