"""What a database has and ``schema.prisma`` has no word for: it stays, although the schema does not mention it.

A schema that was lowered says nothing of partial indexes, checks, generated columns, views and the like. To it is
added what the database has of these, so that the two are equal there. What stands on a column or table that goes,
goes with it.
"""

from collections.abc import Iterator
from dataclasses import replace

from pgarchitect.schema.database_schema import (
    Column,
    DatabaseSchema,
    DefaultKind,
    EnumType,
    ForeignKey,
    Index,
    Table,
    View,
)
from pgarchitect.schema.difference.enums import with_additions
from pgarchitect.schema.difference.equality import same_expression, same_foreign_key, same_index, same_type
from pgarchitect.schema.difference.identifiers import mentioned, mentions
from pgarchitect.schema.expressible import is_expressible, read_index, written_type


def with_kept(before: DatabaseSchema, after: DatabaseSchema) -> DatabaseSchema:
    """The second schema, and what only the first one can say."""
    tables = tuple(_table(before.table(each.schema, each.name), each, after) for each in after.tables)
    partitions = (*_partitions(before, after), *_void(before, after))
    gone = {each.name for each in before.tables if _is_gone(each, after)} - {each.name for each in after.tables}
    gone -= {each.name for each in partitions}
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


def _views(before: DatabaseSchema, after: DatabaseSchema, gone: set[str]) -> Iterator[View]:
    """The views, but those that read what goes, and those that read these."""
    lost = set(gone)
    columns = _gone_columns(before, after)
    for view in before.views:
        words = mentioned(view.definition)
        broken = any(table in words and not words.isdisjoint(names) for table, names in columns.items())
        if broken or not words.isdisjoint(lost):
            lost.add(view.name)
        else:
            yield view


def _gone_columns(before: DatabaseSchema, after: DatabaseSchema) -> dict[str, frozenset[str]]:
    found = {}
    for table in before.tables:
        new = after.table(table.schema, table.name)
        if new is not None:
            found[table.name] = frozenset(each.name for each in table.columns if new.column(each.name) is None)
    return found


def _table(old: Table | None, new: Table, after: DatabaseSchema) -> Table:
    if old is None:
        return new
    gone = frozenset(each.name for each in old.columns if new.column(each.name) is None)
    return replace(
        new,
        columns=tuple(_column(old.column(each.name), each) for each in new.columns),
        indexes=tuple(_indexes(old, new, gone)),
        foreign_keys=tuple(_foreign_keys(old, new, after, gone)),
        constraints=tuple(each for each in old.constraints if not mentions(each.definition, gone)),
        partition_key=old.partition_key,
        partition_of=old.partition_of,
        partition_bound=old.partition_bound,
        row_security=old.row_security,
        comment=new.comment or old.comment,
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
    if not same_type(written_type(old.type), written_type(new.type)):
        return kept
    kept = replace(kept, type=old.type, collation=old.collation)
    counts = new.default is None or new.default.kind is DefaultKind.SEQUENCE
    if counts and new.default and old.default and old.default.sql.startswith("nextval("):
        kept = replace(kept, default=old.default)
    if old.identity and counts:
        kept = replace(kept, identity=old.identity, default=None)
    if new.generated:
        same = same_expression(old.generated, new.generated)
        return replace(kept, generated=old.generated, stored=old.stored, nullable=old.nullable) if same else kept
    if old.generated and (new.default is None or new.default.kind is DefaultKind.EXPRESSION):
        kept = replace(kept, generated=old.generated, stored=old.stored, default=None, nullable=old.nullable)
    return kept


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
    return bool(named & columns) or any(mentions(each, columns) for each in expressions)


def _foreign_keys(old: Table, new: Table, after: DatabaseSchema, gone: frozenset[str]) -> Iterator[ForeignKey]:
    """Those of the schema, deferrable and not yet valid as they are; and those that lead out of what it describes."""
    for key in new.foreign_keys:
        ours = next((each for each in old.foreign_keys if _means_key(key, each)), None)
        if ours is None or ours == key:
            yield key
        else:
            deferrable, deferred = ours.deferrable, ours.initially_deferred
            yield replace(key, deferrable=deferrable, initially_deferred=deferred, validated=ours.validated)
    for key in old.foreign_keys:
        if key.schema not in after.schemas and not gone & set(key.columns):
            yield key


def _means_key(said: ForeignKey, ours: ForeignKey) -> bool:
    """Whether a foreign key is what the schema says, whenever it is checked; most that are not have other columns."""
    return said.columns == ours.columns and same_foreign_key(_plain(ours), _plain(said))


def _plain(key: ForeignKey) -> ForeignKey:
    return replace(key, deferrable=False, initially_deferred=False)
