"""What a database has and ``schema.prisma`` has no word for: it stays, although the schema does not mention it.

A schema that was lowered says nothing of partial indexes, checks, generated columns, views and the like. To it is
added what the database has of these, so that the two are equal there. What stands on a column or table that goes,
goes with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from pgarchitect.schema.database_schema import (
    Column,
    DatabaseSchema,
    DefaultKind,
    EnumType,
    ForeignKey,
    Index,
    PrimaryKey,
    Table,
    View,
)
from pgarchitect.schema.ddl.tables import parents_first
from pgarchitect.schema.difference.enums import with_additions
from pgarchitect.schema.difference.equality import same_expression, same_foreign_key, same_index, same_type
from pgarchitect.schema.difference.readers import Name, name_of, reads_any, with_readers
from pgarchitect.schema.expressible import is_expressible, read_index, written_type
from pgarchitect.schema.lowering.generated import refers_to

_STRINGS: Final = frozenset({"bpchar", "text", "varchar"})
_WHOLE: Final = frozenset({"int2", "int4", "int8"})


def with_kept(before: DatabaseSchema, after: DatabaseSchema) -> DatabaseSchema:
    """The second schema, and what only the first one can say."""
    tables = tuple(_table(before.table(each.schema, each.name), each, after) for each in after.tables)
    partitions = (*_partitions(before, after), *_void(before, after))
    kept = {(each.schema, each.name) for each in partitions}
    gone = {(each.schema, each.name) for each in before.tables if _is_gone(each, after)} - kept
    extensions = {each.name: each for each in (*before.extensions, *after.extensions)}
    return replace(
        after,
        extensions=tuple(extensions[name] for name in sorted(extensions)),
        enums=tuple(_enum(before.enum(each.schema, each.name), each) for each in after.enums),
        tables=(*tables, *partitions),
        views=tuple(_views(before, after, gone)),
        sequences=tuple(dict.fromkeys((*before.sequences, *after.sequences))),
    )


def _enum(old: EnumType | None, new: EnumType) -> EnumType:
    """The enum with its values where the database has them: Prisma adds them as the last, wherever the schema does."""
    if old is None or not set(old.labels) <= set(new.labels):
        return new
    return replace(new, labels=with_additions(old.labels, new.labels))


def _void(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Table]:
    """Tables without columns, which no model can stand for."""
    return (each for each in before.tables if not each.columns and _is_gone(each, after) and not each.partition_of)


def _is_gone(table: Table, after: DatabaseSchema) -> bool:
    return after.table(table.schema, table.name) is None


def _partitions(before: DatabaseSchema, after: DatabaseSchema) -> Iterator[Table]:
    """Partitions and heirs of tables that stay; the schema has no word for them either."""
    staying = {(each.schema, each.name) for each in after.tables}
    for table in before.tables:
        name = (table.schema, table.name)
        if name not in staying and table.partition_of in staying:
            staying.add(name)
            yield table


def _views(before: DatabaseSchema, after: DatabaseSchema, gone: set[Name]) -> Iterator[View]:
    """The views, but those that read what goes, and those that read these."""
    columns = _gone_columns(before, after)
    lost = with_readers(before.views, lambda view: reads_any(view, gone, columns))
    return (each for each in before.views if name_of(each) not in lost)


def _gone_columns(before: DatabaseSchema, after: DatabaseSchema) -> dict[Name, frozenset[str]]:
    """The columns that go, of partitions and heirs as well."""
    found: dict[Name, frozenset[str]] = {}
    for table in parents_first(before.tables):
        new = after.table(table.schema, table.name)
        gone = frozenset(each.name for each in table.columns if new and new.column(each.name) is None)
        found[table.schema, table.name] = gone | _of_parent(table, found)
    return found


def _of_parent(table: Table, found: Mapping[Name, frozenset[str]]) -> frozenset[str]:
    return found.get(table.partition_of, frozenset()) if table.partition_of else frozenset()


def _table(old: Table | None, new: Table, after: DatabaseSchema) -> Table:
    if old is None:
        return new
    gone = frozenset(each.name for each in old.columns if new.column(each.name) is None)
    return replace(
        new,
        columns=tuple(_column(old.column(each.name), each) for each in new.columns),
        primary_key=_primary_key(old.primary_key, new.primary_key),
        indexes=tuple(_indexes(old, new, gone)),
        foreign_keys=tuple(_foreign_keys(old, new, after, gone)),
        constraints=tuple(each for each in old.constraints if not refers_to(each.definition, gone, printed=True)),
        partition_key=old.partition_key,
        partition_of=old.partition_of,
        partition_bound=old.partition_bound,
        row_security=old.row_security,
        comment=new.comment or old.comment,
        unlogged=old.unlogged,
    )


def _column(old: Column | None, new: Column) -> Column:
    if old is None:
        return new
    if old == new:
        return old
    kept = replace(new, comment=new.comment or old.comment)
    if new.type.array and old.type.array:
        # A list of Prisma's says nothing of NULL.
        kept = replace(kept, nullable=old.nullable)
    same = same_type(written_type(old.type), written_type(new.type))
    if same or {old.type.name, new.type.name} <= _STRINGS:
        kept = replace(kept, collation=old.collation)
    return _with_origin(old, replace(kept, type=old.type) if same else kept)


def _with_origin(old: Column, new: Column) -> Column:
    """A column with where its values come from: its identity, the sequence that it shares, what generates it."""
    counts = new.default is None or new.default.kind is DefaultKind.SEQUENCE
    if old.identity and counts and new.type.name in _WHOLE and not new.type.array:
        return replace(new, identity=old.identity, default=None)
    if new.generated:
        same = same_expression(old.generated, new.generated)
        return replace(new, generated=old.generated, stored=old.stored, nullable=old.nullable) if same else new
    if old.generated and (new.default is None or new.default.kind is DefaultKind.EXPRESSION):
        return replace(new, generated=old.generated, stored=old.stored, default=None, nullable=old.nullable)
    if counts and new.default and old.default and old.default.sql.startswith("nextval("):
        return replace(new, default=old.default)
    return new


def _indexes(old: Table, new: Table, gone: frozenset[str]) -> Iterator[Index]:
    names = {each.name: each for each in old.indexes}
    for index in new.indexes:
        ours = names.pop(index.name, None)
        yield ours if ours is not None and _means(index, ours) and not _stands_on(ours, gone) else index
    for index in names.values():
        if not is_expressible(index) and not _stands_on(index, gone) and not _said(index, old, new):
            yield index


def _said(index: Index, old: Table, new: Table) -> bool:
    """Whether the schema has the same index under another name: it is renamed then."""
    taken = {each.name for each in old.indexes}
    return any(each.name not in taken and same_index(index, each) for each in new.indexes)


def _means(said: Index, ours: Index) -> bool:
    """Whether what the schema says of an index is all that it can say of ours; a condition may be left out."""
    if said == ours:
        return True
    read, written = _as_written(ours), _as_written(said)
    return same_index(read, written) or (not said.where and same_index(replace(read, where=""), written))


def _as_written(index: Index) -> Index:
    return replace(read_index(index) or index, valid=index.valid)


def _stands_on(index: Index, columns: frozenset[str]) -> bool:
    named = {*(each.name for each in index.columns), *index.included}
    expressions = (index.where, *(each.expression for each in index.columns))
    return bool(named & columns) or any(refers_to(each, columns, printed=True) for each in expressions)


def _foreign_keys(old: Table, new: Table, after: DatabaseSchema, gone: frozenset[str]) -> Iterator[ForeignKey]:
    """Those of the schema, deferrable, not enforced and so on as they are; and those that lead out of it."""
    for key in new.foreign_keys:
        ours = next((each for each in old.foreign_keys if _means_key(key, each)), None)
        if ours is not None:
            yield replace(ours, name=key.name)
            continue
        led = next((each for each in old.foreign_keys if _way(each) == _way(key)), None)
        yield key if led is None else _led_otherwise(led, key)
    for key in old.foreign_keys:
        if key.schema not in after.schemas and not gone & set(key.columns):
            yield key


def _means_key(said: ForeignKey, ours: ForeignKey) -> bool:
    """Whether a foreign key is what the schema says, whenever it is checked; most that are not have other columns."""
    return said.columns == ours.columns and same_foreign_key(_plain(ours), _plain(said))


def _way(key: ForeignKey) -> tuple[object, ...]:
    """From where to where it leads, whatever happens to the rows."""
    return key.columns, key.schema, key.table, key.references


def _led_otherwise(old: ForeignKey, new: ForeignKey) -> ForeignKey:
    """A key with another action, and what the schema has no word for as it is."""
    return replace(
        new,
        deferrable=old.deferrable,
        initially_deferred=old.initially_deferred,
        match_full=old.match_full,
        period=old.period,
        enforced=old.enforced,
    )


def _plain(key: ForeignKey) -> ForeignKey:
    return replace(
        key, deferrable=False, initially_deferred=False, match_full=False, set_columns=(), period=False, enforced=True
    )


def _primary_key(old: PrimaryKey | None, new: PrimaryKey | None) -> PrimaryKey | None:
    """That of the schema; of the same columns as it is, but for its name."""
    same = old is not None and new is not None and old.columns == new.columns
    return replace(old, name=new.name) if same and old and new else new
