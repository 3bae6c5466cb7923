"""Existing indexes that a new one extends: it begins with the same keys, so that nobody needs both."""

from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey, canonical, canonical_condition, last_part
from pgarchitect.schema.catalog import Index

_METHOD = "btree"


def extends(definition: IndexDefinition, index: Index) -> bool:
    """Whether a new index can do all that an existing one can, which nothing but plans needs."""
    if index.held or not index.valid or {index.method, definition.method} != {_METHOD} or definition.table.kind == "p":
        return False
    held = {*map(_key, definition.keys), *map(canonical, definition.included)}
    if canonical_condition(index.condition) != canonical_condition(definition.where):
        return False
    return _begins_alike(definition, index) and {canonical(each) for each in index.included} <= held


def _begins_alike(definition: IndexDefinition, index: Index) -> bool:
    first = definition.keys[: len(index.keys)]
    classes = index.classes or ("",) * len(index.keys)
    wanted = tuple((_key(key), last_part(key.operator_class)) for key in first)
    if wanted != tuple(zip(map(canonical, index.keys), classes, strict=True)):
        return False
    order = tuple(zip(index.descending, index.nulls_first, strict=True))
    found = tuple((key.descending, _nulls_first(key)) for key in first)
    return found in {order, tuple((not descending, not nulls) for descending, nulls in order)}


def _key(key: IndexKey) -> str:
    return canonical(key.sql)


def _nulls_first(key: IndexKey) -> bool:
    return key.descending if key.nulls_first is None else key.nulls_first
