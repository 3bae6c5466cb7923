"""Models without what may be written or left out: two that mean the same are equal."""

import json
from dataclasses import replace
from typing import Final

from pgarchitect.schema.lowering.names import foreign_key_name, index_name, primary_key_name
from pgarchitect.schema.modelling.keys import NOWHERE
from pgarchitect.schema.psl.prisma_schema import (
    Default,
    Field,
    Index,
    LiteralDefault,
    Model,
    NativeType,
    PrimaryKey,
    ReferentialAction,
    Relation,
    Scalar,
)

_USUAL: Final = {
    Scalar.STRING: NativeType("Text"),
    Scalar.BOOLEAN: NativeType("Boolean"),
    Scalar.INT: NativeType("Integer"),
    Scalar.BIG_INT: NativeType("BigInt"),
    Scalar.FLOAT: NativeType("DoublePrecision"),
    Scalar.DECIMAL: NativeType("Decimal", ("65", "30")),
    Scalar.DATE_TIME: NativeType("Timestamp", ("3",)),
    Scalar.JSON: NativeType("JsonB"),
    Scalar.BYTES: NativeType("ByteA"),
}
"""The native types that a scalar has anyway."""


def plain(model: Model) -> Model:
    """A model without its places in files, its documentation, and what is said although it goes without saying."""
    columns = {each.name: each.column for each in model.columns}
    fields = tuple(sorted((_field(each, model, columns) for each in model.fields), key=lambda each: each.name))
    indexes = tuple(sorted({_index(each, model, columns) for each in model.indexes}, key=repr))
    key = _primary_key(model.primary_key, model)
    return replace(model, fields=fields, indexes=indexes, primary_key=key, span=NOWHERE, documentation="")


def _field(field: Field, model: Model, columns: dict[str, str]) -> Field:
    native = field.native_type
    if isinstance(field.type, Scalar) and native == _USUAL[field.type]:
        native = None
    if native is not None and native.name in {"Decimal", "VarChar", "Char", "Timestamp", "Timestamptz"}:
        native = _with_arguments(native)
    relation = _relation(field.relation, model, columns) if field.relation else None
    default = _default(field.default, field)
    return replace(
        field, native_type=native, default=default, relation=relation, span=NOWHERE, documentation="", ignored=False
    )


def _default(default: Default | None, field: Field) -> Default | None:
    """JSON is the same in whatever order and with whatever blanks it is written."""
    if field.type is not Scalar.JSON or not isinstance(default, LiteralDefault):
        return default
    try:
        return replace(default, text=json.dumps(json.loads(default.text), sort_keys=True))
    except ValueError:
        return default


def _with_arguments(native: NativeType) -> NativeType:
    """``Decimal(10)`` is ``Decimal(10, 0)``, ``Char`` is ``Char(1)``."""
    if native.name == "Decimal" and len(native.arguments) == 1:
        return NativeType(native.name, (native.arguments[0], "0"))
    if native.name == "Char" and not native.arguments:
        return NativeType(native.name, ("1",))
    return native


def _relation(relation: Relation, model: Model, columns: dict[str, str]) -> Relation:
    if not relation.fields:
        return relation
    fields = [model.field(each) for each in relation.fields]
    optional = any(each is not None and not each.is_required for each in fields)
    usual = ReferentialAction.SET_NULL if optional else ReferentialAction.RESTRICT
    name = foreign_key_name(model.table, [columns.get(each, each) for each in relation.fields])
    return replace(
        relation,
        on_delete=None if relation.on_delete is usual else relation.on_delete,
        on_update=None if relation.on_update is ReferentialAction.CASCADE else relation.on_update,
        map=None if relation.map == name else relation.map,
    )


def _index(index: Index, model: Model, columns: dict[str, str]) -> Index:
    name = index_name(model.table, [columns.get(each.field, each.field) for each in index.fields], unique=index.unique)
    return replace(
        index,
        fields=tuple(
            replace(each, sort=None if each.sort == "Asc" else each.sort, operator_class=None) for each in index.fields
        ),
        name=None,
        map=None if index.map == name else index.map,
        method=None if index.method == "BTree" else index.method,
        on_field=False,
        span=NOWHERE,
    )


def _primary_key(key: PrimaryKey | None, model: Model) -> PrimaryKey | None:
    if key is None:
        return None
    mapped = None if key.map == primary_key_name(model.table) else key.map
    return replace(key, name=None, map=mapped, on_field=False)
