"""The steps from one schema to another, in an order that always works."""

from collections.abc import Iterator
from dataclasses import replace

from pgarchitect.schema.database_schema import DatabaseSchema, Table
from pgarchitect.schema.ddl.partitions import add_own_constraints
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.ddl.sequences import create_sequence, own_sequence, owned_sequences
from pgarchitect.schema.ddl.tables import create_table, drop_table, enable_row_security
from pgarchitect.schema.difference.alter_table import alter_table_steps, key_stays
from pgarchitect.schema.difference.comments import comment_steps
from pgarchitect.schema.difference.constraints import constraint_steps
from pgarchitect.schema.difference.enums import committed_in_time, enum_steps, in_one_transaction
from pgarchitect.schema.difference.foreign_keys import foreign_key_steps
from pgarchitect.schema.difference.foundations import foundation_steps
from pgarchitect.schema.difference.indexes import IndexChanges, create_step, index_changes, index_steps
from pgarchitect.schema.difference.kept import with_kept
from pgarchitect.schema.difference.matching import Tables, match_tables
from pgarchitect.schema.difference.partitions import inherited_columns, own_parts, partition_steps
from pgarchitect.schema.difference.relation_names import relation_renames
from pgarchitect.schema.difference.renamed_first import renamed_first
from pgarchitect.schema.difference.step import Step, StepKind
from pgarchitect.schema.difference.touched import Name, Touched, touched
from pgarchitect.schema.difference.views import view_steps
from pgarchitect.schema.difference.wishes import Wishes


def difference(before: DatabaseSchema, after: DatabaseSchema, wishes: Wishes | None = None) -> tuple[Step, ...]:
    """The steps that turn a database of one schema into one of the other, with as much data kept as can be.

    Expressions are compared as texts: let one server spell them first (:func:`~pgarchitect.schema.spelling.spelled`).

    Args:
        before: the database as it is.
        after: as it is to be.
        wishes: what was renamed, and what is to be left alone.

    Raises:
        UsageError: a rename that was wished for is about nothing.
    """
    wishes = wishes or Wishes()
    home = next(iter((*after.schemas, *before.schemas)), "public")
    now, renames = renamed_first(before, after, wishes, home)
    if wishes.keep_inexpressible:
        after = with_kept(now, after)
    steps = [*renames, *_steps(own_parts(now), own_parts(after), wishes, home)]
    ordered = in_one_transaction(sorted(steps, key=lambda each: each.place))
    return tuple(committed_in_time(ordered))


def _steps(before: DatabaseSchema, after: DatabaseSchema, wishes: Wishes, home: str) -> Iterator[Step]:
    tables = match_tables(before, after)
    changed = touched(before, after, tables)
    indexes = index_changes(tables, changed)
    yield from foundation_steps(before, after, home)
    yield from enum_steps(before, after, tables, changed, home)
    for table in tables.dropped:
        yield _dropped(table, home)
    for old, new in tables.pairs:
        yield from _table_steps((old, new), (before, after), changed, home)
    for table in tables.created:
        yield from _created(table, after, home)
    yield from relation_renames(tables, indexes, changed, home)
    for each in indexes:
        yield from index_steps(each, home, concurrently=wishes.concurrently)
    yield from foreign_key_steps(tables, changed, _redone(tables, indexes, changed), home)
    yield from view_steps(before, after, changed, home)


def _table_steps(
    pair: tuple[Table, Table], databases: tuple[DatabaseSchema, DatabaseSchema], changed: Touched, home: str
) -> Iterator[Step]:
    old, new = pair
    before, after = databases
    yield from partition_steps(old, new, home)
    yield from constraint_steps(old, new, changed, home)
    yield from alter_table_steps(old, new, inherited_columns(new, after, old, before), changed, home)
    yield from comment_steps(old, new, changed.gone.get((old.schema, old.name), frozenset()), home)


def _dropped(table: Table, home: str) -> Step:
    name = qualified(table.schema, table.name, home)
    warning = f"The table {name} is dropped: all its rows are lost."
    return Step(StepKind.DROP_TABLE, (drop_table(table, home),), name, f"table {name}", (warning,))


def _created(table: Table, after: DatabaseSchema, home: str) -> Iterator[Step]:
    name = qualified(table.schema, table.name, home)
    statements = [create_table(table, home)]
    for sequence, _, column in owned_sequences(replace(after, tables=(table,))):
        its_name = qualified(sequence.schema, sequence.name, home)
        yield Step(StepKind.CREATE_SEQUENCE, (create_sequence(sequence, home),), its_name)
        statements.append(own_sequence(sequence, table, column, home))
    if table.row_security:
        statements.append(enable_row_security(table, home))
    yield Step(StepKind.CREATE_TABLE, (*statements, *add_own_constraints(table, after, home)), name)
    yield from comment_steps(None, table, frozenset(), home)
    for index in table.indexes:
        yield create_step((table.schema, table.name), index, home)


def _redone(tables: Tables, indexes: tuple[IndexChanges, ...], changed: Touched) -> dict[Name, set[frozenset[str]]]:
    """Columns of primary keys and unique indexes that are dropped: no foreign key may lead there meanwhile."""
    found: dict[Name, set[frozenset[str]]] = {}
    for each in indexes:
        unique = (index for index in each.indexes.dropped if index.unique)
        found[each.owner] = {frozenset(key.name for key in index.columns) for index in unique}
    for old, new in tables.pairs:
        if old.primary_key and not key_stays(old, new, changed):
            found.setdefault((old.schema, old.name), set()).add(frozenset(old.primary_key.columns))
    return found
