"""Tables that come to a parent or leave it: partitions, and tables that inherit."""

from collections.abc import Iterator
from dataclasses import replace

from pgarchitect.schema.database_schema import DatabaseSchema, Table
from pgarchitect.schema.ddl.partitions import own_constraints, own_foreign_keys
from pgarchitect.schema.ddl.quoting import qualified
from pgarchitect.schema.difference.step import Step, StepKind


def partition_steps(old: Table, new: Table, home: str) -> Iterator[Step]:
    """The steps of one table that stays."""
    if (old.partition_of, old.partition_bound) == (new.partition_of, new.partition_bound):
        return
    name = qualified(new.schema, new.name, home)
    if old.partition_of:
        parent = qualified(*old.partition_of, home)
        leave = f"ALTER TABLE {parent} DETACH PARTITION {name};"
        if not old.partition_bound:
            leave = f"ALTER TABLE {name} NO INHERIT {parent};"
        yield Step(StepKind.DETACH_PARTITION, (leave,), name)
    if new.partition_of:
        parent = qualified(*new.partition_of, home)
        come = f"ALTER TABLE {parent} ATTACH PARTITION {name} {new.partition_bound};"
        if not new.partition_bound:
            come = f"ALTER TABLE {name} INHERIT {parent};"
        yield Step(StepKind.ATTACH_PARTITION, (come,), name)


def own_parts(database: DatabaseSchema) -> DatabaseSchema:
    """The schema with what partitions and heirs have of their own: all else comes and goes with their parents'."""
    return replace(database, tables=tuple(_own(each, database) for each in database.tables))


def _own(table: Table, database: DatabaseSchema) -> Table:
    parent = database.table(*table.partition_of) if table.partition_of else None
    if parent is None:
        return table
    own = replace(table, constraints=tuple(own_constraints(table, parent)))
    if not table.partition_bound:
        return own
    key = None if parent.primary_key else table.primary_key
    return replace(own, primary_key=key, foreign_keys=tuple(own_foreign_keys(table, database)))


def inherited_columns(new: Table, after: DatabaseSchema, old: Table, before: DatabaseSchema) -> frozenset[str]:
    """Columns of a table that are altered with its parent's."""
    if new.partition_of is None or old.partition_of != new.partition_of:
        return frozenset()
    parents = (before.table(*new.partition_of), after.table(*new.partition_of))
    return frozenset(column.name for parent in parents if parent for column in parent.columns)
